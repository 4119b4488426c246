"""A feed's schedule asks for each partition when it is ready, while it changes, and if missed."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any, cast
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import (
    schedule_execution_time_iterator,  # the daemon's ticks; it has no public name
)

from asp_dagster.components import AmazonSPApi, AmazonSPListedReport, AmazonSPReport
from asp_dagster.components.declared_feeds import FeedComponent
from asp_dagster.definitions import build_definitions
from asp_dagster.schedules import DUE
from asp_dagster_tests.declaring import code_location, definitions_of

BERLIN, LOS_ANGELES = "A1PA6795UKMFR9", "ATVPDKIKX0DER"
ORDERS: Mapping[str, Any] = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId"},
}
SALES = {"report": "GET_SALES_AND_TRAFFIC_REPORT", "name": "sales"}
FORTNIGHTS = [
    pytest.param("America/Los_Angeles", LOS_ANGELES, date(2026, 3, 1), id="los-angeles-spring"),
    pytest.param("America/Los_Angeles", LOS_ANGELES, date(2026, 10, 25), id="los-angeles-autumn"),
    pytest.param("Europe/Berlin", BERLIN, date(2026, 3, 22), id="berlin-spring"),
    pytest.param("Europe/Berlin", BERLIN, date(2026, 10, 18), id="berlin-autumn"),
]
"""Fortnights with a change of clocks in the middle, by zone and marketplace."""

Ticks = Mapping[datetime, Mapping[str, str]]
"""What each tick asks for: the partitions, and why."""


def _definitions(component: type[FeedComponent], attributes: Mapping[str, Any]) -> dg.Definitions:
    return code_location(definitions_of(component, attributes))


def _schedule(defs: dg.Definitions) -> dg.ScheduleDefinition:
    [schedule] = defs.get_repository_def().schedule_defs
    return schedule


def _times(schedule: dg.ScheduleDefinition, first: date, days: int) -> Iterator[datetime]:
    """Yield the ticks that the daemon makes in some days."""
    zone = ZoneInfo(str(schedule.execution_timezone))
    start = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(first + timedelta(days=days), datetime.min.time(), zone)
    ticks = schedule_execution_time_iterator(
        start.timestamp(), schedule.cron_schedule, schedule.execution_timezone
    )
    return takewhile(lambda tick: tick < end, ticks)


def _requests(
    defs: dg.Definitions, instance: dg.DagsterInstance, time: datetime
) -> list[dg.RunRequest]:
    """Return the runs that a tick asks for."""
    context = dg.build_schedule_context(
        scheduled_execution_time=time, repository_def=defs.get_repository_def()
    )
    # Dagster would open an instance anew, from its folder, at each tick.
    context._instance, context._instance_ref = instance, cast("Any", "the instance above")
    return list(_schedule(defs).evaluate_tick(context).run_requests or [])


def _ticks(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    first: date,
    days: int = 14,
    lands: Callable[[str], bool] = lambda _: True,
) -> Ticks:
    """Return what the ticks of some days ask for; what lands of it is noted as landed."""
    schedule = _schedule(defs)
    raw = dg.AssetKey(f"raw_{schedule.name.removesuffix('_job_schedule')}")
    found: dict[datetime, dict[str, str]] = {}
    for time in _times(schedule, first, days):
        requests = _requests(defs, instance, time)
        found[time] = {str(each.partition_key): each.tags[DUE] for each in requests}
        for key in filter(lands, found[time]):
            instance.report_runless_asset_event(dg.AssetMaterialization(raw, partition=key))
    return found


def _asked(ticks: Ticks, *reasons: str) -> Mapping[str, list[datetime]]:
    """Return when each partition was asked for, for some reasons or for any."""
    asked = defaultdict(list)
    for time, due in ticks.items():
        for key, reason in due.items():
            if not reasons or reason in reasons:
                asked[key].append(time)
    return asked


def _days(first: date, count: int) -> list[str]:
    return [(first + timedelta(days=each)).isoformat() for each in range(count)]


def _midnight(day: str, zone: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "marketplace", "first"), FORTNIGHTS)
def test_each_day_of_a_zone_is_asked_for_once_and_when_it_is_over(
    zone: str, marketplace: str, first: date, instance: dg.DagsterInstance
) -> None:
    """Days of 23 and of 25 hours are asked for once, within two hours after their end."""
    partitions = {"every": "daily", "timezone": zone, "start": (first - timedelta(1)).isoformat()}
    feed = {**ORDERS, "marketplaces": [marketplace], "partitions": partitions}

    asked = _asked(_ticks(_definitions(AmazonSPApi, feed), instance, first))

    assert sorted(asked) == _days(first - timedelta(1), 14)
    for key, times in asked.items():
        [time] = times
        over = _midnight((date.fromisoformat(key) + timedelta(1)).isoformat(), zone)
        assert timedelta(hours=1) <= time - over < timedelta(hours=2)


@pytest.mark.parametrize(("zone", "marketplace", "first"), FORTNIGHTS)
def test_report_is_asked_for_when_ready_and_each_day_while_it_changes(
    zone: str, marketplace: str, first: date, instance: dg.DagsterInstance
) -> None:
    """A day of sales comes 72 hours after it, then daily until it has been final for a tick."""
    partitions = {"every": "daily", "start": first.isoformat()}
    feed = {**SALES, "marketplaces": [marketplace], "partitions": partitions}

    ticks = _ticks(_definitions(AmazonSPReport, feed), instance, first, days=30)

    ready, changing = _asked(ticks, "ready"), _asked(ticks, "changing")
    assert sorted(ready) == _days(first, 26)
    for key in _days(first, 14):
        over = _midnight((date.fromisoformat(key) + timedelta(1)).isoformat(), zone)
        [began] = ready[key]
        assert timedelta(hours=72) <= began - over < timedelta(hours=75)
        assert len({time.date() for time in changing[key]}) == len(changing[key]) in {11, 12}
        assert max(changing[key]) >= over + timedelta(days=14)
    assert not _asked(ticks, "missed")


def test_partition_that_has_not_landed_is_asked_for_again(instance: dg.DagsterInstance) -> None:
    """A day whose run failed is asked for again daily, until a week has passed."""
    feed = {**ORDERS, "partitions": {"every": "daily", "start": "2026-06-01"}}

    ticks = _ticks(
        _definitions(AmazonSPApi, feed),
        instance,
        date(2026, 6, 2),
        lands=lambda key: key != "2026-06-03",
    )

    again = _asked(ticks, "missed")
    assert list(again) == ["2026-06-03"]
    assert [time.day for time in again["2026-06-03"]] == [5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        pytest.param({**ORDERS, "partitions": "daily"}, AmazonSPApi, id="day"),
        pytest.param({**ORDERS, "partitions": "weekly"}, AmazonSPApi, id="week"),
        pytest.param({**ORDERS, "partitions": "monthly"}, AmazonSPApi, id="month"),
        pytest.param({**SALES, "cron_schedule": "0 */6 * * *"}, AmazonSPReport, id="changing"),
        pytest.param({**ORDERS, "partitions": "hourly"}, AmazonSPApi, id="hour"),
    ],
)
def test_no_partition_is_asked_for_twice_a_day(
    attributes: Mapping[str, Any], kind: type[FeedComponent], instance: dg.DagsterInstance
) -> None:
    """However often a schedule ticks, and whatever fails: a partition is once in a day."""
    defs = _definitions(kind, attributes)

    ticks = _ticks(defs, instance, date(2026, 6, 1), days=5, lands=lambda _: False)

    zone = ZoneInfo(str(_schedule(defs).execution_timezone))
    for times in _asked(ticks).values():
        days = [time.astimezone(zone).date() for time in times]
        assert len(set(days)) == len(days)


@pytest.mark.parametrize(
    ("every", "days", "expected"),
    [
        ("weekly", 36, ["2026-03-01", "2026-03-08", "2026-03-15", "2026-03-22", "2026-03-29"]),
        ("monthly", 65, ["2026-03-01", "2026-04-01"]),
    ],
)
def test_longer_partitions_are_asked_for_once(
    every: str, days: int, expected: list[str], instance: dg.DagsterInstance
) -> None:
    """Weeks and months are asked for once, on the day they are over, none forgotten."""
    partitions = {"every": every, "timezone": "Europe/Berlin", "start": "2026-03-01"}
    feed = {**ORDERS, "partitions": partitions}

    asked = _asked(_ticks(_definitions(AmazonSPApi, feed), instance, date(2026, 3, 1), days))

    assert sorted(asked) == expected
    assert [len(times) for times in asked.values()] == [1] * len(expected)


def test_hours_are_asked_for_one_after_another(instance: dg.DagsterInstance) -> None:
    """An hourly feed is asked for each hour once it is over, none forgotten."""
    feed = {**ORDERS, "partitions": {"every": "hourly", "start": "2026-06-01"}}

    ticks = _ticks(_definitions(AmazonSPApi, feed), instance, date(2026, 6, 1), days=2)

    asked = _asked(ticks, "ready")
    assert len(asked) == 47
    assert all(
        timedelta(minutes=10)
        <= time - datetime.fromisoformat(f"{key[:10]}T{key[11:]}Z") - timedelta(hours=1)
        < timedelta(hours=1)
        for key, [time] in asked.items()
    )


def test_tick_that_is_repeated_has_the_same_keys(instance: dg.DagsterInstance) -> None:
    """Each run has a key of its partition and day, by which Dagster starts it once."""
    defs = _definitions(AmazonSPReport, SALES)
    time = next(_times(_schedule(defs), date(2026, 6, 20), days=1))

    keys = [[each.run_key for each in _requests(defs, instance, time)] for _ in range(2)]

    assert keys[0] == keys[1]
    assert "2026-06-16 2026-06-20" in keys[0]


def test_rare_schedule_asks_for_all_since_the_last_tick(instance: dg.DagsterInstance) -> None:
    """A schedule that ticks on Mondays asks for the days of the week before."""
    feed = {**ORDERS, "partitions": "daily", "cron_schedule": "0 6 * * 1"}

    ticks = _ticks(_definitions(AmazonSPApi, feed), instance, date(2026, 6, 8), days=7)

    assert sorted(_asked(ticks, "ready")) == _days(date(2026, 6, 1), 7)


@pytest.mark.parametrize(
    ("kind", "attributes", "every"),
    [
        pytest.param(AmazonSPApi, ORDERS, r"\d+ \* \* \* \*", id="incremental"),
        pytest.param(AmazonSPApi, {"feed": "fba_inventory"}, r"\d+ \d+ \* \* \*", id="snapshot"),
        pytest.param(
            AmazonSPListedReport, {"feed": "settlements"}, r"\d+ \d+ \* \* \*", id="listed"
        ),
    ],
)
def test_feed_without_partitions_is_just_run(
    kind: type[FeedComponent],
    attributes: Mapping[str, Any],
    every: str,
    instance: dg.DagsterInstance,
) -> None:
    """An incremental feed runs every hour, a snapshot every day, both for no partition."""
    defs = _definitions(kind, attributes)

    [request] = _requests(defs, instance, datetime(2026, 6, 20, 9, tzinfo=UTC))

    assert request.partition_key is None
    assert re.fullmatch(every, str(_schedule(defs).cron_schedule))


def test_feed_may_have_no_schedule() -> None:
    """`cron_schedule: none` declares a feed without one."""
    defs = _definitions(AmazonSPApi, {**ORDERS, "cron_schedule": "none"})

    assert not defs.get_repository_def().schedule_defs


def test_feeds_and_accounts_start_at_minutes_of_their_own() -> None:
    """Equal feeds of many selling partners are spread over the hour, the same way each time."""
    crons = [
        [
            str(_schedule(_definitions(AmazonSPApi, feed)).cron_schedule)
            for feed in ({**ORDERS, "account": f"partner{each}"} for each in range(20))
        ]
        for _ in range(2)
    ]

    assert crons[0] == crons[1]
    assert len(set(crons[0])) > 10


def test_default_feeds_have_schedules_that_are_off() -> None:
    """Each default feed has a schedule, and none asks Amazon before it is turned on."""
    schedules = build_definitions().get_repository_def().schedule_defs
    running = [
        each.name for each in schedules if each.default_status == dg.DefaultScheduleStatus.RUNNING
    ]

    assert {each.name for each in schedules} >= {
        f"{feed}_job_schedule"
        for feed in ("orders", "orders_v0", "sales_and_traffic", "all_orders")
    }
    assert running == ["personal_data_retention_job_schedule"]
