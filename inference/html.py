"""Predictions as HTML: text with its spans marked, and a table of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from annotations.schema import Schema
from inference.spans import PredictedSpan

_STYLE = """
.ce{font:16px/1.75 Georgia,serif;max-width:46rem;color:#1c1c1c;background:#fff;padding:1rem;border:1px solid
#ddd;border-radius:6px} .ce p{white-space:pre-wrap;margin:0 0 1rem;overflow-wrap:anywhere}
.ce mark{background:color-mix(in srgb,var(--c) 20%,transparent);border-bottom:2px solid
var(--c);color:inherit;padding:1px 2px;border-radius:3px} .ce mark small{font:600 .62em/1
system-ui,sans-serif;color:var(--c);margin-left:.3em;letter-spacing:.02em;white-space:nowrap}
.ce table{border-collapse:collapse;font:14px/1.4 system-ui,sans-serif;width:100%}
.ce th,.ce td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-top:1px solid #ddd;overflow-wrap:break-word}
.ce caption{text-align:left;font:600 14px system-ui,sans-serif;padding:.3rem 0}
@media(prefers-color-scheme:dark){.ce{background:#16181c;color:#e8e6e3;border-color:#333}.ce th,.ce
td{border-color:#333} .ce mark small{color:color-mix(in srgb,var(--c) 55%,white)}}
"""


def fragment(text: str, spans: Iterable[PredictedSpan], events: Sequence[Mapping[str, str]], schema: Schema) -> str:
    """Return a text with its spans marked, and its events in a table.

    Args:
        text: The text.
        spans: Its spans in order of offset, never overlapping.
        events: The table row of each event: cells by heading, with the same headings in every row.
        schema: Colours of the labels, and the name of an event.

    Returns:
        An HTML fragment with its own style. All text is escaped.
    """
    return f'<div class="ce"><style>{_STYLE}</style><p>{_marked(text, spans, schema)}</p>{_table(events, schema)}</div>'


def page(fragments: Iterable[str], title: str = "conflict-events") -> str:
    """Return an HTML page of fragments."""
    return "".join(page_pieces(fragments, title))


def page_pieces(fragments: Iterable[str], title: str = "conflict-events") -> Iterator[str]:
    """Yield the pieces of a page, taking one fragment at a time."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    yield f"<!doctype html>\n<html lang='en'><head>{head}</head><body>\n"
    for number, made in enumerate(fragments):
        yield f"\n<br>\n{made}" if number else made
    yield "\n</body></html>\n"


def _marked(text: str, spans: Iterable[PredictedSpan], schema: Schema) -> str:
    pieces, at = [], 0
    for span in spans:
        color = schema.labels[span.label].color if span.label in schema.labels else "#777777"
        name = span.label.lower() + (f": {span.type}" if span.type else "")
        title = f"{span.id} {name}, {span.score:.2f}"
        pieces.append(escape(text[at : span.start]))
        mention = escape(text[span.start : span.end])
        pieces.append(
            f'<mark style="--c:{color}" title="{escape(title)}">{mention}<small>{escape(name)}</small></mark>'
        )
        at = span.end
    return "".join([*pieces, escape(text[at:])])


def _table(events: Sequence[Mapping[str, str]], schema: Schema) -> str:
    if not events:
        return f"<table><caption>No {escape(schema.event)} found</caption></table>"
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row.values()) + "</tr>" for row in events)
    head = "".join(f"<th>{escape(name)}</th>" for name in events[0])
    return f"<table><caption>{len(events)} event{'s' * (len(events) > 1)}</caption><tr>{head}</tr>{cells}</table>"
