"""What a declaration of a report says reaches Amazon, the files, the tables and the checks."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.catalog.personal_checks import is_personal
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.checks.emptiness import NAME as EMPTY_WITH_ORDERS
from asp_dagster.components import AmazonSPApi, AmazonSPReport, AmazonSPReportFile
from asp_dagster.reports.examples import example
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.outcomes import failure_of, materialized, stored

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
ORDERS = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
    "partitions": "daily",
}
ALL_ORDERS = {
    "name": "all_orders",
    "report_spec": {"reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"},
    "file_format": "tsv",
    "partitions": "daily",
}

RunFeed = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner."""
    partner = Partner.generate(seed=11, orders=40, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


def test_report_becomes_a_table_by_itself(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A report's lines are rows, its headers columns, and ids stay text."""
    assert run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY).success

    start = UNTIL - timedelta(days=1)
    lines = amazon.partner.all_orders_lines(start, UNTIL, ["ATVPDKIKX0DER"])
    rows = stored(tmp_path, "select amazon_order_id, sku, quantity from amazon.all_orders")
    assert sorted(row["amazon_order_id"] for row in rows) == sorted(
        line["amazon-order-id"] for line in lines
    )
    assert all(isinstance(row["quantity"], int) for row in rows)


def test_report_is_saved_under_its_output(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A report file has the name that is declared, with what is filled in."""
    declared = {**ALL_ORDERS, "output": "reports/{account}/orders-{partition}.txt", "account": "a1"}
    named = {
        f"ASP_CREDENTIALS_A1_{name.upper()}": getattr(amazon, name)
        for name in ("client_id", "client_secret", "refresh_token")
    }

    result = run_feed(amazon, AmazonSPReportFile, declared, DAY, **named)

    assert materialized(result) == ["a1/all_orders"]
    saved = tmp_path / "raw" / "reports" / "a1" / f"orders-{DAY}.txt"
    assert saved.read_text(encoding="utf-8").startswith("amazon-order-id\t")


REQUESTABLE = {each.name: each for each in ReportTypes.load().all if example(each)}


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
@pytest.mark.parametrize("name", REQUESTABLE)
def test_a_report_type_is_a_full_declaration(name: str) -> None:
    """Every type that can be requested and loaded needs its name alone, and perhaps `pii`."""
    pii = {"pii": "include"} if is_personal(REQUESTABLE[name]) else {}
    component = AmazonSPReport.from_attributes_dict(attributes={"report": name, **pii})

    feed = component.declared()

    assert isinstance(feed.source, ReportSpec)
    assert feed.source.report_type == name
    assert feed.stem in name.lower()
    component.build_defs(dg.ComponentTree.for_test().load_context)


def test_report_type_becomes_a_table(amazon: Simulator, run_feed: RunFeed, tmp_path: Path) -> None:
    """Its name alone lands and loads a report, as its rules want it."""
    named = {"report": "GET_SALES_AND_TRAFFIC_REPORT"}

    assert run_feed(amazon, AmazonSPReport, named, DAY).success

    day = (UNTIL - timedelta(days=1)).date()
    truth = amazon.partner.sales_and_traffic_by_asin(day, "ATVPDKIKX0DER")
    rows = stored(tmp_path, "select parent_asin from amazon.sales_and_traffic")
    assert {row["parent_asin"] for row in rows} == {row["parent_asin"] for row in truth}


def test_day_without_data_is_empty_by_amazons_word(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A report that Amazon cancels for want of data is an empty partition, and says so."""
    before = (UNTIL - timedelta(days=20)).date().isoformat()
    assert run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY).success

    result = run_feed(amazon, AmazonSPReport, ALL_ORDERS, before)

    assert result.success
    metadata = result.get_asset_materialization_events()[0].step_materialization_data
    assert metadata.materialization.metadata["empty_by_amazons_word"].value is True
    partitions = stored(tmp_path, "select distinct _partition from amazon.all_orders")
    assert [row["_partition"] for row in partitions] == [DAY]


def test_empty_report_beside_orders_is_warned_of(amazon: Simulator, run_feed: RunFeed) -> None:
    """A report that is empty although there are orders of that day fails a check, as a warning."""
    orders = _orders_with_their_time()
    assert run_feed(amazon, AmazonSPApi, orders, DAY).success
    amazon.end_next_report("CANCELLED")

    result = run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY)

    assert result.success
    [check] = _emptiness(result)
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.metadata["empty_partitions_with_orders"].value == [DAY]

    assert run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY).success


def test_empty_report_without_orders_passes(amazon: Simulator, run_feed: RunFeed) -> None:
    """Where no orders are known, an empty report is no surprise."""
    amazon.end_next_report("CANCELLED")

    [check] = _emptiness(run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY))

    assert check.passed


def _emptiness(result: dg.ExecuteInProcessResult) -> list[Any]:
    """What the check of empty reports says."""
    checks = result.get_asset_check_evaluations()
    return [check for check in checks if check.check_name == EMPTY_WITH_ORDERS]


def _orders_with_their_time() -> Mapping[str, Any]:
    """Orders as the default feed has them, as far as the check needs it."""
    columns = {
        "order_id": {"path": "orderId"},
        "created_at": {"path": "createdTime", "type": "timestamp"},
    }
    table = {"name": "orders", "key": ["order_id"], "columns": columns}
    return {key: value for key, value in ORDERS.items() if key != "record_config"} | {
        "tables": [table]
    }


def test_unheard_of_report_type_works(amazon: Simulator, run_feed: RunFeed) -> None:
    """Whatever its type, a report is asked for; what Amazon says of it is told."""
    declared = {**ALL_ORDERS, "report_spec": {"reportType": "GET_SOMETHING_NEW"}}

    result = run_feed(amazon, AmazonSPReport, declared, DAY)

    assert amazon.count("createReport") == 1
    assert "GET_SOMETHING_NEW" in failure_of(result)
