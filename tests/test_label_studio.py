"""Label Studio without a server: the page, tasks and regions, and what is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, load_schema, read_documents
from annotations.label_studio.exports import export_tasks, read_export, read_tasks
from annotations.label_studio.interface import flag_choices, labelling_interface, type_control
from annotations.label_studio.local import save
from annotations.label_studio.results import clusters, read_result, task_document
from annotations.label_studio.shown import ShownText
from annotations.label_studio.tasks import regions, task_data
from inference import load
from inference.label_studio import backend, pre_annotation
from tests.tiny import documents

SCHEMA = load_schema()
TEXT = "Gunmen shot four farmers in Gao; the raid on Ndoro killed two."


def plain(document: Document) -> tuple[Any, ...]:
    """A document without its ids: what must survive."""
    key = {span.id: (span.start, span.end, span.label, span.type) for span in document.spans}
    events = [
        (
            e.attack_type,
            tuple(tuple(sorted(key[i] for i in ids)) for ids in e.roles.values()),
            tuple(sorted(e.flags.items())),
        )
        for e in document.events
    ]
    return document.id, document.text, tuple(key.values()), sorted(events, key=repr), dict(document.meta)


def back(document: Document) -> Document:
    """Push a document and pull it, over JSON, with no server between."""
    return read_result(
        json.loads(json.dumps(task_data(document))), json.loads(json.dumps(regions(document, SCHEMA))), SCHEMA
    )


# What breaks offsets: characters outside of the basic plane, combining marks, right-to-left text, all line ends.
ALPHABET = st.sampled_from(
    [*"ab é\t\n\r\u2028\u0085\x0c\x00\x1f", "\r\n", "🔥", "👩‍👩‍👧", "e\u0301", "קרב", "هجوم", "中", "\ufeff"]
)
WORDS = st.sampled_from(["raid", "🔥", "e\u0301t", "هجوم", "攻撃", "12", "👩‍👧"])


@given(st.lists(ALPHABET, max_size=30).map("".join), st.data())
def test_offsets_go_to_the_page_and_back(text: str, data: st.DataObject) -> None:
    shown = ShownText(text)
    edges = [i for i in range(len(text) + 1) if not (0 < i < len(text) and text[i - 1 : i + 1] == "\r\n")]
    start, end = sorted((data.draw(st.sampled_from(edges)), data.draw(st.sampled_from(edges))))
    units = shown.units(start, end)
    assert shown.characters(*units) == (start, end)
    assert shown.text.encode("utf-16-le")[2 * units[0] : 2 * units[1]].decode("utf-16-le") == shown.text_of(start, end)
    assert "\r" not in shown.text


def test_an_offset_within_a_character_or_outside_is_refused() -> None:
    shown = ShownText("🔥a")
    for start, end in ((1, 2), (0, 4), (0, -1)):
        with pytest.raises(ValueError, match="outside of the text or within a character"):
            shown.characters(start, end)


@st.composite
def annotated(draw: st.DrawFn) -> Document:
    """A document with spans on words between odd characters, and events that share triggers and roles."""
    gaps = st.lists(st.sampled_from([" ", "\r\n", "\n", "\u2028", "\x0b", "\x00", ", ", "🔥 "]), min_size=1, max_size=2)
    pieces = draw(st.lists(st.tuples(gaps.map("".join), WORDS, st.sampled_from([None, *SCHEMA.labels])), max_size=9))
    text, spans = "", []
    for gap, word, label in pieces:
        text += gap
        if label:
            types = tuple(SCHEMA.labels[label].types)
            kind = draw(st.sampled_from(types)) if types else None
            spans.append(Span(f"S{len(spans) + 1}", len(text), len(text) + len(word), label, kind))
        text += word
    document = Document("d1", text + ".", spans, meta={"genre": "wire"})
    return replace(document, events=draw(st.lists(events(document), max_size=3).map(numbered))) if spans else document


def events(document: Document) -> st.SearchStrategy[Event | None]:
    triggers = [span for span in document.spans if span.label == "ATTACK"]
    others = [span for span in document.spans if span.label != "ATTACK"]
    if not triggers:
        return st.none()

    def make(trigger: Span, chosen: list[Span], flags: dict[str, Any]) -> Event:
        roles: dict[str, list[str]] = {"triggers": [trigger.id]}
        for span in sorted(chosen, key=lambda span: span.start):
            roles.setdefault(SCHEMA.role(span.label), []).append(span.id)
        return Event("E", str(trigger.type), {role: tuple(ids) for role, ids in roles.items()}, flags)

    chosen = st.lists(st.sampled_from(others), unique=True) if others else st.just([])
    flags = st.sampled_from([{}, {"suicide": True}, {"stage": "attempted", "claimed": True}])
    return st.builds(make, st.sampled_from(triggers), chosen, flags)


def numbered(found: list[Event | None]) -> list[Event]:
    return [replace(event, id=f"E{number}") for number, event in enumerate(filter(None, found), start=1)]


@given(annotated())
def test_documents_survive_the_round_trip(document: Document) -> None:
    tied = {i for event in document.events for i in event.roles["triggers"]}
    alone = [span for span in document.spans if span.label == "ATTACK" and span.id not in tied]
    # On the page every trigger is an attack, so one that belongs to no event comes back as one of its own.
    expected = replace(
        document, events=[*document.events, *(Event(f"A{s.id}", str(s.type), {"triggers": (s.id,)}) for s in alone)]
    )
    assert plain(back(document)) == plain(expected)


def test_the_corpus_survives_the_round_trip() -> None:
    for document in read_documents("corpus/dev"):
        assert plain(back(document)) == plain(document)


def test_crlf_emoji_and_right_to_left_text_come_back_as_they_were() -> None:
    text = "🔥🔥\r\nGunmen\r\nهجوم e\u0301t 👩‍👧\r"
    start = text.index("Gunmen")
    document = Document("d1", text, [Span("S1", start, start + 6, "PERPETRATOR")])
    data = task_data(document)
    assert data["text"] == "🔥🔥\nGunmen\nهجوم e\u0301t 👩‍👧\n"
    assert regions(document, SCHEMA)[0]["value"] == {"start": 5, "end": 11, "text": "Gunmen", "labels": ["PERPETRATOR"]}
    assert back(document).text == text


def test_a_trigger_of_two_events_stands_twice_on_the_page() -> None:
    spans = [
        Span("S1", 7, 11, "ATTACK", "armed_assault"),
        Span("S2", 28, 31, "LOCATION"),
        Span("S3", 45, 50, "LOCATION"),
    ]
    two = [
        Event("E1", "armed_assault", {"triggers": ("S1",), "locations": ("S2",)}),
        Event("E2", "armed_assault", {"triggers": ("S1",), "locations": ("S3",)}),
    ]
    document = Document("d1", TEXT, spans, two)
    items = regions(document, SCHEMA)
    assert [item["id"] for item in items if item["type"] == "labels"] == ["S1", "S2", "S3", "S1~E2"]
    assert plain(back(document)) == plain(document)


def test_an_event_without_a_trigger_cannot_be_shown() -> None:
    document = Document(
        "d1", TEXT, [Span("S1", 0, 6, "PERPETRATOR")], [Event("E1", "bombing", {"perpetrators": ("S1",)})]
    )
    with pytest.raises(
        DataError, match=r"document 'd1': event E1: has no trigger that others could point at; mark its ATTACK"
    ):
        regions(document, SCHEMA)


def region(name: str, start: int, end: int, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label], **more}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(name: str, control: str, *chosen: str) -> dict[str, Any]:
    return {"id": name, "from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(chosen)}}


def relation(start: str, end: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right", "labels": []}


DATA = {"document": "d1", "text": TEXT}


def test_relations_in_any_direction_become_events() -> None:
    result = [
        region("a", 7, 11, "ATTACK"), choice("a", "attack_type", "armed_assault"), choice("a", "flags", "claimed"),
        region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "armed_assault"),
        region("c", 0, 6, "PERPETRATOR"), region("d", 17, 24, "VICTIM"),
        relation("b", "a"), relation("c", "b"), relation("a", "d"),
    ]  # fmt: skip
    document = read_result(DATA, result, SCHEMA)
    (event,) = document.events
    mentions = {role: [document.mention(document.span(i)) for i in ids] for role, ids in event.roles.items() if ids}
    assert mentions == {"triggers": ["shot", "raid"], "perpetrators": ["Gunmen"], "victims": ["farmers"]}
    assert dict(event.flags) == {"claimed": True}


def test_blanks_at_the_edges_of_a_region_are_left_out() -> None:
    document = read_result(DATA, [region("a", 16, 25, "VICTIM")], SCHEMA)
    assert document.mention(document.spans[0]) == "farmers"


@pytest.mark.parametrize("told", ["four farmers", "four\\nfarmers", "four\nfarmers", "fourfarmers"])
def test_words_that_differ_in_blanks_alone_are_no_fault(told: str) -> None:
    data = {"document": "d1", "text": TEXT.replace("four farmers", "four\nfarmers")}
    assert read_result(data, [region("a", 12, 24, "VICTIM", text=told)], SCHEMA).spans


ATTACK = [region("a", 7, 11, "ATTACK"), choice("a", "attack_type", "bombing")]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([region("a", 7, 11, "ATTACK")], "region a [7:11] 'shot': is ATTACK and has no type; choose one"),
        ([region("a", 7, 11, "ATTAK")], "region a: unknown label 'ATTAK'; did you mean 'ATTACK'?"),
        ([region("a", 7, 999, "VICTIM")], "region a: has no usable offsets: UTF-16 offset 999 is outside"),
        ([region("a", 11, 12, "VICTIM")], "region a: is empty"),
        (
            [region("a", 0, 6, "VICTIM", text="Soldiers")],
            "tells the words 'Soldiers', but its offsets those of 'Gunmen'",
        ),
        ([region("a", 0, 6, "VICTIM", labels=["VICTIM", "TOLL"])], "has labels ['VICTIM', 'TOLL'] by 'label', not one"),
        ([{"id": "t", "type": "textarea", "value": {}}], "region t: is of the kind 'textarea', which is not part"),
        ([*ATTACK, choice("a", "attack_type", "boming")], "unknown type 'boming' for ATTACK; did you mean 'bombing'?"),
        ([*ATTACK, choice("a", "toll_type", "killed")], "has choices ['killed'] by 'toll_type', which do not fit"),
        ([*ATTACK, choice("a", "flags", "suicid")], "unknown flag 'suicid'; did you mean 'suicide'?"),
        ([*ATTACK, relation("a", "gone")], "has a relation to a region that is not there"),
        (
            [region("c", 0, 6, "PERPETRATOR"), region("d", 17, 24, "VICTIM"), relation("c", "d")],
            "region c [0:6] 'Gunmen': is tied to region d, and neither is ATTACK",
        ),
        (
            [*ATTACK, region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "shelling"), relation("b", "a")],
            "is tied as the same attack to triggers of other types: bombing, shelling",
        ),
        (
            [*ATTACK, choice("a", "flags", "stage=attempted", "stage=threatened")],
            "sets the flag 'stage' to 'threatened', and it is 'attempted' already",
        ),
    ],
)
def test_what_cannot_be_read_is_told(result: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_result(DATA, result, SCHEMA)
    assert message in str(caught.value)
    assert str(caught.value).startswith("document 'd1': ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "task has no 'document' and 'text' in its data; make tasks with 'annotate push'"),
        ({"document": "d1", "text": "x", "sha256": "0" * 64}, "document 'd1': has another text in Label Studio"),
        ({"document": "d1", "text": "y", "source": "x\r\n"}, "document 'd1': has another text in Label Studio"),
    ],
)
def test_a_task_with_another_text_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        task_document(data)
    assert message in str(caught.value)


def test_clusters_follow_ties_over_others() -> None:
    assert clusters("abcde", [("d", "b"), ("b", "a")]) == [["a", "b", "d"], ["c"], ["e"]]


def test_the_interface_has_every_label_type_and_flag_of_the_schema() -> None:
    root = ElementTree.fromstring(labelling_interface(SCHEMA))
    labels = {node.get("value"): node for node in root.iter("Label")}
    assert list(labels) == list(SCHEMA.labels)
    assert [node.get("background") for node in labels.values()] == [d.color for d in SCHEMA.labels.values()]
    assert len({node.get("hotkey") for node in labels.values()}) == len(labels)
    choices = {node.get("name"): [c.get("value") for c in node.iter("Choice")] for node in root.iter("Choices")}
    assert choices[type_control("ATTACK")] == list(SCHEMA.attack_types)
    assert choices[type_control("TOLL")] == ["killed", "injured", "abducted", "displaced"]
    assert (
        choices["flags"] == list(flag_choices(SCHEMA)) == ["suicide", "claimed", "stage=attempted", "stage=threatened"]
    )
    assert [node.get("value") for node in root.iter("Relation")] == ["part of", "same attack"]


def made(who: Any, result: list[dict[str, Any]], number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "completed_by": who, "result": result, "updated_at": f"2024-01-0{number}", **more}


def test_annotations_of_all_annotators_are_read_and_nothing_is_left_out_silently() -> None:
    tasks = [
        {"id": 1, "data": DATA, "annotations": [
            made(1, ATTACK, 1), made(2, [region("a", 0, 6, "PERPETRATOR")], 2), made(1, [], 3),
            made({"id": 3, "email": "c@example.org"}, [region("a", 0, 99, "VICTIM")], 4)]},
        {"id": 2, "data": {"document": "d2", "text": TEXT}, "annotations": [made(2, [], 5, was_cancelled=True)]},
        {"id": 3, "data": {"document": "d1", "text": TEXT}, "annotations": []},
    ]  # fmt: skip
    found = read_tasks(tasks, SCHEMA, {1: "a@example.org"}, file="x")
    assert {name: [len(d.spans) for d in docs] for name, docs in found.by_annotator().items()} == {
        "a@example.org": [0],
        "annotator-2": [1],
    }
    assert [one.number for one in found.superseded] == [1]
    assert found.skipped == [("annotator-2", "d2")]
    assert found.untouched == ["d2"]
    first, second = (str(fault) for fault in found.faults)
    assert first.startswith("x: document 'd1': task 1, annotation 4 by c@example.org: region a: has no usable offsets")
    assert second == "x: document 'd1': stands in task 1 and in task 3; delete one of the tasks"


def test_an_export_file_is_read_without_a_server(tmp_path: Path) -> None:
    tasks = export_tasks(documents(4), SCHEMA)
    for number, task in enumerate(tasks, start=1):
        task |= {"id": number, "annotations": [made({"email": "a@b.c"}, task["predictions"][0]["result"], 1)]}
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    found = read_export(tmp_path / "export.json", SCHEMA)
    assert [plain(d) for d in found.by_annotator()["a@b.c"]] == [plain(d) for d in documents(4)]


@pytest.mark.parametrize("content", ["{}", "[1]", '[{"text": "min"}]', "x", "\xff"])
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=r"export\.json: .*; export as JSON"):
        read_export(tmp_path / "export.json", SCHEMA)


def labelled(document: Document, label: str) -> Document:
    return replace(document, spans=[Span("S1", 0, 6, label)], events=[])


def test_pulled_documents_do_not_overwrite_newer_local_work(tmp_path: Path) -> None:
    document = Document("d1", TEXT)
    one, two, local = (labelled(document, label) for label in ("PERPETRATOR", "VICTIM", "TARGET"))
    path = tmp_path / "a@b.c.jsonl"

    def pull(remote: Document, overwrite: bool = False) -> Mapping[str, list[tuple[str, str]]]:
        saved = save({"a@b.c": [remote]}, tmp_path, overwrite=overwrite)
        return {name: value for name in saved.__dataclass_fields__ if (value := getattr(saved, name))}

    name = [("a@b.c", "d1")]
    assert pull(one) == {"new": name}
    assert pull(one) == {"unchanged": name}
    assert pull(two) == {"updated": name}
    path.write_text(json.dumps(local.to_dict()) + "\n")
    assert pull(two) == {"kept": name}
    assert read_documents(path) == [local]
    assert pull(one) == {"conflicts": name}
    assert read_documents(path) == [local]
    assert pull(one, overwrite=True) == {"conflicts": name}
    assert read_documents(path) == [one]


def test_a_damaged_state_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / ".pulled.json").write_text("{")
    with pytest.raises(DataError, match="delete it; local changes then count as newer"):
        save({"a": [Document("d1", TEXT)]}, tmp_path)
    assert not (tmp_path / "a.jsonl").exists()


def test_predictions_become_pre_annotations(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    for document in documents(3):
        found = pre_annotation(document, model.predict(document.text))
        assert len(found.document.spans) == len(found.scores)
        items = regions(found.document, SCHEMA, found.scores)
        assert [i["score"] for i in items if i["type"] == "labels" and "~" not in i["id"]] == [
            round(score, 4) for score in found.scores.values()
        ]


def test_the_backend_answers_as_the_labelling_server_asks(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    with TestClient(backend(model)) as client:
        assert client.get("/health").json()["status"] == "UP"
        assert client.post("/setup", json={"project": "1", "schema": "<View/>"}).json() == {"model_version": model.name}
        assert client.post("/webhook", json={"action": "START_TRAINING"}).status_code == 200
        tasks = [{"id": n, "data": task_data(document)} for n, document in enumerate(documents(2))]
        (first, second) = client.post("/predict", json={"tasks": tasks, "params": {}}).json()["results"]
        assert first["model_version"] == second["model_version"] == model.name
        made = pre_annotation(documents(1)[0], model.predict(documents(1)[0].text))
        assert first["result"] == json.loads(json.dumps(regions(made.document, SCHEMA, made.scores)))
        bad = client.post("/predict", json={"tasks": [{"id": 1, "data": {"image": "x.png"}}]})
        assert bad.status_code == 400
        assert "task has no 'document' and 'text'" in bad.json()["detail"]
        assert client.post("/predict", json={}).json()["detail"] == "the request has no list of 'tasks'"
