"""Checks run with the feeds, are on by default, and are turned off by name."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.checks import removals
from asp_dagster.checks.running import CHECKS, RAW_CHECKS
from asp_dagster.components import AmazonSPApi, AmazonSPListedReport
from asp_dagster.definitions import build_resources
from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (2, 1)]
ORDERS: Mapping[str, Any] = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}
RunJob = Callable[..., dg.ExecuteInProcessResult]
RunFeed = Callable[..., dg.ExecuteInProcessResult]


def evaluated(result: dg.ExecuteInProcessResult) -> Mapping[tuple[str, str], bool]:
    """Which checks a run evaluated, and whether they passed."""
    return {
        (each.asset_key.path[-1], each.check_name): each.passed
        for each in result.get_asset_check_evaluations()
    }


def test_no_check_of_the_default_feeds_fails(run_job: RunJob) -> None:
    """Of a healthy partner, nothing is wrong but what Amazon will remove."""
    partner = Partner.generate(seed=42, orders=200, until=UNTIL, days=2)
    found: dict[tuple[str, str], bool] = {}
    with Simulator(partner, speed=1e6, report_seconds=0) as amazon:
        for day in [*DAYS, DAYS[0]]:
            for job in ("orders_job", "orders_v0_job", "reports_job"):
                result = run_job(amazon, job, day)
                assert result.success
                found |= evaluated(result)

    assert {name for name, passed in found.items() if not passed} <= {
        ("raw_orders_v0", removals.NAME)
    }
    assert {name for _, name in found} == {each.name for each in (*CHECKS, *RAW_CHECKS)}


def test_failing_check_is_told_in_the_run(
    simulator: Simulator, run_feed: RunFeed, instance: dg.DagsterInstance
) -> None:
    """A check that does not pass stands in the run's log with what to do, and fails no run."""
    creation = {**ORDERS["record_config"], "last_modified_field": "createdTime"}
    wrong = {**ORDERS, "partitions": "daily", "record_config": creation}

    result = run_feed(simulator, AmazonSPApi, wrong, DAYS[1])

    assert result.success
    assert not evaluated(result)["orders", "last_modified_in_window"]
    told = [each.user_message for each in instance.all_logs(result.run_id)]
    assert any("before the window that they were asked for" in message for message in told)


def test_incremental_feed_is_checked(simulator: Simulator, run_feed: RunFeed) -> None:
    """A feed that goes on from its cursor has its window and its cursor checked."""
    start = (UNTIL - timedelta(days=2)).date().isoformat()
    declared = {**ORDERS, "params": {**ORDERS["params"], "lastUpdatedAfter": start}}

    found = evaluated(run_feed(simulator, AmazonSPApi, declared))

    assert found["orders", "window_is_complete"]
    assert found["orders", "last_modified_in_window"]
    assert all(found.values())


def test_all_checks_of_a_feed_are_turned_off(simulator: Simulator, run_feed: RunFeed) -> None:
    """`checks: false` leaves a feed without any."""
    result = run_feed(
        simulator, AmazonSPApi, {**ORDERS, "partitions": "daily", "checks": False}, DAYS[1]
    )

    assert result.success
    assert evaluated(result) == {}


def test_one_check_is_turned_off(simulator: Simulator, run_feed: RunFeed) -> None:
    """A name with false turns off that check, and leaves the others."""
    declared = {**ORDERS, "partitions": "daily", "checks": {"key_is_unique": False}}

    names = {name for _, name in evaluated(run_feed(simulator, AmazonSPApi, declared, DAYS[1]))}

    assert "key_is_unique" not in names
    assert "last_modified_in_window" in names


@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        pytest.param(AmazonSPApi, {**ORDERS, "partitions": "daily"}, id="feed"),
        pytest.param(AmazonSPListedReport, {"feed": "settlements"}, id="listed"),
    ],
)
def test_unknown_check_is_refused(component: Any, attributes: Mapping[str, Any]) -> None:
    """A check that there is not is refused when the declaration loads, with those there are."""
    declared = component.from_attributes_dict(
        attributes={**attributes, "checks": {"key_is_uniq": False}}
    )

    with pytest.raises(DeclarationError, match=r"did you mean key_is_unique; known: .*api_is_kept"):
        declared.build_defs(dg.ComponentTree.for_test().load_context)


def test_checks_of_listed_reports_are_turned_off_too() -> None:
    """The checks that only listed reports have are known by their names."""
    declared = AmazonSPListedReport.from_attributes_dict(
        attributes={"feed": "settlements", "checks": {"reports_keep_coming": False}}
    )

    feed = declared.build_defs(dg.ComponentTree.for_test().load_context)

    defs = dg.Definitions.merge(feed, dg.Definitions(resources=build_resources()))
    names = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assert "reports_keep_coming" not in names
    assert {"looked_in_time", "columns_unchanged", "client_secret_is_fresh"} <= names


def test_backfill_records_the_rows_of_each_partition(
    run_job: RunJob, instance: dg.DagsterInstance
) -> None:
    """A run of several partitions tells the rows of each, so that later days can be compared."""
    partner = Partner.generate(seed=42, orders=60, until=UNTIL, days=2)
    tags = dict(
        zip(
            ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end"),
            DAYS,
            strict=True,
        )
    )
    with Simulator(partner, speed=1e6) as amazon:
        assert run_job(amazon, "orders_job", None, tags=tags).success

    records = instance.fetch_materializations(dg.AssetKey("orders"), limit=2).records
    counts = [
        record.asset_materialization.metadata["dagster/partition_row_count"].value
        for record in records
        if record.asset_materialization
    ]
    assert sum(counts) == 60
    assert 0 < counts[0] < 60
