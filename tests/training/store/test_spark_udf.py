"""The registered model as a UDF on a local Spark."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from inference import Model
from tests.registered import empty_store
from training.library_output import quiet_libraries
from training.store.registry import log_model

URI = "models:/conflict-events/1"
TEXT = "Gunmen opened fire at a market in Ndoro on Friday, killing at least 12 traders. 😀 No"


@pytest.fixture(scope="module")
def store(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store whose only version is the tiny model."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # artifacts go beside the database
        mlflow.set_tracking_uri(empty_store(folder / "mlflow.db"))
        mlflow.set_experiment("spark")
        with quiet_libraries(), mlflow.start_run():
            log_model(tiny_model_folder, "conflict-events")
    yield
    mlflow.set_tracking_uri(None)


def test_predictions_as_json_have_one_string_for_each_row(store: None, tiny_model_folder: Path) -> None:
    frame = pd.DataFrame({"text": [TEXT, None, " ", "Rain."]})
    found = [json.loads(row) for row in mlflow.pyfunc.load_model(URI).predict(frame, params={"form": "json"})]
    expected = [one.to_dict() for one in Model(tiny_model_folder).predict([TEXT, "Rain."])]
    assert [found[0], found[3]] == expected
    assert [sorted(row) for row in found[1:3]] == [["error"]] * 2


def test_dictionaries_are_the_default(store: None, tiny_model_folder: Path) -> None:
    frame = pd.DataFrame({"text": [TEXT, "Rain."]})
    expected = Model(tiny_model_folder).predict([TEXT, "Rain."])
    assert mlflow.pyfunc.load_model(URI).predict(frame) == [one.to_dict() for one in expected]


def test_an_unknown_form_is_refused(store: None) -> None:
    with pytest.raises(mlflow.MlflowException, match="'xml'"):
        mlflow.pyfunc.load_model(URI).predict(pd.DataFrame({"text": [TEXT]}), params={"form": "xml"})


@pytest.mark.slow
def test_spark_gives_what_predict_gives_row_for_row(
    store: None, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sql = pytest.importorskip(
        "pyspark.sql", reason="the extra spark, 500 MB, is not installed: pip install -c constraints.txt '.[spark]'"
    )
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or 21; on Debian 'apt-get install openjdk-17-jre-headless'")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    rows = [(f"t{n}", None if n == 150 else f"{TEXT} {n}." * (1 + n % 5)) for n in range(200)]
    spark = _spark(sql, tmp_path)
    try:
        frame = spark.createDataFrame(rows, "id string, text string").repartition(4)
        predict = mlflow.pyfunc.spark_udf(spark, URI, "string", params={"form": "json"}, env_manager="local")
        predicted = frame.withColumn("prediction", predict("text")).collect()
    finally:
        spark.stop()
    found = {row.id: json.loads(row.prediction) for row in predicted}
    assert list(found.pop("t150")) == ["error"]
    texts = [row for row in rows if row[1] is not None]
    expected = Model(tiny_model_folder).predict([text for _, text in texts])
    assert found == {row[0]: one.to_dict() for row, one in zip(texts, expected, strict=True)}
    assert sum(len(one["events"]) for one in found.values()) > 0


def _spark(sql: Any, folder: Path) -> Any:
    """Start Spark on two threads; it writes only under a folder."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": str(folder),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
