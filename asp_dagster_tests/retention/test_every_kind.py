"""Of every kind of feed nothing is left of a customer, byte by byte, once all of it is due."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, AmazonSPReportFile
from asp_dagster.simulator import Simulator
from asp_dagster_tests.declaring import declare_below
from asp_dagster_tests.personal_data.feeds import KINDS, PERSONAL, TSV, V0
from asp_dagster_tests.retention.looking import UNTIL, Erase, ScriptedNow, whole_content

DAY = (UNTIL - timedelta(days=1)).date().isoformat()
HASHED = {**V0, "personal_columns": "hash"}
FILE = {**TSV, "output": "ship/{partition}.txt", "partitions": "none"}

Declare = Callable[[type[dg.Component], Mapping[str, Any]], None]


@pytest.fixture
def declare(
    run_feed: Callable[..., dg.ExecuteInProcessResult], amazon: Simulator, feeds_folder: Path
) -> Declare:
    """Declare a feed that asks for personal data, and land and load it."""

    def run(component: type[dg.Component], attributes: Mapping[str, Any]) -> None:
        declared = {**attributes, "pii": "include"}
        declare_below(feeds_folder / "one", component.__name__, declared)
        day = DAY if attributes.get("partitions") == "daily" else None
        result = run_feed(amazon, component, declared, day, ASP_HASH_KEY="a key of the tests")
        assert result.success

    return run


@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        *KINDS,
        pytest.param(AmazonSPApi, HASHED, id="hashed"),
        pytest.param(AmazonSPReportFile, FILE, id="file"),
    ],
)
def test_nothing_is_left(
    declare: Declare,
    erase: Erase,
    now: ScriptedNow,
    tmp_path: Path,
    component: type[dg.Component],
    attributes: Mapping[str, Any],
) -> None:
    """What stood in raw files and tables of a customer is in no file of either any more."""
    declare(component, attributes)
    assert _found(tmp_path)
    now.moment = UNTIL + timedelta(days=400)

    result = erase()

    (check,) = result.get_asset_check_evaluations()
    assert check.passed
    assert _found(tmp_path) == set()


def _found(folder: Path) -> set[str]:
    """Return what tells of people in raw files, warehouse and state."""
    content = whole_content(folder / "raw")
    content += b"".join(path.read_bytes() for path in folder.glob("*.d*b*"))
    return {each for each in PERSONAL if each.encode() in content}
