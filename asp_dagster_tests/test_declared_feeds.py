"""What a declaration says reaches Amazon, the files, the tables and Dagster's UI."""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.checks import EMPTY_WITH_ORDERS
from asp_dagster.components import AmazonSPApi, AmazonSPReport, AmazonSPReportFile, MittoJobs
from asp_dagster.definitions import build_resources
from asp_dagster.reports.examples import example
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
EXAMPLES = Path(__file__).parent.parent / "examples" / "mitto"
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


def _query(folder: Path, sql: str) -> list[Mapping[str, Any]]:
    return Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}").query(sql).to_pylist()


def _keys(result: dg.ExecuteInProcessResult) -> list[str]:
    events = result.get_asset_materialization_events()
    return [event.asset_key.to_user_string() for event in events if event.asset_key]


def _sentence(result: dg.ExecuteInProcessResult) -> str:
    """The sentence of the first step that failed."""
    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failed[0].step_failure_data
    assert data.user_failure_data is not None, data.error
    return data.user_failure_data.description or ""


def test_account_stands_before_everything(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A feed of a named account has its own asset keys, files, schema and credentials."""
    named = {
        f"ASP_CREDENTIALS_ACME_{name.upper()}": getattr(amazon, name)
        for name in ("client_id", "client_secret", "refresh_token")
    }

    declared = {**ORDERS, "account": "acme"}
    result = run_feed(amazon, AmazonSPApi, declared, DAY, ASP_CLIENT_ID="none of ours", **named)

    assert _keys(result) == ["acme/raw_orders", "acme/orders"]
    assert (tmp_path / "raw" / "acme" / "raw_orders" / f"{DAY}.jsonl.gz").exists()
    assert _query(tmp_path, "select count(*) as orders from acme.orders")[0]["orders"] > 0


def test_unknown_credentials_fail_the_run(amazon: Simulator, run_feed: RunFeed) -> None:
    """A name that leads nowhere says which names there are, when a run needs it."""
    named = {"ASP_CREDENTIALS_ACME_CLIENT_ID": "x"}

    result = run_feed(amazon, AmazonSPApi, {**ORDERS, "credentials": "acne"}, DAY, **named)

    assert "acme" in _sentence(result).lower()
    assert not amazon.calls


def test_columns_are_dropped_and_hashed(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A dropped column is not in the table; a hashed one can be joined, but not read."""
    columns = {"programs": "drop", "created_time": "drop", "sales_channel": "hash"}
    declared = {**ORDERS, "columns": columns}

    assert run_feed(amazon, AmazonSPApi, declared, DAY, ASP_HASH_KEY="a key of ours").success

    [row, *_] = _query(tmp_path, "select * from amazon.orders")
    assert not row.keys() & {"programs", "created_time"}
    assert re.fullmatch("[0-9a-f]{64}", row["sales_channel__marketplace_id"])


def test_found_columns_and_tables_are_shown(amazon: Simulator, run_feed: RunFeed) -> None:
    """A table made by itself shows its columns, and the tables that its lists became."""
    result = run_feed(amazon, AmazonSPApi, ORDERS, DAY)

    events = result.get_asset_materialization_events()
    metadata = events[-1].step_materialization_data.materialization.metadata
    columns = {each.name: each.type for each in metadata["dagster/column_schema"].value.columns}
    assert columns["order_id"] == "text"
    assert columns["created_time"] == "timestamp"
    items = metadata["child_tables"].value["amazon.orders__order_items"]
    assert items >= metadata["rows"].value


def test_hash_without_a_key_is_refused(amazon: Simulator, run_feed: RunFeed) -> None:
    """A hash that nobody could repeat is no hash to join by: the load asks for the key."""
    declared = {**ORDERS, "columns": {"sales_channel": "hash"}}

    assert "ASP_HASH_KEY" in _sentence(run_feed(amazon, AmazonSPApi, declared, DAY))


def test_snapshot_follows_what_is_there(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A list without dates is taken whole at each run, and the table follows it."""
    declared = {
        "name": "marketplaces",
        "path": "/sellers/v1/marketplaceParticipations",
        "record_config": {"id_field": "marketplace.id"},
    }

    for _ in range(2):
        assert run_feed(amazon, AmazonSPApi, declared).success

    assert (tmp_path / "raw" / "raw_marketplaces" / "latest.jsonl.gz").exists()
    rows = _query(tmp_path, "select marketplace__id from amazon.marketplaces")
    assert [row["marketplace__id"] for row in rows] == ["ATVPDKIKX0DER"]


def test_report_becomes_a_table_by_itself(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A report's lines are rows, its headers columns, and ids stay text."""
    assert run_feed(amazon, AmazonSPReport, ALL_ORDERS, DAY).success

    start = UNTIL - timedelta(days=1)
    lines = amazon.partner.all_orders_lines(start, UNTIL, ["ATVPDKIKX0DER"])
    rows = _query(tmp_path, "select amazon_order_id, sku, quantity from amazon.all_orders")
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

    assert _keys(result) == ["a1/all_orders"]
    saved = tmp_path / "raw" / "reports" / "a1" / f"orders-{DAY}.txt"
    assert saved.read_text(encoding="utf-8").startswith("amazon-order-id\t")


REQUESTABLE = {each.name: each for each in ReportTypes.load().all if example(each)}


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
@pytest.mark.parametrize("name", REQUESTABLE)
def test_a_report_type_is_a_full_declaration(name: str) -> None:
    """Every type that can be requested and loaded needs no more than its name."""
    component = AmazonSPReport.from_attributes_dict(attributes={"report": name})

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
    rows = _query(tmp_path, "select parent_asin from amazon.sales_and_traffic")
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
    partitions = _query(tmp_path, "select distinct _partition from amazon.all_orders")
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
    assert "GET_SOMETHING_NEW" in _sentence(result)


def test_feed_shows_owners_tags_and_job() -> None:
    """Owners and tags are the assets', and the feed has a job of its name."""
    declared = {**ORDERS, "owners": ["team:data"], "tags": {"tier": "gold"}, "account": "acme"}
    component = AmazonSPApi.from_attributes_dict(attributes=declared)
    feed = component.build_defs(dg.ComponentTree.for_test().load_context)
    defs = dg.Definitions.merge(feed, dg.Definitions(resources=build_resources()))

    graph = defs.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert [list(node.owners) for node in nodes] == [["team:data"]] * 2
    assert [node.tags["tier"] for node in nodes] == ["gold"] * 2
    assert [job.name for job in feed.jobs or ()] == ["acme_orders_job"]


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_every_example_of_mittos_runs(amazon: Simulator, run_feed: RunFeed, tmp_path: Path) -> None:
    """One job file of each kind, as it is: two become tables, one a file."""
    named = {
        f"ASP_CREDENTIALS_MY_SELLER_{name.upper()}": getattr(amazon, name)
        for name in ("client_id", "client_secret", "refresh_token")
    }
    declared = {"folder": str(EXAMPLES), "endpoint": amazon.url}

    result = run_feed(amazon, MittoJobs, declared, **named)

    assert result.success
    schema = "amazon_selling_partner"
    orders = _query(tmp_path, f"select count(*) as n from {schema}.orders")
    items = _query(tmp_path, f"select count(*) as n from {schema}.orders__order_items")
    assert orders[0]["n"] == len(amazon.partner.order_rows())
    assert items[0]["n"] == len(amazon.partner.order_item_rows())
    assert _query(tmp_path, f"select count(*) as n from {schema}.sales_and_traffic")[0]["n"] == 1
    assert (tmp_path / "raw" / "all_orders.tsv").stat().st_size > 0


def test_record_that_is_not_found_is_counted(amazon: Simulator, run_feed: RunFeed) -> None:
    """An order whose items Amazon does not know lands with null; the metadata counts it."""
    declared = {
        "name": "orders_v0",
        "path": "/orders/v0/orders",
        "params": {"MarketplaceIds": "{marketplace_ids}"},
        "updated_at_param": "LastUpdatedAfter",
        "record_config": {"id_field": "AmazonOrderId"},
        "extend_resources": [
            {
                "new_field_name": "OrderItems",
                "path": "/orders/v0/orders/{}/orderItems",
                "path_variable_name": "AmazonOrderId",
            }
        ],
        "partitions": "daily",
        "table": False,
    }
    amazon.fault("getOrderItems", times=1, status=404)

    result = run_feed(amazon, AmazonSPApi, declared, DAY)

    [event] = result.get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    landed = gzip.decompress(Path(str(metadata["path"].value)).read_bytes()).splitlines()
    items = [json.loads(line)["OrderItems"] for line in landed]
    assert items.count(None) == metadata["records_not_found"].value == 1
