"""MLflow stores: which one is used, whether it can be used, and where its files are.

Every store is opened with `usable` (or with `training.store.opening.open_store`, which can create one), so that all
commands see the same store and none creates a database by reading. Every sqlite address is written by `sqlite_address`
and read by `sqlite_file`, so that folders can have any name.
"""

from __future__ import annotations

import logging
import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from annotations.errors import ExplainedError

STORE = "mlflow.db"
ARTIFACTS = "mlruns"  # the folder beside a store that holds the files of its runs and models
URI_VARIABLE = "MLFLOW_TRACKING_URI"
OPTION = "--tracking-uri"
_OTHER = f"or name another store ({OPTION} or {URI_VARIABLE})"
_WORDS = ("databricks", "databricks-uc")  # MLflow addresses that look like folders
_PATIENCE = 20.0  # seconds to wait for a locked database, the same as MLflow
_ANSWER = (5.0, 20.0)  # seconds for a server to take a connection, and to answer on it


class ChampionWarning(UserWarning):
    """The champion was deleted from the store, and another version is used."""


class StoreError(ExplainedError, ValueError):
    """A store that is missing or cannot be used, or a recorded file that is missing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The store in use."""

    address: str  # its MLflow tracking address
    source: str  # where it was set: the option, the environment variable, the config, or the default


def choose(given: str | None = None, own: str | None = None) -> Choice:
    """Return the store that a command uses. This is the only rule for it.

    Args:
        given: The address given with the call: `--tracking-uri`, or `--set tracking.uri=…`.
        own: The address in a config file.

    Returns:
        The first of: the address given, `MLFLOW_TRACKING_URI`, the config file's own, `mlflow.db` in this folder.

    Example:
        >>> choose("https://mlflow.example.org", "sqlite:///other.db").source
        '--tracking-uri'
    """
    if given:
        return Choice(given, OPTION)
    variable = os.environ.get(URI_VARIABLE)
    if variable:
        return Choice(variable, URI_VARIABLE)
    default = f"sqlite:///{STORE}"
    return Choice(own, "config") if own and own != default else Choice(default, "default")


def chosen(given: str | None = None) -> str | None:
    """Return the address of the store to read (see `choose`); None if none is set and there is none in this folder."""
    choice = choose(given)
    return None if choice.source == "default" and not Path(STORE).is_file() else choice.address


def set_store(address: str) -> None:
    """Set MLflow to a store, by an address from `usable`, without changing the environment.

    MLflow writes the address to `MLFLOW_TRACKING_URI`, and `choose` would read it as a setting of the user.
    """
    import mlflow

    before = os.environ.get(URI_VARIABLE)
    mlflow.set_tracking_uri(address)
    if before is None:
        os.environ.pop(URI_VARIABLE, None)
    else:
        os.environ[URI_VARIABLE] = before


def sqlite_address(file: Path) -> str:
    """Return the address of a sqlite file, quoted where SQLAlchemy needs it.

    Args:
        file: The file, absolute.

    Example:
        >>> sqlite_address(Path("/a/b#c/mlflow.db")), sqlite_address(Path("/what?/5%25/mlflow.db"))
        ('sqlite:////a/b#c/mlflow.db', 'sqlite+pysqlite:////what%3F/5%2525/mlflow.db')
    """
    from sqlalchemy.engine import URL, make_url

    plain = f"sqlite:///{file}"
    if make_url(plain) == URL.create("sqlite", database=str(file)):
        return plain
    # With a driver in the address, MLflow does not create a folder with the quoted name.
    return URL.create("sqlite+pysqlite", database=str(file)).render_as_string()


def sqlite_file(address: str) -> Path | None:
    """Return the file of a sqlite address, absolute and with links resolved; None for another kind of address.

    Raises:
        StoreError: The address names no file.

    Example:
        >>> sqlite_file("sqlite:////5%2525/mlflow.db"), sqlite_file("https://mlflow.example.org")
        (PosixPath('/5%25/mlflow.db'), None)
    """
    if not address.lower().startswith("sqlite"):
        return None
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    write = "write sqlite:///FILE, with ? as %3F and % as %25"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError(f"{address} is not an address of a sqlite store; {write}") from None
    if url.host or not url.database or url.database == ":memory:" or "uri" in url.query:
        raise StoreError(f"{address} names no file for a store; {write}")
    return Path(url.database).resolve()  # the files of a linked store are beside the link's target


def usable(address: str) -> str:
    """Return the address in the form for MLflow, after checking that the store exists; nothing is created.

    Args:
        address: A tracking address. A server of MLflow has to answer; a database is not contacted.

    Raises:
        StoreError: The file or folder does not exist, is not an MLflow store, or has another version; or the server
            does not answer.
    """
    hush()
    file = sqlite_file(address)
    if file is not None:
        check_sqlite(file)
        return sqlite_address(file)
    folder = None if address in _WORDS else local_path(address)
    if folder is not None and not folder.exists():  # MLflow would create it
        raise StoreError(f"there is no store {folder}; train a model, {_OTHER}")
    if address.lower().startswith(("http://", "https://")):
        _check_server(address)
    return address


def _check_server(address: str) -> None:
    """Refuse a server that does not answer: MLflow itself would try for minutes. Any answer is enough."""
    import requests  # MLflow brings it

    try:
        requests.get(f"{address.rstrip('/')}/health", timeout=_ANSWER, stream=True).close()
    except requests.exceptions.SSLError:
        return  # MLflow has settings of its own for certificates, and tells what is wrong
    except requests.RequestException as error:
        problem = "does not answer" if isinstance(error, requests.Timeout) else "cannot be reached"
        raise StoreError(f"the store {address} {problem}; check the address, start the server, {_OTHER}") from error


def check_sqlite(file: Path) -> None:
    """Refuse a file that is not a store of the installed MLflow, which would change it or fail with a stack trace.

    Raises:
        StoreError: The message says what is wrong and what to do.
    """
    revision = _revision(file)
    known = _revisions()
    if revision == known[0]:
        return
    if revision in known:
        upgrade = f"mlflow db upgrade {shlex.quote(sqlite_address(file))}"
        raise StoreError(f"the store {file} is of an older MLflow (schema {revision}); copy it, then run: {upgrade}")
    import mlflow

    problem = f"the store {file} is of a newer MLflow than {mlflow.__version__} (schema {revision})"
    raise StoreError(f"{problem}; install that version, {_OTHER}")


def _revision(file: Path) -> str:
    try:
        if file.is_dir():
            raise StoreError(f"the store {file} is a folder; name the file in it, {_OTHER}")
        if not file.is_file():
            raise StoreError(f"there is no store {file}; train a model, {_OTHER}")
        if not file.stat().st_size:
            raise StoreError(f"the store {file} is empty; delete it and train a model, {_OTHER}")
        # Not read-only: the next process that opens the file rolls back what a killed one left half-written.
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = database.execute("SELECT version_num FROM alembic_version") if "alembic_version" in tables else ()
            revisions = [str(row[0]) for row in rows]
    except sqlite3.OperationalError as error:
        raise StoreError(f"the store {file} cannot be used now: {error}; try again, {_OTHER}") from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreError(
            f"the store {file} cannot be used: {error}; put back a copy, move the file away and train a model, {_OTHER}"
        ) from error
    except OSError as error:
        raise StoreError(f"the store {file} cannot be used: {error.strerror}; correct that, {_OTHER}") from error
    if len(revisions) != 1:
        raise StoreError(
            f"the store {file} is not an MLflow store, or is incomplete; move the file away and train a model, {_OTHER}"
        )
    return revisions[0]


@lru_cache(maxsize=1)
def _revisions() -> list[str]:
    """Database schemas that the installed MLflow knows, newest first."""
    import mlflow
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    return [script.revision for script in scripts.walk_revisions()]


def first_line(error: Exception) -> str:
    """Return the first line of an error; databases add their statement below it."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def hush() -> None:
    """Keep MLflow from logging a stack trace for each database error, which it also raises."""
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


def local_path(location: str) -> Path | None:
    """Return the path of a location as MLflow reads it; None if it is not on a disk of this machine.

    Example:
        >>> local_path("file:///a%20b/mlruns/1"), local_path("/a/mlruns/1"), local_path("s3://bucket/1")
        (PosixPath('/a b/mlruns/1'), PosixPath('/a/mlruns/1'), None)
    """
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    # Paths are unquoted too, as in MLflow; a scheme of one letter is a drive.
    return Path(url2pathname(location)) if len(parts.scheme) <= 1 else None


def beside(path: Path, store: Path) -> Path | None:
    """Return the location of recorded files beside a store that was moved or copied with them; None if there is none.

    Args:
        path: The recorded location of the files.
        store: The sqlite file.
    """
    parts = path.parts
    for index in (number for number in reversed(range(len(parts))) if parts[number] == ARTIFACTS):
        found = store.parent.joinpath(*parts[index:])
        if found.exists():
            return found
    return None


def pages(search: Callable[..., Any]) -> Iterator[Any]:
    """Yield all results of an MLflow search, which returns one page at a time.

    Args:
        search: A search that takes a `page_token`.
    """
    page = search()
    yield from page
    while page.token:
        page = search(page_token=page.token)
        yield from page


def found_versions(client: Any, name: str) -> list[Any]:
    """Return the versions of a registered model, as MLflow gives them."""
    quote = '"' if "'" in name else "'"
    return list(pages(partial(client.search_model_versions, f"name={quote}{name}{quote}")))


def fetch(address: str, path: str = "", folder: str | None = None) -> Path:
    """Download the files of an address from the current store, or return their local path.

    Args:
        address: `models:/name/3`, `models:/name@alias` or `runs:/ID/path`.
        path: A file or folder below it.
        folder: Folder for copies. By default MLflow chooses one, and makes no copy of local files.

    Raises:
        StoreError: The files are neither at their recorded location nor beside the store.
        MlflowException: There is no such version or run, or the store fails.
    """
    import mlflow

    store = sqlite_file(mlflow.get_tracking_uri())
    places = [place / path for place in _recorded(mlflow.MlflowClient(), address)] if store else []
    for place in places:
        found = beside(place, store) if store else None
        if found is not None and found != place:
            return found
    if store and places and not any(place.exists() for place in places):
        raise StoreError(
            f"{address}: its files are missing from {places[-1]}; if {store.name} was moved, move the "
            f"folder {ARTIFACTS} from its old place to {store.parent}"
        )
    whole = "/".join(filter(None, (address.rstrip("/"), path)))
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=whole, dst_path=folder))


def _recorded(client: Any, address: str) -> Iterator[Path]:
    """Yield the recorded locations of the files of an address that are on a local disk."""
    kind, _, rest = address.partition(":/")
    first, _, path = rest.strip("/").partition("/")
    if kind == "runs":
        run = client.get_run(first).info
        found = [f"{run.artifact_uri}/{path}", *_models(client, run, path)]
    elif "@" in first:
        number = client.get_model_version_by_alias(*first.split("@", 1)).version
        found = [client.get_model_version_download_uri(first.split("@", 1)[0], number)]
    else:
        found = [client.get_model_version_download_uri(first, path)] if path.isdecimal() else []
    yield from filter(None, map(local_path, found))


def _models(client: Any, run: Any, name: str) -> list[str]:
    """Locations of the models that a run logged under a name; MLflow stores them apart from its other files."""
    search = partial(client.search_logged_models, [run.experiment_id], filter_string=f"source_run_id='{run.run_id}'")
    return [model.artifact_location for model in pages(search) if model.name == name]
