"""Which runs follow from changed orders."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from asp_dagster.notifications.asking import Group, groups, run_request
from asp_dagster.state import AskedRun, ChangedOrder

CUT = dg.DailyPartitionsDefinition("2026-11-01")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)


def _change(number: int, happened_at: datetime = LONG_AGO) -> ChangedOrder:
    return ChangedOrder(f"n{number}", f"903-0000000-{number:07d}", happened_at)


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

    assert Group("d", [first, second]).run_key == Group("d", [second, first]).run_key
    assert Group("d", [first, second]).run_key != Group("d", [first, third]).run_key


def test_run_asks_for_ids_or_searches() -> None:
    """The tags say which road, for which partition, and how many orders have changed."""
    few = run_request(AskedRun("key", "2026-11-22", ["1", "2"], []))
    many = run_request(AskedRun("key", "2026-11-22", list(map(str, range(101))), []))

    assert few.tags == {
        "dagster/partition": "2026-11-22",
        "asp_dagster/order_changes": "2",
        "asp_dagster/road": "order_ids",
        "asp_dagster/order_ids": "1,2",
    }
    assert many.tags == {
        "dagster/partition": "2026-11-22",
        "asp_dagster/order_changes": "101",
        "asp_dagster/road": "api",
    }
    assert few.run_key == many.run_key == "key"
