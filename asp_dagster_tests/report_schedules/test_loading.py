"""What a declared schedule makes is found, landed and loaded, each report once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.components import AmazonSPListedReport
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse

US = "ATVPDKIKX0DER"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def query(tmp_path: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Return what a query finds in the warehouse."""
    url = f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    return lambda sql: Warehouse.from_url(url).query(sql).to_pylist()


@pytest.fixture
def load(amazon: Simulator, run_feed: Callable[..., Any]) -> Callable[[Mapping[str, Any]], None]:
    """Run the job of a declaration."""

    def load(declared: Mapping[str, Any]) -> None:
        assert run_feed(amazon, AmazonSPListedReport, declared).success

    return load


def test_scheduled_reports_are_loaded_once(  # noqa: PLR0913, PLR0917 - from the declaration to the rows
    amazon: Simulator,
    run: Run,
    declare: Callable[..., None],
    load: Callable[[Mapping[str, Any]], None],
    daily: Mapping[str, Any],
    clock: Any,
    query: Callable[[str], list[dict[str, Any]]],
) -> None:
    """Declared, applied, and as time goes by each report lands and is loaded exactly once."""
    declare()
    run("apply")
    for days in (2, 2, 0):
        clock.behind = timedelta(days=days)
        load(daily)

    loaded = query("SELECT report_id, row_count FROM amazon.returns_reports")
    rows = query("SELECT _partition, count(*) AS n FROM amazon.returns GROUP BY 1")
    assert len(loaded) == amazon.count("getReportDocument") == 5
    assert {row["report_id"]: row["row_count"] for row in loaded} == {
        row["_partition"]: row["n"] for row in rows
    }
    assert amazon.count("createReport") == 0


def test_reports_that_were_asked_for_are_left_alone(
    amazon: Simulator,
    run: Run,
    declare: Callable[..., None],
    load: Callable[[Mapping[str, Any]], None],
    daily: Mapping[str, Any],
    clock: Any,
) -> None:
    """Of a type that can also be requested only what the schedule made is taken."""
    amazon.make_report(daily["report_spec"]["reportType"])
    declare()
    run("apply")
    clock.behind = timedelta(days=4)
    load(daily)
    assert amazon.count("getReportDocument") == 1

    load({key: value for key, value in daily.items() if key != "schedule"})

    assert amazon.count("getReportDocument") == 2


FORMATS: Mapping[str, Mapping[str, Any]] = {
    "csv": {"report_spec": {"reportType": "GET_CSV_MFN_PRIME_RETURNS_REPORT"}},
    "xml": {"report_spec": {"reportType": "GET_XML_RETURNS_DATA_BY_RETURN_DATE"}},
    "xml-of-a-restricted-type": {
        "report_spec": {"reportType": "GET_ORDER_REPORT_DATA_SHIPPING"},
        "pii": "include",
    },
    "json": {
        "report_spec": {"reportType": "GET_SALES_AND_TRAFFIC_REPORT"},
        "rows": "salesAndTrafficByDate",
    },
}


@pytest.mark.parametrize("name", FORMATS)
def test_scheduled_report_of_any_format_is_loaded(
    run: Run,
    declare: Callable[..., None],
    load: Callable[[Mapping[str, Any]], None],
    clock: Any,
    query: Callable[[str], list[dict[str, Any]]],
    name: str,
) -> None:
    """Its rows come into a table whatever the document is."""
    changes = {**FORMATS[name], "file_format": name.partition("-")[0].upper()}
    declare("found", **changes)
    assert run("apply")[0] == 0
    clock.behind = timedelta(days=3)

    load({"name": "found", "schedule": {"period": "P1D"}, **changes})

    [reports] = query("SELECT count(*) AS reports, sum(row_count) AS n FROM amazon.found_reports")
    assert reports["reports"] == 2
    assert query("SELECT count(*) AS n FROM amazon.found") == [{"n": reports["n"]}]
    assert reports["n"] > 0
