"""What the package knows of all operations is what Amazon's models say.

The directory of the models (Swagger 2.0) is named by the variable `ASP_MODELS`.
"""

import json
import os
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from asp_dagster.catalog.operations import Operations
from asp_dagster.spapi.paging_rules import PagingRules

MODELS = Path(os.environ["ASP_MODELS"])
SCRIPTS = Path(__file__).parent.parent.parent / "scripts"
SCRIPT = runpy.run_path(str(SCRIPTS / "write_operations.py"))
PARENTS = yaml.safe_load((SCRIPTS / "operations_page.yaml").read_text("utf-8"))["parents"]

Json = Mapping[str, Any]


def test_table_is_what_the_models_say() -> None:
    """The committed table is what its script writes: run `scripts/write_operations.py`."""
    assert SCRIPT["TABLE"].read_text("utf-8") == SCRIPT["table"](MODELS)


def test_folder_without_models_is_refused(tmp_path: Path) -> None:
    """A folder without models is named instead of writing an empty table."""
    with pytest.raises(ValueError, match="No model with operations"):
        SCRIPT["table"](tmp_path)


def test_every_reading_post_is_in_the_models() -> None:
    """Each path that is judged to read is one that the models have."""
    reading = {each.path for each in Operations.load().all if each.reads and each.method == "POST"}

    assert reading == SCRIPT["READING_POSTS"]


@pytest.mark.parametrize("path", PARENTS)
def test_shown_variable_is_a_field_of_its_list(path: str) -> None:
    """A path's variable is shown with the field of another list's record that holds its value."""
    parent, field = PARENTS[path]

    properties = _record(parent)["properties"]

    assert field.removesuffix("[]") in properties
    assert (properties[field.removesuffix("[]")].get("type") == "array") == field.endswith("[]")


def _record(path: str) -> Json:
    """Return the schema of the records that a list operation answers with."""
    [model] = [each for each in _models() if path in each["paths"]]
    schema = model["paths"][path]["get"]["responses"]["200"]["schema"]
    for name in PagingRules.load().rule("GET", path).results_key.split("."):
        schema = SCRIPT["_resolved"](model, schema)["properties"][name]
    record = SCRIPT["_resolved"](model, SCRIPT["_resolved"](model, schema)["items"])
    fields = {
        name: SCRIPT["_resolved"](model, field) for name, field in record["properties"].items()
    }
    return {**record, "properties": fields}


def _models() -> list[Json]:
    read = [json.loads(file.read_text("utf-8")) for file in MODELS.rglob("*.json")]
    return [each for each in read if isinstance(each, dict) and "swagger" in each]
