"""Config files: where they are, how YAML is read, and how a wrong key is reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from annotations.errors import DataError, Fault, nearest
from annotations.io.decoding import decoded
from annotations.io.yaml_text import MAX_BYTES, parse_yaml, too_large

Model = TypeVar("Model", bound=BaseModel)
_INSTANCE = re.compile(r" or instance of _\w+$")  # pydantic's mention of a class, which no file can contain


def config_folder() -> Path:
    """Return the folder of the shipped YAML files, both in a checkout and in an installed package."""
    installed = Path(__file__).parents[1] / "configs"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "configs"


def find_config(name: str | Path, folder: str = "") -> Path:
    """Find a YAML file by path, or a shipped one by name.

    Args:
        name: A path, or a name such as `default` for `configs/default.yaml`.
        folder: Subfolder of the shipped files, such as `schema`.

    Raises:
        DataError: There is no such file and no such name.
    """
    path = Path(name)
    if path.is_file():
        return path
    shipped = config_folder() / folder
    for candidate in (shipped / f"{name}.yaml", config_folder().parent / path):
        if candidate.is_file():
            return candidate
    names = [file.stem for file in shipped.glob("*.yaml")]
    raise DataError.of("no such configuration file", nearest(path.stem, names), file=str(name))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        DataError: The file is not YAML (with the line), is not a mapping, or exceeds the limits of `parse_yaml`.
    """
    with path.open("rb") as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise too_large(str(path))
    content = parse_yaml(decoded(raw, str(path)), str(path))
    if not isinstance(content, dict):
        raise DataError.of("is not a mapping of keys to values", "write 'key: value' lines", file=str(path))
    return content


def validated(model: type[Model], content: object, file: str) -> Model:
    """Build a pydantic model and report every validation error as a `Fault`.

    Raises:
        DataError: One fault per wrong key or value; for an unknown key it names the nearest known one.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = []
        for item in error.errors():
            keys = [str(part) for part in item["loc"]]
            place = "key " + ".".join(keys) if keys else ""
            if item["type"] == "extra_forbidden":
                known = _known_keys(model, keys[:-1])
                faults.append(Fault("is not a known key", nearest(keys[-1], known), file=file, place=place))
            else:
                problem = _INSTANCE.sub("", item["msg"].removeprefix("Value error, "))
                got = f"got {item['input']!r:.80}"
                faults.append(Fault(problem[:1].lower() + problem[1:], got, file=file, place=place))
        raise DataError(faults) from None


class Shape(BaseModel):
    """The keys that a record from outside must have, with their types. Other keys are ignored."""

    model_config = ConfigDict(strict=True)


def shape_faults(shape: type[Shape], record: object) -> Sequence[Fault]:
    """Return what is wrong with the keys of a record."""
    try:
        validated(shape, record, "")
    except DataError as error:
        return error.faults
    return ()


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    """Return the keys of a nested model, following the path through its submodels."""
    current: Any = model
    for key in path:
        field = current.model_fields.get(key)
        if field is None:  # a key of a mapping, such as the name of a label
            continue
        current = next((part for part in _models_in(field.annotation)), current)
    return [field.alias or name for name, field in current.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]
