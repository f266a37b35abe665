"""Pairs of reports that may tell of one attack: they share a key and their days are near."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from inference.incidents.report import Report

NEAR_DAYS = 1  # days between two dates that may still be one


def candidates(reports: Sequence[Report]) -> Iterator[tuple[int, int]]:
    """Yield pairs of positions, each once, without holding them.

    Yields:
        Pairs of different articles on days at most one apart that share a place, a name or what was hit, or a country
        and the type.
    """
    keys = [_keys(report) for report in reports]
    blocks: dict[str, list[int]] = defaultdict(list)
    for position in sorted(range(len(reports)), key=lambda at: reports[at].days):
        for key in keys[position]:
            blocks[key].append(position)
    for key, block in blocks.items():
        for number, i in enumerate(block):
            last = reports[i].days[1] + NEAR_DAYS
            for j in block[number + 1 :]:
                if reports[j].days[0] > last:  # so is every later one
                    break
                # A pair that shares several keys belongs to the block of the first.
                if reports[i].document != reports[j].document and min(keys[i] & keys[j]) == key:
                    yield (i, j) if i < j else (j, i)


def _keys(report: Report) -> frozenset[str]:
    alike = {f"{country}.{what}" for country in report.countries for what in (report.kind, *report.heads)}
    named = report.places | report.regions | report.names | report.told | alike
    return named if report.places or report.told else named | {f"{head}." for head in report.heads}
