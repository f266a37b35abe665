"""Schemas and YAML files: what is read, and how a slip of the pen is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from annotations import DataError, Document, Event, Schema, Span, load_schema
from annotations.document import ROLES
from annotations.io.config_files import config_folder, find_config, read_yaml, validated

SMALL: dict[str, Any] = {
    "name": "strikes",
    "version": 1,
    "trigger": "HIT",
    "quantity": "COUNT",
    "labels": {
        "HIT": {"role": "triggers", "definition": "A hit.", "types": {"air": {"definition": "From the air."}}},
        "COUNT": {"role": "tolls", "definition": "How many.", "types": {"dead": {"definition": "Dead."}}},
        "WHO": {"role": "perpetrators", "definition": "Who did it."},
    },
    "flags": {"night": [True], "stage": ["failed"]},
}


def saved(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def without(key: str) -> dict[str, Any]:
    return {k: value for k, value in SMALL.items() if k != key}


def with_label(**labels: Any) -> dict[str, Any]:
    return {**SMALL, "labels": {**SMALL["labels"], **labels}}


def test_a_schema_of_ones_own_gives_classes_and_tags_in_its_order(tmp_path: Path) -> None:
    schema = load_schema(saved(tmp_path / "mine.yaml", yaml.safe_dump(SMALL, sort_keys=False)))
    assert schema.classes == (("HIT", "air"), ("COUNT", "dead"), ("WHO", None))
    assert schema.tags == ("O", "B-HIT:air", "I-HIT:air", "B-COUNT:dead", "I-COUNT:dead", "B-WHO", "I-WHO")
    assert schema.class_names == ("HIT:air", "COUNT:dead", "WHO")
    assert schema.tag_labels == ("O", "HIT", "HIT", "COUNT", "COUNT", "WHO", "WHO")
    assert {schema.tags[number] for number in schema.begin_tags.values()} == {"B-HIT:air", "B-COUNT:dead", "B-WHO"}
    assert schema.tags[schema.begin_tags["COUNT", "dead"] + 1] == "I-COUNT:dead"
    assert schema.role("WHO") == "perpetrators"
    assert list(schema.attack_types) == ["air"]


def test_the_shipped_schema_fills_every_role_and_survives_as_yaml(tmp_path: Path) -> None:
    schema = load_schema("events")
    assert {schema.role(label) for label in schema.labels} == set(ROLES)
    copy = load_schema(saved(tmp_path / "copy.yaml", schema.to_yaml()))
    assert copy == schema
    assert copy.tags == schema.tags


def test_every_shipped_yaml_file_can_be_found_by_name() -> None:
    files = sorted(config_folder().rglob("*.yaml"))
    assert files
    for file in files:
        found = find_config(file.stem, str(file.parent.relative_to(config_folder())))
        assert found.samefile(file)
        assert read_yaml(found)


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ({**SMALL, "triger": "HIT"}, ["key triger: is not a known key; did you mean 'trigger'"]),
        (without("name"), ["key name: field required"]),
        ({**SMALL, "version": "first"}, ["key version: input should be a valid integer", "got 'first'"]),
        (
            with_label(WHO={"rol": "perpetrators", "definition": "Who."}),
            ["key labels.WHO.role: field required", "key labels.WHO.rol: is not a known key; did you mean 'role'"],
        ),
        (
            with_label(WHO={"role": "dates", "definition": "Who.", "types": {"army": {"definitoin": "Army."}}}),
            ["key labels.WHO.types.army.definitoin: is not a known key; did you mean 'definition'"],
        ),
        (with_label(WHO={"role": "flags", "definition": "Who."}), ["key labels.WHO.role: ", "'flags'"]),
        (with_label(WHO={"role": "the doers", "definition": "Who."}), ["key labels.WHO.role: ", "'the doers'"]),
        (
            with_label(WHO={"role": "dates", "definition": "Who.", "color": "red"}),
            ["key labels.WHO.color: ", "got 'red'"],
        ),
        ({**SMALL, "trigger": "HITS"}, ["trigger names 'HITS', which is not a label; did you mean 'HIT'"]),
        ({**SMALL, "quantity": "COUNTS"}, ["quantity names 'COUNTS', which is not a label; did you mean 'COUNT'"]),
        (with_label(WHOM={"role": "tolls", "definition": "Whom."}), ["'WHOM'", "'tolls'", "only the quantity label"]),
    ],
)
def test_a_wrong_schema_names_the_file_the_key_and_the_nearest_known(
    tmp_path: Path, content: dict[str, Any], messages: list[str]
) -> None:
    path = saved(tmp_path / "mine.yaml", content)
    with pytest.raises(DataError, match=r"mine\.yaml") as caught:
        load_schema(path)
    for message in messages:
        assert message in str(caught.value)
    assert {fault.file for fault in caught.value.faults} == {str(path)}


BREAK = [
    *(
        "A/B",
        "A:B",
        "A B",
        "A\tB",
        "A\nB",
        "A\n",
        "",
        " ",
        "[/b]",
        "<b>",
        "A'B",
        'A"B',
        "A&B",
        "A=B",
        "A,B",
        "A.B",
        "..",
    ),
    *("A\\B", "A%B", "A#B", "\x1b[2J", "A\x9b", "A\u202eB", "-A", "_A", "1A", "A" * 51, "A|B", "$A", "A\u0301"),
]


@pytest.mark.parametrize("name", BREAK)
def test_names_that_break_metrics_tags_and_files_are_refused(name: str) -> None:
    places = {
        "key labels": with_label(**{name: {"role": "dates", "definition": "When."}}),
        "key labels.WHO.types": with_label(
            WHO={"role": "dates", "definition": "Who.", "types": {name: {"definition": "Army."}}}
        ),
        "key flags": {**SMALL, "flags": {name: [True]}},
        "key flags ": {**SMALL, "flags": {"stage": [name]}},
    }
    for place, content in places.items():
        with pytest.raises(DataError) as caught:
            validated(Schema, content, "mine.yaml")
        (fault,) = caught.value.faults
        assert (fault.file, fault.place) == ("mine.yaml", place.strip())
        assert all(allowed in fault.problem for allowed in ("letters", "digits", "'_'", "'-'"))
        assert repr(name)[:50] in fault.problem


@pytest.mark.parametrize("names", [["micro"], ["Macro"], ["CORE"], ["O"], ["who"], ["Place", "PLACE"]])
def test_labels_that_would_be_taken_for_others_are_refused(names: list[str]) -> None:
    labels = {name: {"role": role, "definition": ""} for name, role in zip(names, ["dates", "locations"], strict=False)}
    with pytest.raises(DataError, match=rf"key labels.*{names[-1]}"):
        validated(Schema, with_label(**labels), "mine.yaml")


@pytest.mark.parametrize("name", ["TÄTER", "ЖЕРТВА", "死者", "Place_of_attack", "top-level", "X2"])
def test_names_of_letters_in_any_script_can_stand_in_metrics(name: str) -> None:
    from mlflow.utils.validation import _validate_metric_name

    schema = validated(Schema, with_label(**{name: {"role": "dates", "definition": "When."}}), "mine.yaml")
    assert schema.role(name) == "dates"
    _validate_metric_name(f"test_partial_{name}_f1")


def test_every_wrong_key_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_schema(saved(tmp_path / "mine.yaml", {**without("name"), "nmae": "strikes", "verison": 2}))
    assert {fault.place for fault in caught.value.faults} == {"key name", "key nmae", "key verison"}


def test_what_a_schema_does_not_allow_is_told_in_its_own_words(tmp_path: Path) -> None:
    schema = load_schema(saved(tmp_path / "mine.yaml", SMALL))
    spans = [Span("S1", 0, 3, "HTI"), Span("S2", 4, 7, "HIT", "sea"), Span("S3", 8, 11, "WHO")]
    event = Event("E1", "sea", {"tolls": ("S3",)}, {"nigth": True, "stage": "planned"})
    faults = list(schema.faults(Document("d1", "One two six", spans, [event])))
    assert [(fault.problem, fault.remedy) for fault in faults] == [
        ("unknown label 'HTI'", "did you mean 'HIT'?"),
        ("unknown type 'sea' for HIT", "known are: air"),
        ("unknown attack type 'sea'", "known are: air"),
        ("has WHO span S3 among its tolls", "move it to perpetrators"),
        ("unknown flag 'nigth'", "did you mean 'night'?"),
        ("unknown value 'planned' of flag 'stage'", "known are: failed"),
    ]


def test_a_trigger_of_two_events_has_the_type_of_either_and_no_third() -> None:
    def problems(kind: str) -> list[str]:
        both = {"triggers": ("S1",)}
        events = [Event("E1", "bombing", both), Event("E2", "shelling", both)]
        document = Document("d1", "Both attacks failed", [Span("S1", 5, 12, "ATTACK", kind)], events)
        return [f"{fault.place}: {fault.problem}" for fault in load_schema().faults(document)]

    assert problems("bombing") == problems("shelling") == []
    assert problems("hijacking") == [
        "event E1: is bombing, but its trigger S1 is hijacking",
        "event E2: is shelling, but its trigger S1 is hijacking",
    ]


def test_a_file_goes_before_a_shipped_name_and_a_shipped_path_is_found_from_anywhere(tmp_path: Path) -> None:
    assert find_config("default") == find_config("configs/default.yaml") == config_folder() / "default.yaml"
    own = saved(tmp_path / "default", "a: 1")
    assert find_config("default").samefile(own)


@pytest.mark.parametrize(
    ("name", "folder", "hint"),
    [
        ("defualt", "", "did you mean 'default'"),
        ("no/such/defualt.yaml", "", "did you mean 'default'"),
        ("evnets", "schema", "did you mean 'events'"),
        ("qqq", "schema", "known are: events"),
    ],
)
def test_a_mistyped_file_is_answered_with_the_nearest_shipped_one(name: str, folder: str, hint: str) -> None:
    with pytest.raises(DataError, match=f"{name}: no such configuration file; {hint}"):
        find_config(name, folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: events\nlabels: [a, b\nflags: {}\n", r"bad\.yaml:3: is not YAML: "),
        (b"name: events\n\tversion: 1\n", r"bad\.yaml:2: is not YAML: "),
        (b"name: \x00\n", r"bad\.yaml:1: is not YAML: .*U\+0000"),
        (b"- a\n- b\n", r"bad\.yaml: .*'key: value'"),
        (b"", r"bad\.yaml: is not a mapping"),
        (b"name: Z\xfcrich\n", r"bad\.yaml: is not UTF-8"),
    ],
)
def test_a_file_that_is_no_yaml_mapping_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_yaml(path)


def test_a_section_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("fit: {epochs: 1}\ndata: {train: [a]}\nfit: {patience: 2}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"mine\.yaml:3: the key 'fit' "):
        read_yaml(path)


def test_a_trigger_label_needs_its_role_and_types() -> None:
    content = {
        "name": "s",
        "version": 1,
        "trigger": "A",
        "quantity": "A",
        "labels": {"A": {"role": "dates", "definition": ""}},
    }
    with pytest.raises(DataError, match="the trigger label 'A' needs the role 'triggers' and at least one type"):
        validated(Schema, content, "s.yaml")
