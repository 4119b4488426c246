"""Which runs follow from changed orders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from asp_dagster.notifications.asking import Group, groups, run_request
from asp_dagster.state import AskedRun, ChangedOrder
from asp_dagster_tests.notifications.listening import orders_feed

CUT = dg.DailyPartitionsDefinition("2026-11-01")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)


def _change(number: int, happened_at: datetime = LONG_AGO) -> ChangedOrder:
    return ChangedOrder(f"n{number}", f"903-0000000-{number:07d}", happened_at)


def _asked(orders: int) -> AskedRun:
    return AskedRun("key", "raw_orders", "2026-11-22", list(map(str, range(orders))))


def _keys(*moments: datetime, now: datetime = NOW) -> list[str]:
    changes = [_change(number, moment) for number, moment in enumerate(moments)]
    return [group.partition_key for group in groups(changes, CUT, now)]


def test_each_partition_has_its_run() -> None:
    """Changes of yesterday and of today lead to two runs."""
    assert _keys(NOW - timedelta(days=1), LONG_AGO) == ["2026-11-21", "2026-11-22"]


@pytest.mark.parametrize(
    ("happened_at", "partition_key"),
    [
        pytest.param(NOW + timedelta(days=3), "2026-11-22", id="future"),
        pytest.param(NOW - timedelta(days=90), "2026-11-01", id="before-the-first"),
    ],
)
def test_there_is_always_a_partition(happened_at: datetime, partition_key: str) -> None:
    """A time for which there is no partition is fetched beside the nearest."""
    assert _keys(happened_at) == [partition_key]


def test_partition_that_has_hardly_begun_is_not_run() -> None:
    """In the first minutes of a day its changes are fetched beside the day before."""
    midnight = datetime(2026, 11, 22, tzinfo=UTC)

    assert _keys(midnight, now=midnight + timedelta(minutes=1)) == ["2026-11-21"]
    assert _keys(midnight, now=midnight + timedelta(minutes=10)) == ["2026-11-22"]


def test_few_orders_are_asked_for_by_their_ids() -> None:
    """A hundred changed orders at a time, however often each has changed; the rest waits."""
    changes = [_change(number % 110, NOW) for number in range(220)]

    [group] = groups(changes, CUT, NOW)

    assert len({each.order_id for each in group.changes}) == 100
    assert len(group.changes) == 200


def test_many_orders_are_searched_for_when_a_search_finds_them() -> None:
    """What changed a minute ago is not found by a search, and waits for the next run."""
    settled = [_change(number) for number in range(101)]

    [group] = groups([*settled, _change(500, NOW)], CUT, NOW)

    assert group.changes == settled


def test_key_is_of_the_notifications() -> None:
    """The same notifications have the same key in any order, others have another."""
    first, second, third = map(_change, range(3))

    key = Group("d", 0, [first, second]).run_key("raw_orders")
    assert key == Group("d", 0, [second, first]).run_key("raw_orders")
    assert key != Group("d", 0, [first, third]).run_key("raw_orders")


def test_key_is_of_the_feed_and_of_the_attempt() -> None:
    """Another feed's run, and one that is asked for again after a failure, have other keys."""
    keys = {
        Group("d", failures, [_change(1)]).run_key(asset)
        for asset in ("raw_orders", "acme/raw_orders")
        for failures in (0, 1)
    }

    assert len(keys) == 4


def test_what_failed_is_apart_from_what_did_not() -> None:
    """An order that cannot be fetched keeps no other from coming."""
    changes = [_change(1), replace(_change(2), failures=1), replace(_change(3), failures=1)]

    found = {group.failures: group.changes for group in groups(changes, CUT, NOW)}

    assert found == {0: changes[:1], 1: changes[1:]}


def test_run_asks_for_ids_or_searches() -> None:
    """The tags say which road, for which partition, and how many orders have changed."""
    listener = orders_feed(backfill="report")
    few = run_request(_asked(2), listener)
    many = run_request(_asked(101), listener)

    assert few.tags == {
        "dagster/partition": "2026-11-22",
        "asp_dagster/order_changes": "2",
        "asp_dagster/road": "order_ids",
        "asp_dagster/order_ids": "0,1",
    }
    assert many.tags == {
        "dagster/partition": "2026-11-22",
        "asp_dagster/order_changes": "101",
        "asp_dagster/road": "api",
    }
    assert few.run_key == many.run_key == "key"
    assert few.job_name == many.job_name == "orders_job"


def test_feed_with_one_road_is_not_told_which_to_take() -> None:
    """Without backfill there is one road to many orders, and a tag that forces it is refused."""
    many = run_request(_asked(101), orders_feed())

    assert many.tags == {"dagster/partition": "2026-11-22", "asp_dagster/order_changes": "101"}
