"""Every place that is listed as personal is one of Amazon's models.

The directory of the models (Swagger 2.0) is named by the variable `ASP_MODELS`.
"""

import csv
import json
import os
import runpy
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.spapi.restricted_operations import RESTRICTED_OPERATIONS

MODELS = Path(os.environ["ASP_MODELS"])
SCRIPT = runpy.run_path(
    str(Path(__file__).parent.parent.parent / "scripts" / "write_operations.py")
)
ROWS = list(
    csv.DictReader(
        (files("asp_dagster.catalog") / "personal_fields.csv").read_text("utf-8").splitlines()
    )
)
BULK_DOCUMENTS = {("POST", "/easyShip/2022-03-23/packages/bulk")}
"""Answers with a link to a ZIP of labels, of which none is kept."""

Json = Mapping[str, Any]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['path']}-{row['holds']}")
def test_listed_place_is_in_the_model(row: Mapping[str, str]) -> None:
    """Each place of an operation leads through its answer to a field that the model has."""
    model, answer = _answer(row["method"], row["path"])

    missing = [place for place in row["places"].split() if not _leads(model, answer, place)]

    assert missing == []


@pytest.mark.parametrize("operation", sorted(RESTRICTED_OPERATIONS.keys() - BULK_DOCUMENTS))
def test_restricted_operation_has_personal_places(operation: tuple[str, str]) -> None:
    """Of each operation that Amazon restricts it is known what in its answer is personal."""
    assert any((row["method"], row["path"]) == operation for row in ROWS)


def _leads(model: Json, schema: Json, place: str) -> bool:
    for name in place.split("."):
        schema = _object(model, schema)
        if name not in schema.get("properties", {}):
            return False
        schema = schema["properties"][name]
    return True


def _object(model: Json, schema: Json) -> Json:
    """Return the object that a schema means, or whose list it is."""
    schema = SCRIPT["_resolved"](model, schema)
    return _object(model, schema["items"]) if "items" in schema else schema


def _answer(method: str, path: str) -> tuple[Json, Json]:
    """Return an operation's model and the schema of its answer, without `payload`."""
    [model] = [each for each in _models() if method.lower() in each["paths"].get(path, {})]
    responses = model["paths"][path][method.lower()]["responses"]
    answer = _object(model, responses["200"]["schema"])
    payload = answer["properties"].get("payload")
    return model, _object(model, payload) if payload else answer


@cache
def _models() -> list[Json]:
    read = [json.loads(file.read_text("utf-8")) for file in MODELS.rglob("*.json")]
    return [each for each in read if isinstance(each, dict) and "swagger" in each]
