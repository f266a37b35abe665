"""A real Label Studio on loopback: push with predictions, label as two people, pull, compare, train."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from annotations import Document, Span, load_schema, read_documents, write_documents
from annotations.label_studio.results import read_result
from annotations.label_studio.server import PreAnnotation, Project, ServerError
from annotations.label_studio.tasks import regions
from annotations.quantity import Toll
from inference import load
from inference.label_studio import backend
from tests.annotations.label_studio.labelled import plain
from tests.helpers import run_process as run
from tests.servers import free_port, running
from tests.test_other_schemas import about_recalls
from tests.tiny import config as tiny_config
from tests.tiny import documents

COMMAND = os.environ.get("LABEL_STUDIO", str(Path(__file__).parents[3] / ".venv-label-studio" / "bin" / "label-studio"))
SCHEMA = load_schema()
PEOPLE = ("first@example.org", "second@example.org")
PASSWORD = "only-for-tests"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "LABEL_STUDIO" not in os.environ and not Path(COMMAND).exists(), reason="make label-studio installs it"
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("label-studio"), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_USERNAME": PEOPLE[0],
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
    }
    command = [COMMAND, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}", folder, environment) as address:
        yield address


def token(server: str, mail: str, page: str) -> str:
    """Log in or sign up as a person would, and make a personal access token."""
    with httpx.Client(base_url=server, follow_redirects=True, timeout=60) as client:
        form = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get(page).text)
        assert form is not None
        fields = {"csrfmiddlewaretoken": form[1], "email": mail, "password": PASSWORD, "allow_newsletters": "false"}
        client.post(page, data=fields, headers={"Referer": server}).raise_for_status()
        headers = {"X-CSRFToken": client.cookies["csrftoken"], "Referer": server}
        answer = client.post("/api/token/", headers=headers)
        answer.raise_for_status()
        return str(answer.json()["token"])


@pytest.fixture(scope="module")
def keys(server: str) -> tuple[str, str]:
    return token(server, PEOPLE[0], "/user/login/"), token(server, PEOPLE[1], "/user/signup/")


ODD = "🔥🔥 Gunmen\r\nopened fire in Gao.\r\nهجوم e\u0301t 👩‍👧 done."


def articles() -> list[Document]:
    """Small documents, and one with all that shifts offsets."""
    at = ODD.index("Gunmen"), ODD.index("opened"), ODD.index("Gao")
    spans = [
        Span("S1", at[0], at[0] + 6, "PERPETRATOR"),
        Span("S2", at[1], at[1] + 11, "ATTACK", "armed_assault"),
        Span("S3", at[2], at[2] + 3, "LOCATION"),
    ]
    event = replace(
        documents(1)[0].events[0],
        roles={"triggers": ("S2",), "perpetrators": ("S1",), "locations": ("S3",)},
        toll={"killed": Toll(4, None), "injured": Toll(12, 12, approximate=True)},
    )
    return [*documents(8), Document("odd", ODD, spans, [event], {"genre": "wire"})]


def sdk(server: str, key: str) -> Any:
    """Label Studio's own client; it is imported here, as that takes seconds."""
    from label_studio_sdk import LabelStudio

    return LabelStudio(base_url=server, api_key=key)


def annotate(server: str, key: str, project: str, made: list[Document]) -> None:
    """Label each document's task as one annotator."""
    client = sdk(server, key)
    by_id = {document.id: document for document in made}
    for task in Project(project, SCHEMA, server, key).tasks():
        document = by_id.get(task["data"]["document"])
        if document:
            client.annotations.create(id=task["id"], result=regions(document, SCHEMA))


def numbers(printed: str) -> list[int]:
    """The numbers of a message."""
    return [int(number) for number in re.findall(r"\b\d+\b", printed)]


def test_the_whole_way_from_articles_to_a_model(
    server: str, keys: tuple[str, str], tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", server)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", keys[0])
    gold = articles()
    write_documents(tmp_path / "articles.jsonl", [replace(d, spans=[], events=[]) for d in gold])

    push = ("annotate", "push", "articles.jsonl", "--project", "way", "--model", str(tiny_model_folder))
    assert numbers(run(*push, "--annotators", "2").stdout) == [9, 0, 9]  # created, existing, predictions
    assert numbers(run(*push).stdout) == [0, 9, 0]
    tasks = Project("way", SCHEMA).tasks()
    assert sorted(task["data"]["document"] for task in tasks) == sorted(document.id for document in gold)
    name = load(tiny_model_folder).name
    assert {one["model_version"] for task in tasks for one in task["predictions"]} == {name}
    assert all("score" in item for t in tasks for item in t["predictions"][0]["result"] if item["type"] == "labels")
    (project,) = (p for p in sdk(server, keys[0]).projects.list() if p.title == "way")
    assert project.model_version == name
    assert project.show_collab_predictions

    other = [replace(d, spans=d.spans[:-1], events=[]) if d.id == "d000" else d for d in gold[:-1]]
    other = [d if d.id != "d000" else replace(d, events=[without(gold[0])]) for d in other]
    annotate(server, keys[0], "way", gold)
    annotate(server, keys[1], "way", other)
    status = run("annotate", "status", "--project", "way").stdout
    assert "9 tasks; annotated 1 by 1, 8 by 2 annotators" in status

    pulled = run("annotate", "pull", "labelled", "--project", "way")
    assert pulled.returncode == 0, pulled.stderr
    assert "17 new" in pulled.stdout
    first = read_documents(tmp_path / "labelled" / f"{PEOPLE[0]}.jsonl")
    assert [plain(d) for d in first] == [plain(d) for d in sorted(gold, key=lambda d: d.id)]
    assert first[-1].text == ODD

    compared = run("annotate", "agreement", "labelled")
    assert "8 documents, disagreements: 0 label, 0 type, 1 missing, 0 boundary" in compared.stdout
    assert "1 documents" in compared.stdout
    adjudicated = run("annotate", "adjudicate", "labelled", "--to", "gold.jsonl", "--open", "open.json")
    assert numbers(adjudicated.stdout) == [8, 1, 1]  # settled, open questions, documents with any

    settings = tiny_config(tmp_path / "tiny", epochs=1)
    settings["data"]["train"] = [str(tmp_path / "gold.jsonl")]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    trained = run("train", "config.yaml", "--set", "tracking.register_as=null")
    assert trained.returncode == 0, trained.stderr
    assert "epoch 1:" in trained.stdout


def test_tolls_of_documents_are_shown_as_they_are(server: str, keys: tuple[str, str]) -> None:
    odd = articles()[-1]
    project = Project("tolls", SCHEMA, server, keys[0])
    assert project.push([odd], [PreAnnotation(odd, {}, "given")]).predictions == 1
    (task,) = project.tasks()
    (shown,) = task["predictions"]
    assert plain(read_result(task["data"], shown["result"], SCHEMA)) == plain(odd)


def test_another_schema_goes_there_and_back(
    server: str, keys: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", server)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", keys[0])
    case = about_recalls(tmp_path)
    gold = case.documents(3)
    write_documents(tmp_path / "gold.jsonl", gold)
    same = ("--project", "recalls", "--schema", str(case.path))
    pushed = run("annotate", "push", "gold.jsonl", "--spans", *same)
    assert pushed.returncode == 0, pushed.stderr
    project: Any = Project("recalls", case.schema)
    client = sdk(server, keys[0])
    for task in project.tasks():
        client.annotations.create(id=task["id"], result=task["predictions"][0]["result"])
    pulled = run("annotate", "pull", "labelled", *same)
    assert pulled.returncode == 0, pulled.stderr
    back = read_documents(tmp_path / "labelled" / f"{PEOPLE[0]}.jsonl")
    assert [plain(document) for document in back] == [plain(document) for document in gold]


def without(document: Document) -> Any:
    """The document's event without its last span."""
    last = document.spans[-1].id
    event = document.events[0]
    return replace(event, roles={role: tuple(i for i in ids if i != last) for role, ids in event.roles.items()})


def test_predictions_appear_live_in_the_labelling_page(
    server: str, keys: tuple[str, str], tiny_model_folder: Path
) -> None:
    import uvicorn

    model, port = load(tiny_model_folder), free_port()
    web = uvicorn.Server(uvicorn.Config(backend(model), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=web.run)
    thread.start()
    try:
        for _ in range(100):
            if web.started:
                break
            time.sleep(0.1)
        Project("live", SCHEMA, server, keys[0]).push(documents(2))
        client = sdk(server, keys[0])
        project = next(project for project in client.projects.list() if project.title == "live")
        connected = client.ml.create(
            project=project.id, url=f"http://127.0.0.1:{port}", title="tagger", is_interactive=True
        )
        task = Project("live", SCHEMA, server, keys[0]).tasks()[0]
        # A task that is opened in the page and has no prediction yet gets one from the connected backend.
        client.actions.create(id="retrieve_tasks_predictions", project=project.id, selected_items={"all": True})
        (found,) = Project("live", SCHEMA, server, keys[0]).tasks()[0]["predictions"]
        assert client.ml.get(id=connected.id).state == "CO"
        assert found["model_version"] == model.name
        predicted = model.predict(documents(1)[0].text).to_document(task["data"]["document"])
        labels = [item for item in found["result"] if item["type"] == "labels"]
        assert len(labels) >= len(predicted.spans) > 0
    finally:
        web.should_exit = True
        thread.join(30)


def test_errors_of_the_server_say_what_to_do(server: str, keys: tuple[str, str]) -> None:
    Project("mine", SCHEMA, server, keys[0]).push(documents(1))
    with pytest.raises(ServerError, match="has no project 'mime'; did you mean 'mine'"):
        Project("mime", SCHEMA, server, keys[0]).pull()
    with pytest.raises(ServerError, match=r"answered 401: .*; check LABEL_STUDIO_API_KEY"):
        Project("mine", SCHEMA, server, "wrong")
    with pytest.raises(ServerError, match=r"http://127\.0\.0\.1:9 cannot be reached: .*; check the address"):
        Project("mine", SCHEMA, "http://127.0.0.1:9", keys[0])
    changed = [replace(documents(1)[0], text=documents(1)[0].text + " More.")]
    with pytest.raises(ValueError, match=r"document 'd000': is already task \d+"):
        Project("mine", SCHEMA, server, keys[0]).push(changed)
