"""Each selling partner's rows are its own, in tables of its own and in shared ones.

Every test runs against both databases.
"""

from typing import Any

import dagster as dg

from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.outcomes import failure_of
from asp_dagster_tests.partners.several import Amazons, Run, orders_of
from asp_dagster_tests.shown import shown_on

[QUERY] = shown_on("docs/accounts.md", "sql")


def test_shared_tables_hold_all_partners(run: Run, amazons: Amazons, warehouse_url: str) -> None:
    """Every order of both is in one table, checks judge each by its own, and so do readers."""
    result = run(["orders", "all_orders"], shared_tables=True)

    assert result.success, failure_of(result)
    for account, amazon in amazons.items():
        of_account = f"FROM amazon.orders WHERE _account = '{account}' ORDER BY 1"
        assert [
            each for (each,) in _stored(warehouse_url, f"SELECT order_id {of_account}")
        ] == orders_of(amazon)
    failed = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert failed == []
    assert _rows(result, "acme__orders_seen") == len(orders_of(amazons["acme"]))


def test_shown_query_counts_each_partner(run: Run, amazons: Amazons, warehouse_url: str) -> None:
    """The query on the page of several selling partners tells them apart."""
    result = run(["orders"], shared_tables="agency")

    assert result.success, failure_of(result)
    counted = {account: orders for account, orders, _units in _stored(warehouse_url, QUERY)}
    assert counted == {account: len(orders_of(each)) for account, each in amazons.items()}


def test_each_has_a_schema_unless_tables_are_shared(
    run: Run, amazons: Amazons, warehouse_url: str
) -> None:
    """Without shared tables each selling partner's rows stand in a schema of its name."""
    assert run(["orders"]).success

    for account, amazon in amazons.items():
        stored = _stored(warehouse_url, f"SELECT order_id FROM {account}.orders ORDER BY 1")
        assert [each for (each,) in stored] == orders_of(amazon)


def test_values_are_asked_for_by_account(run: Run, amazons: Amazons) -> None:
    """A feed that takes its values from a shared table asks for its own account's only."""
    of_items = {
        "type": "asp_dagster.AmazonSPApi",
        "name": "again",
        "path": "/orders/v0/orders",
        "params": {"MarketplaceIds": "{marketplace_ids}", "CreatedAfter": "2025-01-01T00:00:00Z"},
        "results_key": "Orders",
        "values_from": {
            "table": "orders",
            "column": "order_id",
            "param": "AmazonOrderIds",
            "per_request": 1,
        },
        "partitions": "daily",
        "table": "again",
    }

    result = run(["orders", of_items], shared_tables=True)

    assert result.success, failure_of(result)
    for amazon in amazons.values():
        assert amazon.count("getOrders") == len(orders_of(amazon))


def _rows(result: dg.ExecuteInProcessResult, step: str) -> object:
    """How many rows a step says there were."""
    [event] = result.asset_materializations_for_node(step)
    return event.metadata["rows"].value


def _stored(url: str, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in Warehouse.from_url(url).query(sql).to_pylist()]
