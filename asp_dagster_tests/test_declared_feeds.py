"""What a declaration says reaches Amazon, the files, the tables and Dagster's UI."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, MittoJobs
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.declaring import code_location, definitions_of
from asp_dagster_tests.outcomes import failure_of, materialized, stored

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

RunFeed = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner."""
    partner = Partner.generate(seed=11, orders=40, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


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

    assert materialized(result) == ["acme/raw_orders", "acme/orders"]
    assert (tmp_path / "raw" / "acme" / "raw_orders" / f"{DAY}.jsonl.gz").exists()
    assert stored(tmp_path, "select count(*) as orders from acme.orders")[0]["orders"] > 0


def test_unknown_credentials_fail_the_run(amazon: Simulator, run_feed: RunFeed) -> None:
    """A name that leads nowhere says which names there are, when a run needs it."""
    named = {"ASP_CREDENTIALS_ACME_CLIENT_ID": "x"}

    result = run_feed(amazon, AmazonSPApi, {**ORDERS, "credentials": "acne"}, DAY, **named)

    assert "acme" in failure_of(result).lower()
    assert not amazon.calls


def test_columns_are_dropped_and_hashed(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A dropped column is not in the table; a hashed one can be joined, but not read."""
    columns = {"programs": "drop", "created_time": "drop", "sales_channel": "hash"}
    declared = {**ORDERS, "columns": columns}

    assert run_feed(amazon, AmazonSPApi, declared, DAY, ASP_HASH_KEY="a key of ours").success

    [row, *_] = stored(tmp_path, "select * from amazon.orders")
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

    assert "ASP_HASH_KEY" in failure_of(run_feed(amazon, AmazonSPApi, declared, DAY))


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
    rows = stored(tmp_path, "select marketplace__id from amazon.marketplaces")
    assert [row["marketplace__id"] for row in rows] == ["ATVPDKIKX0DER"]


def test_feed_shows_owners_tags_and_job() -> None:
    """Owners and tags are the assets', and the feed has a job of its name."""
    declared = {**ORDERS, "owners": ["team:data"], "tags": {"tier": "gold"}, "account": "acme"}
    feed = definitions_of(AmazonSPApi, declared)
    defs = code_location(feed)

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
    orders = stored(tmp_path, f"select count(*) as n from {schema}.orders")
    items = stored(tmp_path, f"select count(*) as n from {schema}.orders__order_items")
    assert orders[0]["n"] == len(amazon.partner.order_rows())
    assert items[0]["n"] == len(amazon.partner.order_item_rows())
    assert stored(tmp_path, f"select count(*) as n from {schema}.sales_and_traffic")[0]["n"] == 1
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
