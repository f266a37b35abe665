"""Rows of events and spans: every column, empty where nothing is told, ids that stay."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Schema, load_schema
from inference import Model, Prediction, predictions_to_dataframe
from inference.incidents import incident_columns
from inference.numbers.toll import Toll
from inference.prediction import Claim, EventToll, Participant, PredictedEvent, PredictedSpan
from inference.tables import event_columns, span_columns
from inference.tables.codebook import codebook

SCHEMA = load_schema()
TEXT = "Gunmen raided a mill in\r\nNdoro, killing at least 12 farmers. It rained. Nobody was hurt. The raid ended."
CODEBOOK = Path(__file__).parents[3] / "docs" / "codebook.md"


def span(number: int, words: str, label: str, kind: str | None = None) -> PredictedSpan:
    start = TEXT.index(words)
    return PredictedSpan(f"S{number}", start, start + len(words), words, label, kind, 0.9)


def made(toll: dict[str, EventToll], text: str = TEXT, schema: Schema = SCHEMA) -> Prediction:
    spans = [
        span(1, "Gunmen", "PERPETRATOR"),
        span(2, "raided", "ATTACK", "armed_assault"),
        span(3, "Ndoro", "LOCATION"),
        span(4, "at least 12", "TOLL", "killed"),
        span(5, "farmers", "VICTIM"),
        span(6, "raid ended", "ATTACK", "armed_assault"),
    ]
    gunmen, raided, ndoro, _, farmers, ended = spans
    event = PredictedEvent(
        id="E1",
        attack_type="armed_assault",
        score=0.9,
        triggers=(raided, ended),
        participants={
            "perpetrators": (
                Participant("Gunmen", (gunmen,)),
                Participant("gunmen", (gunmen,)),
                Participant("VDF", ()),
            ),
            "victims": (Participant("farmers", (farmers,), "civilian", True), Participant("Sow", (), None, True)),
        },
        toll=toll,
        mentions={"locations": (ndoro,)},
        flags={"claimed": True},
        codes={"gtd": "Armed Assault", "acled": "Attack", "muc4": None},
    )
    return Prediction(text, spans, [event], "m", 1, schema)


def test_a_row_has_every_column_in_order() -> None:
    (row,) = made(
        {"killed": EventToll(Toll(12, None), (span(4, "at least 12", "TOLL", "killed"),), ("at least 12",))}
    ).to_rows("a.txt")
    assert list(row) == [column.name for column in event_columns(SCHEMA)]
    assert (row["source_id"], row["event_type"], row["gtd_type"], row["muc4_type"]) == (
        "a.txt",
        "armed_assault",
        "Armed Assault",
        None,
    )
    assert (row["actor1"], row["actor2"], row["victim_category"]) == ("Gunmen; VDF", "farmers; Sow", "civilian")
    assert (row["location"], row["target"], row["claimed"], row["suicide"]) == ("Ndoro", None, True, None)
    assert row["notes"] == "Gunmen raided a mill in Ndoro, killing at least 12 farmers. … The raid ended."


def test_a_toll_that_nobody_reported_is_empty_and_a_told_zero_is_zero() -> None:
    tolls = {"killed": EventToll(Toll(None, None, True), (), ("many",)), "injured": EventToll(Toll(0, 0), (), ("no",))}
    (row,) = made(tolls).to_rows()
    assert [row[f"fatalities_{end}"] for end in ("low", "high", "approximate", "words")] == [None, None, True, "many"]
    assert [row[f"injured_{end}"] for end in ("low", "high", "approximate")] == [0, 0, False]
    assert [row[f"abducted_{end}"] for end in ("low", "high", "approximate", "words")] == [None] * 4
    frame = made(tolls).to_dataframe()
    assert frame["injured_low"].tolist() == [0]
    assert frame[["fatalities_low", "abducted_low", "displaced_approximate"]].isna().all(axis=None)


def test_figures_that_contradict_each_other_are_told_with_their_sources() -> None:
    figure = span(4, "at least 12", "TOLL", "killed")
    claims = (Claim("police", Toll(12, None), (figure,)), Claim(None, Toll(15, 15), ()))
    injured = EventToll(Toll(3, 3), ())
    tolls = {"killed": EventToll(Toll(12, None), (figure,), ("at least 12",), claims=claims), "injured": injured}
    (row,) = made(tolls).to_rows()
    assert row["claims"] == "killed: 12 or more (police); killed: 15 (the text)"
    assert made({"injured": injured}).to_rows()[0]["claims"] is None


def test_event_ids_depend_on_the_text_and_the_first_trigger_alone() -> None:
    one, other, longer = (made({}, text) for text in (TEXT, TEXT, TEXT + " More."))
    assert one.to_rows("a")[0]["event_id"] == other.to_rows("b")[0]["event_id"]
    assert one.to_rows("a")[0]["event_id"] != longer.to_rows("a")[0]["event_id"]
    assert str(one.to_rows()[0]["event_id"]).endswith(f"-{TEXT.index('raided')}")


def test_spans_name_their_events() -> None:
    found = made({}).to_span_rows("a")
    assert list(found[0]) == [column.name for column in span_columns()]
    event_id = made({}).to_rows()[0]["event_id"]
    assert [row["event_id"] for row in found] == [event_id, event_id, event_id, None, event_id, event_id]
    assert all(TEXT[int(row["start"] or 0) : int(row["end"] or 0)] == row["text"] for row in found)


def test_frames_keep_their_columns_without_events() -> None:
    empty = Prediction("Rain.", [], [], "m", 1, SCHEMA)
    frame = predictions_to_dataframe([empty, made({}), made({})])
    assert frame["source_id"].tolist() == ["2", "3"]
    assert list(frame.columns) == list(empty.to_dataframe().columns) == [c.name for c in event_columns(SCHEMA)]
    assert isinstance(frame, pandas.DataFrame)
    assert frame.dtypes.equals(empty.to_dataframe().dtypes)


@pytest.mark.parametrize("wrong", [([], None), (["p"], ["a", "b"])])
def test_frames_refuse_what_has_no_columns_or_too_many_ids(wrong: tuple[list[str], list[str] | None]) -> None:
    with pytest.raises(ValueError, match=r"source_ids|at least one"):
        predictions_to_dataframe([made({}) for _ in wrong[0]], wrong[1])


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map("Gunmen fired; {} died.".format))
def test_rows_of_any_text_have_all_columns(tiny_model_folder: Path, text: str) -> None:
    prediction = Model(tiny_model_folder).predict(text)
    rows = prediction.to_rows("t")
    assert [row["event_id"] for row in rows] == list(dict.fromkeys(row["event_id"] for row in rows))
    assert all(list(row) == [column.name for column in event_columns(prediction.schema)] for row in rows)
    assert len(prediction.to_span_rows("t")) == len(prediction.spans)


def test_columns_follow_from_another_schema_and_never_share_a_name() -> None:
    kinds = {"safety": {"definition": "."}}
    schema = Schema.model_validate(
        {
            "name": "recalls",
            "version": 1,
            "trigger": "RECALL",
            "quantity": "COUNT",
            "labels": {
                "RECALL": {"role": "triggers", "definition": ".", "types": kinds},
                "COUNT": {"role": "tolls", "definition": ".", "types": {"units": {"definition": "Units."}}},
                "NOTE": {"role": "notes", "definition": ".", "named": True},
            },
        }
    )
    names = [column.name for column in event_columns(schema)]
    assert len(set(names)) == len(names)
    assert {"notes", "notes_2", "units_low"} <= set(names)
    assert not {"event_date", "actor1", "gtd_type"} & set(names)


def test_the_codebook_is_the_one_of_the_shipped_schema() -> None:
    assert CODEBOOK.read_text(encoding="utf-8") == codebook(SCHEMA, incident_columns())


def test_every_column_is_in_the_codebook() -> None:
    shown = codebook(SCHEMA)
    assert all(f"| `{column.name}` |" in shown for column in (*event_columns(SCHEMA), *span_columns()))
