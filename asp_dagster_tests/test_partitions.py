"""A declaration's partitions are stretches of time in the zone that it names."""

from datetime import UTC, date, datetime

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import Cadence, PartitionsSpec
from asp_dagster.partitions import partitions_definition


@pytest.mark.parametrize(
    ("every", "first", "start", "end"),
    [
        pytest.param(
            "hourly",
            "2026-03-01-00:00",
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 1, 0, tzinfo=UTC),
            id="hourly",
        ),
        pytest.param(
            "daily",
            "2026-03-01",
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 1, 23, tzinfo=UTC),
            id="daily",
        ),
        pytest.param(
            "weekly",
            "2026-03-01",
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 7, 23, tzinfo=UTC),
            id="weekly",
        ),
        pytest.param(
            "monthly",
            "2026-03-01",
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 31, 22, tzinfo=UTC),
            id="monthly-over-the-change-of-clocks",
        ),
    ],
)
def test_partition_is_a_stretch_of_its_zone(
    every: Cadence, first: str, start: datetime, end: datetime
) -> None:
    """The first partition begins on the first day, at midnight of the zone."""
    spec = PartitionsSpec(every=every, start=date(2026, 3, 1), timezone="Europe/Berlin")

    partitions = partitions_definition(spec)

    assert partitions is not None
    assert partitions.get_first_partition_key() == first
    window = partitions.time_window_for_partition_key(first)
    assert (window.start.astimezone(UTC), window.end.astimezone(UTC)) == (start, end)


def test_partitions_begin_at_the_start_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """A declaration that names no first day begins at ASP_START_DATE, in UTC."""
    monkeypatch.setenv("ASP_START_DATE", "2026-03-01")

    partitions = partitions_definition(PartitionsSpec(every="daily"))

    assert partitions == dg.DailyPartitionsDefinition("2026-03-01", timezone="UTC")


def test_feed_without_partitions_has_none() -> None:
    """No partitions declared, no partitions."""
    assert partitions_definition(None) is None
