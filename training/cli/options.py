"""Arguments and options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from inference.mlflow_stores import OPTION

_DATA = "Data files (JSON Lines), or named datasets: corpus/train, corpus/dev, corpus/test, articles."
_ADDRESS = "A version: champion, 3, conflict-events@champion, models:/conflict-events/3; runs:/ID/model; or a folder."
_MODEL = f"{_ADDRESS} Default: CONFLICT_EVENTS_MODEL, else the champion of the store, else the model of the package."
_FOUND = "Default: found by its name"
_NONE = "'': none."
_VERSION = "A number, an alias such as champion, or an address such as conflict-events/3."


def writable(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before the work is done."""
    if path is not None and str(path) != "-" and (path.is_dir() or not path.resolve().parent.is_dir()):
        raise typer.BadParameter(
            f"{path} is a folder; name a file" if path.is_dir() else f"there is no folder {path.parent}; make it first"
        )
    return path


Data = Annotated[list[str], typer.Argument(help=_DATA)]
DataAndFolders = Annotated[list[str], typer.Argument(help=f"{_DATA} Or folders of .txt files, one article per file.")]
Partitions = Annotated[list[str], typer.Argument(help=f"{_DATA} The first one is the training data.")]
GoldOption = Annotated[list[str], typer.Option("--data", "-d", help=_DATA)]
Texts = Annotated[
    Path | None,
    typer.Option(
        "--texts",
        help="Folders and files with texts of stand-off documents, as in PATH. Default: CONFLICT_EVENTS_ARTICLES.",
    ),
]
SchemaName = Annotated[str, typer.Option("--schema", help="Name or path of the label set.")]

Address = Annotated[str, typer.Argument(help=_ADDRESS)]
ModelArgument = Annotated[str | None, typer.Argument(help=_MODEL)]
ModelOption = Annotated[str | None, typer.Option("--model", "-m", help=_MODEL)]
PredictionsOf = Annotated[str | None, typer.Option("--model", "-m", help=f"Add the predictions of a model: {_ADDRESS}")]
TrackingUri = Annotated[
    str | None,
    typer.Option(OPTION, "--uri", help="MLflow tracking address. Default: MLFLOW_TRACKING_URI, else mlflow.db here."),
]

Config = Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped config: default, accurate.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config key, such as fit.epochs=3; may be repeated."),
]

ListAll = Annotated[bool, typer.Option("--all", help="List all faults, not only the first ones.")]

BackendOption = Annotated[
    Literal["onnx", "torch", "cuda"],
    typer.Option("--backend", help="Library that runs the model; cuda is torch on a GPU."),
]
ConventionOption = Annotated[
    Literal["range", "acled", "isaf"] | None,
    typer.Option(
        "--convention", help="How vague numbers such as 'dozens' are read. Default: as the model's config says."
    ),
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        "--threshold", min=0, max=1, help="Leave out spans with a lower score. Default: as the model was calibrated."
    ),
]
TableOrJson = Annotated[Literal["table", "json"], typer.Option("--format", "-f", help="Output format.")]
TableJsonOrHtml = Annotated[Literal["table", "json", "html"], typer.Option("--format", "-f", help="Output format.")]
Html = Annotated[
    Path | None, typer.Option("--html", callback=writable, help="Write the report as one self-contained HTML page.")
]

VersionName = Annotated[str, typer.Argument(help=_VERSION)]
RegisteredName = Annotated[str, typer.Option("--name", help="Name of the registered model.")]
Alias = Annotated[str, typer.Option("--alias", help="The alias to move.")]
Reason = Annotated[str, typer.Option("--reason", help="The reason; recorded with the version.")]

TextColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the text. {_FOUND}, such as text, body, content or article."),
]
IdColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the id. {_FOUND}, such as id or article_id. {_NONE}"),
]
TitleColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"Column or key of the title, which is put before the text. {_FOUND}, such as title or headline. {_NONE}",
    ),
]
DateColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the day of the text. {_FOUND}, such as date. {_NONE}"),
]
InputFormat = Annotated[
    Literal["text", "html", "csv", "tsv", "parquet", "jsonl", "json"] | None,
    typer.Option(
        help="How standard input and named files are read. Default: standard input as text, files by their ending."
    ),
]
