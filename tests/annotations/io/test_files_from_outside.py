"""Files as they come, by every reader: with a byte-order mark, in UTF-16, deep, with NaN or half of a character."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, load_schema, read_documents, write_documents
from annotations.agreement.annotators import by_annotator
from annotations.export import export
from annotations.formats.inline import read_folder
from annotations.formats.jsonl import holds_texts, read_sets
from annotations.formats.texts import TextSource, standoff_record
from annotations.importers import hrdsattack, label_studio
from annotations.importers.muc4 import role_fillers, texts_and_keys
from annotations.importers.wiki_incidents import incident_lists
from annotations.importers.wikievents import news_articles
from annotations.io.decoding import decoded
from annotations.io.json_text import DEPTH, _placed_faults, _sound, parse_json, to_json
from annotations.label_studio.exports import read_export
from annotations.validate import validate
from inference.inputs import Reader as InputReader
from inference.inputs import read_articles, read_inputs, scan_inputs
from tests.annotations.importers.test_muc4 import NAME, key
from training.cli.app import main

SCHEMA = load_schema()
MARKED = "id: d1\n---\nRain fell in {Gao|LOCATION}.\n---\n"
TEXT = "Rain fell on Wednesday."

# Readers of files of JSON, and a sound file for each.
LINE = {"id": "d1", "text": TEXT}
JSON_READERS: dict[str, tuple[str, Any, Callable[[Path], Any]]] = {
    "data": ("a.jsonl", LINE, read_documents),
    "predict": ("a.jsonl", LINE, lambda path: list(read_inputs([str(path)], io.BytesIO()))),
    "annotate": ("a.jsonl", LINE, lambda path: read_articles([str(path)])),
    "muc4-json": ("a.json", {"docid": "d1", "doctext": TEXT, "extracts": {}}, role_fillers.read),
    "wikievents": ("a.jsonl", {"docid": "d1", "tokens": TEXT.split(), "event_mentions": []}, news_articles.read),
    "wiki-incidents": (
        "a.jsonl",
        {**LINE, "type": "Bombing", "location": "Gao", "perpetrator": "", "killed": None, "injured": None},
        incident_lists.read,
    ),
    "hrdsattack": (
        "a.json",
        [
            {
                "sample": {"Input.article_interface": TEXT, "Input.GLOBALEVENTID": 1},
                "merged_sample": {"violation_types": [], "victims": []},
            }
        ],
        hrdsattack.read,
    ),
    "label-studio": ("a.json", [{"id": 1, "data": {"text": TEXT}, "annotations": []}], label_studio.read),
    "exports": ("a.json", [{"id": 1, "data": {"text": TEXT}}], lambda path: read_export(path, SCHEMA)),
}


@pytest.fixture(params=JSON_READERS)
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str, Callable[[Path], Any]]:
    name, record, read = JSON_READERS[request.param]
    return tmp_path / name, json.dumps(record), read


Reader = tuple[Path, str, Callable[[Path], Any]]


def test_a_byte_order_mark_changes_nothing(reader: Reader) -> None:
    path, content, read = reader
    path.write_text(content, encoding="utf-8")
    plain = read(path)
    path.write_text(content, encoding="utf-8-sig")
    assert read(path) == plain


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1"], ids=lambda name: name
)
def test_another_encoding_is_refused_by_name(reader: Reader, encoding: str) -> None:
    path, content, read = reader
    path.write_bytes(content.replace("Rain", "Raín").replace("\\u00ed", "í").encode(encoding))
    if encoding == "latin-1":
        path.write_bytes(content.encode().replace(b"R", b"\xed", 1))
        if b"\xed" not in path.read_bytes():
            pytest.skip("the file has no such letter")
    with pytest.raises(DataError) as caught:
        read(path)
    assert {Path(fault.file) for fault in caught.value.faults} == {path}


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "-Infinity",
        "1e999",
        "9" * 5000,
        "[" * 100_000,
        "[" * 500 + "]" * 500,
        '{"a": 1, "a": 2}',
        '"\\ud800"',
        "'x'",
    ],
    ids=["nan", "infinity", "too large", "too long", "unclosed", "deep", "twice", "half", "quotes"],
)
def test_a_value_that_json_cannot_hold_is_refused_with_its_place(reader: Reader, value: str) -> None:
    path, content, read = reader
    at = content.index("{") + 1
    line = 0 if path.suffix == ".json" and content.startswith("[") else 1
    path.write_text(f'{content[:at]}"odd": {value}, {content[at:]}', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(path)
    assert {(Path(fault.file), fault.line) for fault in caught.value.faults} == {(path, line)}


def test_every_line_with_a_fault_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sound = json.dumps({"text": TEXT})
    deep = f'{{"text": {"[" * 5000}'
    path.write_bytes("\n".join(["\ufeff" + sound, deep, sound, '{"text": NaN}', "\ufeff" + sound]).encode())
    found = list(scan_inputs([str(path)], InputReader(io.BytesIO())))
    assert [one.name for one in found if one.text] == [f"{path}:{n}" for n in (1, 3, 5)]
    assert [(one.faults[0].file, one.faults[0].line) for one in found if not one.text] == [
        (str(path), 2),
        (str(path), 4),
    ]


# Half of a surrogate pair beside the text


HALF = "a\udc80"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": HALF},
        {"meta": {"source": HALF}},
        {"meta": {HALF: 1}},
        {"meta": {"deep": [{"x": [HALF]}]}},
        {"spans": [Span(HALF, 0, 4, "VICTIM")]},
        {"spans": [Span("S1", 0, 4, HALF)]},
        {"spans": [Span("S1", 0, 4, "VICTIM", HALF)]},
        {"events": [Event(HALF, "bombing")]},
        {"events": [Event("E1", HALF)]},
        {"events": [Event("E1", "bombing", flags={"stage": HALF})]},
    ],
    ids=str,
)
def test_no_document_holds_half_of_a_character(tmp_path: Path, changes: dict[str, Any]) -> None:
    parts: dict[str, Any] = {"id": "d1", "text": TEXT, **changes}
    with pytest.raises(DataError):
        Document(**parts)
    record = {
        **parts,
        "spans": [span.to_dict() for span in parts.get("spans", ())],
        "events": [event.to_dict() for event in parts.get("events", ())],
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(record), encoding="ascii")
    (fault, *_) = validate([tmp_path / "a.jsonl"], SCHEMA).faults
    assert (fault.file, fault.line) == (str(tmp_path / "a.jsonl"), 1)


def test_what_is_too_deep_to_be_read_is_not_written(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(DEPTH):
        deep = [deep]
    around: list[Any] = []
    around.append(around)
    for bad in (deep, around):
        with pytest.raises(DataError, match="d1"):
            write_documents(tmp_path / "a.jsonl", [Document("d1", TEXT, meta={"note": bad})])
    assert list(tmp_path.iterdir()) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert parse_json(to_json(value)) == value
    assert parse_json(to_json(value, indent=1)) == value


# Texts


@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
def test_any_text_without_control_characters_all_over_it_is_read(text: str) -> None:
    padded = text + "." * 4 * len(text)
    assert decoded(padded.encode(), "a") == padded
    assert decoded(codecs.BOM_UTF8 + padded.encode(), "a") == padded


@pytest.mark.parametrize("text", ["12", "Rain fell.", "Дождь", "مطر", "वर्षा ", "In Gao, “rain” fell."])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_by_name(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    for read in (
        lambda: list(read_inputs([str(tmp_path)], io.BytesIO())),
        lambda: list(read_inputs(["-"], io.BytesIO(text.encode(encoding)))),
        lambda: read_articles([str(tmp_path)]),
        lambda: read_folder(tmp_path, SCHEMA),
    ):
        with pytest.raises(DataError, match=r"a\.txt|standard input"):
            read()


def test_all_bad_files_are_named_and_the_good_ones_read(tmp_path: Path) -> None:
    for name, content in {"a": b"one", "b": b"\xff", "d": b"1\x002\x00", "e": b"two"}.items():
        (tmp_path / f"{name}.txt").write_bytes(content)
    (tmp_path / "c.txt").symlink_to("nowhere")
    (tmp_path / "f.TXT").write_bytes(b"\xef\xbb\xbfthree")
    (tmp_path / "g.txt").mkdir()
    found = list(scan_inputs([str(tmp_path)], InputReader(io.BytesIO())))
    assert {Path(one.name).stem: one.text for one in found} == {
        "a": "one", "b": None, "c": None, "d": None, "e": "two", "f": "three",
    }  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_articles([str(tmp_path)])
    assert [Path(fault.file).stem for fault in caught.value.faults] == ["b", "c", "d"]


def test_a_file_whose_name_is_not_utf_8_is_named(tmp_path: Path) -> None:
    os.mkdir(tmp_path / "many")
    Path(os.fsdecode(os.fsencode(tmp_path / "many") + b"/caf\xe9.txt")).write_text("one")
    (found,) = scan_inputs([str(tmp_path / "many")], InputReader(io.BytesIO()))
    assert found.text is None
    assert "caf\\xe9.txt" in str(found.faults[0])
    with pytest.raises(DataError):
        read_articles([str(tmp_path / "many")])


def test_marks_in_front_of_marked_up_and_stand_off_texts_and_muc_4_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text(MARKED, encoding="utf-8-sig")
    assert [document.id for document in read_folder(tmp_path / "in", SCHEMA)] == ["d1"]
    for name, content in {"keys": key({}), "texts": f"{NAME}\n\nRAIN."}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(content, encoding="utf-8-sig")
    assert [document.text for document in texts_and_keys.read(tmp_path).documents] == ["RAIN."]


def test_a_stand_off_text_in_another_encoding_is_told_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(DataError, match="UTF-16"):
        TextSource(tmp_path).resolve(standoff_record(Document("d1", TEXT), "a.txt"))


def test_a_data_file_with_a_mark_holds_its_texts(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(LINE), encoding="utf-8-sig")
    assert holds_texts(tmp_path / "a.jsonl")


# Names


@pytest.mark.parametrize("name", [None, "absent"])
def test_a_line_without_an_id_is_called_by_file_and_line(tmp_path: Path, name: str | None) -> None:
    record = {"text": TEXT} | ({} if name else {"id": None})
    (tmp_path / "a.jsonl").write_text("\n\n".join([json.dumps(record)] * 2))
    assert [found for found, _ in read_inputs(["a.jsonl"], io.BytesIO())] == ["a.jsonl:1", "a.jsonl:3"]


@pytest.mark.parametrize("name", [True, 1.5, [], {}, ""])
def test_an_id_that_is_no_name_is_refused(tmp_path: Path, name: object) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT, "id": name}))
    with pytest.raises(DataError, match=r"^a\.jsonl:1: "):
        list(read_inputs(["a.jsonl"], io.BytesIO()))


def test_a_name_that_stands_twice_is_refused_and_the_first_is_read(tmp_path: Path) -> None:
    records = [{"id": "x", "text": "one"}, {"id": "x", "text": "two"}, {"id": 7, "text": "a"}, {"id": "7", "text": "b"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    (tmp_path / "b.txt").write_text("three")
    found = list(
        scan_inputs(
            ["a.jsonl", "b.txt", "b.txt", "Gunmen fired.", "Rain fell.", "-", "-"], InputReader(io.BytesIO(b"x"))
        )
    )
    assert [one.name for one in found if one.text is not None] == ["x", "7", "b.txt", "text", "text:2", "stdin"]
    assert [(fault.file, fault.line) for one in found for fault in one.faults] == [
        ("a.jsonl", 2), ("a.jsonl", 4), ("b.txt", 0), ("stdin", 0),
    ]  # fmt: skip


def test_marked_up_files_with_one_id_or_one_key_twice_are_told(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(MARKED)
    (tmp_path / "c.txt").write_text("id: d2\nsource: x\nsource: y\n---\nRain.\n---\n")
    with pytest.raises(DataError) as caught:
        read_folder(tmp_path, SCHEMA)
    assert [Path(fault.file).name for fault in caught.value.faults] == ["b.txt", "c.txt"]


def test_no_file_is_written_that_has_an_id_twice(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'d1'"):
        export("jsonl", [Document("d1", "a"), Document("d1", "b")], tmp_path / "a.jsonl", SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for name, content in {
        "a.jsonl": "{",
        "b.json": "{",
        "c.jsonl": '{"id": "d1", "text": "x"}',
        "d.jsonl": "[",
    }.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError) as caught:
        by_annotator([str(tmp_path)], SCHEMA)
    assert [Path(fault.file).name for fault in caught.value.faults] == ["a.jsonl", "b.json", "d.jsonl"]
    with pytest.raises(DataError) as caught:
        read_sets(["c.jsonl", "a.jsonl", "c.jsonl", "d.jsonl"])
    assert [fault.file for fault in caught.value.faults] == ["a.jsonl", "c.jsonl", "d.jsonl"]


# The command line

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line in this process; return exit code, output and errors."""

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["conflict-events", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return called


@pytest.mark.parametrize("form", ["json", "jsonl", "html", "table"])
def test_predict_answers_what_can_be_read_and_names_the_rest(
    call: Call, tmp_path: Path, tiny_model_folder: Path, form: str
) -> None:
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "a.txt").write_text("Gunmen fired.")
    (tmp_path / "many" / "b.txt").write_bytes(b"1\x002\x00")
    (tmp_path / "many" / "c.txt").write_bytes(b"\xe9")
    code, out, err = call("predict", "many", "--model", str(tiny_model_folder), "--format", form)
    assert code == 1
    assert "unmen" in out
    faults = [line.partition(": is")[0] for line in err.splitlines() if line.startswith("error")]
    assert faults == ["error: many/b.txt", "error: many/c.txt"]
    assert form != "json" or isinstance(json.loads(out), list)


COMMANDS = [
    ["predict"],
    ["data", "validate"],
    ["data", "stats"],
    ["data", "report"],
    ["data", "export", "conll", "--to", "x"],
    ["evaluate", "m"],
    ["compare", "m", "n", "--data"],
    ["annotate", "agreement"],
    ["annotate", "select", "--from"],
    ["annotate", "push"],
]


@pytest.mark.parametrize("words", [*COMMANDS, ["train"], ["data", "import", "conll"], ["models", "show"]], ids=" ".join)
def test_an_argument_that_is_not_utf_8_is_told_by_every_command(call: Call, words: list[str]) -> None:
    code, out, err = call(*words, os.fsdecode(b"caf\xe9"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"argument {len(words) + 1}" in err


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("value", ["[" * 100_000, '"\\ud800"', "NaN"], ids=["deep", "half", "nan"])
def test_what_no_reader_can_hold_is_one_line_of_every_command(
    call: Call, tmp_path: Path, words: list[str], value: str
) -> None:
    (tmp_path / "bad.jsonl").write_text(f'{{"id": "d1", "text": "Rain.", "meta": {{"a": {value}}}}}\n')
    code, _, err = call(*words, "bad.jsonl")
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("error: bad.jsonl:1: ")


def _values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.integers() | st.sampled_from(["", "a", "é", "\ud800", "a\udfff"])
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(leaves.filter(bool), inner))


@given(_values(), st.integers(0, DEPTH + 2))
def test_the_quick_check_of_a_value_finds_what_the_exact_one_finds(value: Any, depth: int) -> None:
    for _ in range(depth):
        value = [value]
    assert _sound(value) == (not list(_placed_faults(value)))


def test_a_value_within_itself_is_not_sound() -> None:
    value: list[Any] = []
    value += [value, value]
    assert not _sound(value)
