"""Stores: which MLflow store is used, whether it can be used, and where the files lie that it records.

Everything that opens a store goes through `usable` (or through `training.store.opening.open_store`, which may make
one), so that every command sees the same store and none makes a database by reading. Every sqlite address is written by
`sqlite_address` and read by `sqlite_file`: folders may have any name.
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
_WORDS = ("databricks", "databricks-uc")  # addresses of MLflow that look like folders
_PATIENCE = 20.0  # seconds to wait for a database that another process writes, as long as MLflow waits


class ChampionWarning(UserWarning):
    """The version in use is gone from the store, and another one is taken."""


class StoreError(ExplainedError, ValueError):
    """A store that is not there or cannot be used, or files that it records and that are not there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The store in use.

    Args:
        address: Its MLflow tracking address.
        source: What named it: the option, the environment variable, the config, or the default.
    """

    address: str
    source: str


def choose(given: str | None = None, own: str | None = None) -> Choice:
    """Return the store that a command uses. This is the only rule for it.

    Args:
        given: The address given with the call: `--tracking-uri`, or `--set tracking.uri=…`.
        own: The address that a config file names.

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
    """Return the address of the store to read (`choose`), or None: nobody named one, and there is none here."""
    choice = choose(given)
    return None if choice.source == "default" and not Path(STORE).is_file() else choice.address


def set_store(address: str) -> None:
    """Set MLflow to a store and leave the environment as it is.

    MLflow puts the address into `MLFLOW_TRACKING_URI`, where `choose` would take it for what the user asked for.

    Args:
        address: A tracking address, as `usable` returns it.
    """
    import mlflow

    before = os.environ.get(URI_VARIABLE)
    mlflow.set_tracking_uri(address)
    if before is None:
        os.environ.pop(URI_VARIABLE, None)
    else:
        os.environ[URI_VARIABLE] = before


def sqlite_address(file: Path) -> str:
    """Return the address of a sqlite file, quoted as far as SQLAlchemy needs it.

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
    # With the driver named, MLflow does not make the folder that the quoted path would mean as it stands.
    return URL.create("sqlite+pysqlite", database=str(file)).render_as_string()


def sqlite_file(address: str) -> Path | None:
    """Return the file behind a sqlite address, absolute and with links followed; None for an address of another kind.

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
        raise StoreError(f"{address} is no address of a sqlite store; {write}") from None
    if url.host or not url.database or url.database == ":memory:" or "uri" in url.query:
        raise StoreError(f"{address} names no file that a store can be kept in; {write}")
    return Path(url.database).resolve()  # a link's store keeps its files where it is itself


def usable(address: str) -> str:
    """Return the address as MLflow is to be given it, once there is something behind it; nothing is made.

    Args:
        address: A tracking address. Servers are not asked.

    Raises:
        StoreError: There is no such file or folder, it is no store of MLflow, or it is of another version.
    """
    hush()
    file = sqlite_file(address)
    if file is not None:
        check_sqlite(file)
        return sqlite_address(file)
    folder = None if address in _WORDS else local_path(address)
    if folder is not None and not folder.exists():  # MLflow would make it
        raise StoreError(f"there is no store {folder}; train a model, {_OTHER}")
    return address


def check_sqlite(file: Path) -> None:
    """Refuse a file that is no store of the installed MLflow, which would change it or end in a stack trace.

    Args:
        file: The sqlite file.

    Raises:
        StoreError: The message says what it is, and what to do.
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
        # Not read-only: what a killed process left half-written is rolled back by whoever opens it next.
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
        raise StoreError(f"the store {file} cannot be used: {error.strerror}; mend that, {_OTHER}") from error
    if len(revisions) != 1:
        raise StoreError(
            f"the store {file} is no MLflow store, or was not made to its end; move the file away and train a model, "
            f"{_OTHER}"
        )
    return revisions[0]


@lru_cache(maxsize=1)
def _revisions() -> list[str]:
    """Schemas that the installed MLflow knows, its own first."""
    import mlflow
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    return [script.revision for script in scripts.walk_revisions()]


def hush() -> None:
    """Keep MLflow from logging a stack trace of each error of its database, which it raises as well."""
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


def local_path(location: str) -> Path | None:
    """Return the path that MLflow takes a location for; None where that is on no disk of this machine.

    Example:
        >>> local_path("file:///a%20b/mlruns/1"), local_path("/a/mlruns/1"), local_path("s3://bucket/1")
        (PosixPath('/a b/mlruns/1'), PosixPath('/a/mlruns/1'), None)
    """
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    # A path is unquoted too, since MLflow does so; one letter is a drive.
    return Path(url2pathname(location)) if len(parts.scheme) <= 1 else None


def beside(path: Path, store: Path) -> Path | None:
    """Return the place of recorded files beside a store that was moved or copied with them; None if it holds none.

    Args:
        path: Where the store says that the files lie.
        store: The sqlite file.
    """
    parts = path.parts
    for index in (number for number in reversed(range(len(parts))) if parts[number] == ARTIFACTS):
        found = store.parent.joinpath(*parts[index:])
        if found.exists():
            return found
    return None


def pages(search: Callable[..., Any]) -> Iterator[Any]:
    """Yield all that a search of MLflow finds; it gives a page at a time.

    Args:
        search: A search that takes a `page_token`.
    """
    page = search()
    yield from page
    while page.token:
        page = search(page_token=page.token)
        yield from page


def fetch(address: str, path: str = "", folder: str | None = None) -> Path:
    """Bring what lies behind an address to this machine, from the store that MLflow is set to.

    Args:
        address: `models:/name/3`, `models:/name@alias` or `runs:/ID/path`.
        path: A file or folder below it.
        folder: Where copies go; by default MLflow's choice, or no copy is made.

    Raises:
        StoreError: The files are not where the store says, nor beside it.
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
            f"{address}: its files were kept in {places[-1]} and are not there; if {store.name} was moved, move the "
            f"folder {ARTIFACTS} from its old place to {store.parent}"
        )
    whole = "/".join(filter(None, (address.rstrip("/"), path)))
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=whole, dst_path=folder))


def _recorded(client: Any, address: str) -> Iterator[Path]:
    """Yield the places where a store says that the files behind an address lie, as far as they are on a disk."""
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
    """Places of the models that a run logged under a name; MLflow keeps them apart from the run's other files."""
    search = partial(client.search_logged_models, [run.experiment_id], filter_string=f"source_run_id='{run.run_id}'")
    return [model.artifact_location for model in pages(search) if model.name == name]
