"""What the package knows of JSON reports is what Amazon's schemas say.

The directory of the models is named by the variable `ASP_MODELS`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.simulator import sample_rows
from asp_dagster.simulator.report_samples import report_samples

SCHEMAS = Path(os.environ["ASP_MODELS"]) / "schemas" / "reports"
CASES = {
    f"{known.name}-{schema}": (known, schema)
    for known in ReportTypes.load().all
    for schema in known.schemas
}

Json = Mapping[str, Any]


def _schema(name: str) -> Json:
    read: Json = json.loads((SCHEMAS / name).read_text("utf-8"))
    return read


def test_every_schema_belongs_to_a_type() -> None:
    """Each of Amazon's report schemas is named by a type, and no type names another."""
    assert {schema for _, schema in CASES.values()} == {
        each.name for each in SCHEMAS.glob("*.json")
    }


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_rows_are_the_lists_of_the_schema(known: ReportType, schema: str) -> None:
    """The keys that hold rows are the document's lists; of two schemas, each has its own."""
    properties = _schema(schema)["properties"]
    lists = {key for key, value in properties.items() if value["type"] == "array"}

    if "JSON" in known.formats and known.formats[0] == "JSON":
        assert lists <= set(known.rows)
        assert set(known.rows) <= lists or len(known.schemas) > 1
    else:
        assert set(known.rows) == lists


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_keys_are_fields_of_the_rows(known: ReportType, schema: str) -> None:
    """What identifies a row is a field that each row has."""
    whole = _schema(schema)
    for rows, columns in known.keys.items():
        if rows in whole["properties"]:
            for column in columns:
                row = _resolved(whole, whole["properties"][rows])
                for field in column.split("."):
                    assert field in row["required"]
                    row = _resolved(whole, row["properties"][field])


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_options_are_those_of_the_schema(known: ReportType, schema: str) -> None:
    """Options, their values, and which are required, are those the document repeats."""
    specification = _specification(_schema(schema))
    options = specification.get("properties", {}).get("reportOptions", {})

    for name, declared in options.get("properties", {}).items():
        assert set(known.options[name].values) == set(declared.get("enum", ()))
        assert known.options[name].is_required == (name in options.get("required", ()))


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_dates_are_those_of_the_schema(known: ReportType, schema: str) -> None:
    """A type takes dates if its document repeats them, as days or as moments."""
    specification = _specification(_schema(schema))
    start = specification.get("properties", {}).get("dataStartTime", {})

    assert ("dataStartTime" in specification.get("required", ())) == (known.dates == "required")
    if start:
        assert {"date": "days", "date-time": "moments"}[start["format"]] == known.clock


@pytest.mark.parametrize(("known", "schema"), CASES.values(), ids=CASES)
def test_documents_own_type_is_the_same(known: ReportType, schema: str) -> None:
    """Where a schema names its type, it is this one."""
    named = _specification(_schema(schema)).get("properties", {}).get("reportType", {})

    assert known.name in named.get("enum", [known.name])


SAMPLES = {
    case: (known, schema)
    for case, (known, schema) in CASES.items()
    if known.name in report_samples() and report_samples()[known.name].format == "JSON"
}


@pytest.mark.parametrize(("known", "schema"), SAMPLES.values(), ids=SAMPLES)
def test_rows_of_the_simulator_are_those_of_the_schema(known: ReportType, schema: str) -> None:
    """What the simulator writes in a report's lists satisfies Amazon's schema."""
    whole = _schema(schema)
    rows = sample_rows(known.name, ["ATVPDKIKX0DER"], date(2026, 1, 1))
    lists = {name: entries for name, entries in rows.items() if name in whole["properties"]}

    assert lists
    validator_for(whole)({**whole, "required": list(lists)}).validate(lists)


def _specification(schema: Json) -> Json:
    return _resolved(schema, schema["properties"].get("reportSpecification", {}))


def _resolved(schema: Json, part: Json) -> Json:
    """Follow references, and step into a list's entries."""
    for step in _steps(part):
        return _resolved(schema, schema["definitions"][step.rpartition("/")[2]])
    items = part.get("items")
    if not items:
        return part
    return _resolved(schema, items[0] if isinstance(items, list) else items)


def _steps(part: Json) -> Iterator[str]:
    yield from (part["$ref"],) if "$ref" in part else ()
    yield from (each["$ref"] for each in part.get("anyOf", ()) if "$ref" in each)
