"""A feed without partitions goes on where its last loaded run ended, whatever happened since."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi
from asp_dagster.incremental import beginning, newest, next_window
from asp_dagster.landing import DataWindow, SettingError, WindowError
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import SystemClock
from asp_dagster.state import Cursors
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
ORDERS = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}", "lastUpdatedAfter": "2025-01-01"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}
FEED = "raw_orders"
DAY = datetime(2026, 1, 1, tzinfo=UTC)

RunFeed = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner."""
    partner = Partner.generate(seed=11, orders=40, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def run(amazon: Simulator, run_feed: RunFeed) -> Callable[..., dg.ExecuteInProcessResult]:
    """Run the orders feed, with other keys or settings."""

    def execute(
        settings: Mapping[str, str] | None = None,
        selection: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        **keys: Any,
    ) -> Any:
        how = {"selection": selection, "tags": tags}
        return run_feed(amazon, AmazonSPApi, {**ORDERS, **keys}, **how, **(settings or {}))

    return execute


def _until(cursors: Cursors) -> datetime:
    cursor = cursors.get(FEED)
    assert cursor
    assert cursor.until
    return cursor.until


def _order_ids(folder: Path) -> list[str]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    return sorted(warehouse.query("select order_id from amazon.orders")["order_id"].to_pylist())


def _metadata(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, Any]:
    events = result.get_asset_materialization_events()
    [found] = [event for event in events if event.asset_key == dg.AssetKey(asset)]
    metadata = found.step_materialization_data.materialization.metadata
    return {name: value.value for name, value in metadata.items()}


def test_cursor_is_shown(run: RunFeed, cursors: Cursors) -> None:
    """The materializations say up to when the feed is loaded."""
    result = run()

    assert _metadata(result, "orders")["cursor"] == _until(cursors).timestamp()
    assert _metadata(result, "raw_orders")["cursor"] < _until(cursors).timestamp()


def test_lookback_asks_again(run: RunFeed, cursors: Cursors) -> None:
    """A later run begins before the cursor by as much as is declared, and doubles nothing."""
    run()
    cursors.set(FEED, UNTIL)

    result = run(lookback="2 days")

    since = UNTIL - timedelta(days=2)
    assert _metadata(result, "raw_orders")["window_start"] == since.timestamp()
    assert _metadata(result, "raw_orders")["rows"] == 40


def test_failed_load_moves_nothing(run: RunFeed, tmp_path: Path, cursors: Cursors) -> None:
    """A run that lands but cannot load leaves the cursor; the next one covers the same ground."""
    assert not run({"ASP_WAREHOUSE": "duckdb:////proc/no/such/place.duckdb"}).success
    assert cursors.get(FEED) is None

    assert run().success
    assert len(_order_ids(tmp_path)) == 40


def test_failed_extraction_moves_nothing(run: RunFeed, amazon: Simulator, cursors: Cursors) -> None:
    """A run that Amazon refuses leaves the cursor where it was."""
    run()
    cursors.set(FEED, UNTIL)
    amazon.fault("searchOrders", times=5, status=403)

    assert not run().success

    assert _until(cursors) == UNTIL


def test_cursor_set_back_is_followed(run: RunFeed, cursors: Cursors) -> None:
    """After a reset by hand the next run begins at the beginning, and nothing doubles."""
    run()
    cursors.reset(FEED)

    again = run()

    beginning = datetime(2025, 1, 1, tzinfo=UTC)
    assert _metadata(again, "raw_orders")["window_start"] == beginning.timestamp()


def test_cursor_set_back_from_a_fixed_end_is_followed(
    run: RunFeed, amazon: Simulator, tmp_path: Path, cursors: Cursors
) -> None:
    """Up to the same end, what was asked for last is loaded, and not what landed before."""
    params = {**ORDERS["params"], "lastUpdatedBefore": f"{UNTIL:%Y-%m-%d}"}  # type: ignore[dict-item] - a mapping
    assert run(params=params).success
    amazon.partner.update(seed=5, fraction=0.5, at=UNTIL - timedelta(hours=1))
    cursors.set(FEED, UNTIL - timedelta(hours=2))

    assert run(params=params).success

    there = sorted(row["order_id"] for row in amazon.partner.order_rows())
    assert _order_ids(tmp_path) == there


def test_run_does_not_undo_a_reset_by_hand(run: RunFeed, cursors: Cursors) -> None:
    """A cursor that is set back while a run is under way stays where it was set."""
    run()
    reached = _until(cursors)
    cursors.set(FEED, UNTIL - timedelta(days=1))

    # What a run that began at the old cursor does at its end.
    moved = cursors.advance(
        FEED, start=reached, end=reached + timedelta(hours=1), beginning=UNTIL, run_id="other"
    )

    assert not moved
    assert _until(cursors) == UNTIL - timedelta(days=1)


def test_raw_only_feed_moves_on_when_it_has_landed(run: RunFeed, cursors: Cursors) -> None:
    """Without a table, landing is all there is to wait for."""
    assert run(table=False, name="raw_orders").success

    assert _until(cursors) > UNTIL


def test_two_runs_at_once_load_each_record_once(
    run: RunFeed, tmp_path: Path, cursors: Cursors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs land from the same cursor, then both load: it ends where the later one ended."""
    with monkeypatch.context() as earlier:
        earlier.setattr(SystemClock, "now", lambda _clock: UNTIL - timedelta(days=1))
        assert run(selection=["raw_orders"]).success
    assert run(selection=["raw_orders"]).success

    assert all(run(selection=["orders"]).success for _ in range(2))

    assert len(_order_ids(tmp_path)) == len(set(_order_ids(tmp_path))) == 40
    assert _until(cursors) > UNTIL


def test_table_is_rebuilt_from_what_landed(run: RunFeed, amazon: Simulator, tmp_path: Path) -> None:
    """A lost table comes back from the raw files of all runs, without a call to Amazon."""
    run(params={**ORDERS["params"], "lastUpdatedBefore": f"{UNTIL - timedelta(days=1):%Y-%m-%d}"})  # type: ignore[dict-item] - a mapping
    run()
    calls = len(amazon.calls)
    (tmp_path / "warehouse.duckdb").unlink()

    rebuilt = run(selection=["orders"], tags={"asp_dagster/rebuild": "yes"})

    assert rebuilt.success
    assert len(_order_ids(tmp_path)) == 40
    assert len(amazon.calls) == calls
    assert len(list((tmp_path / "raw" / FEED).iterdir())) == 2


def test_nothing_new_says_so(run: RunFeed, cursors: Cursors) -> None:
    """A run that comes too early says when there is something to ask for."""
    run()
    cursors.set(FEED, datetime.now(UTC) + timedelta(hours=1))

    result = run()

    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failed[0].step_failure_data.user_failure_data
    assert data
    assert "nothing new to ask for" in (data.description or "")


def _feed(**keys: Any) -> Any:
    return AmazonSPApi.resolve_from_dict({**ORDERS, **keys}).declared()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2022-02-22", datetime(2022, 2, 22, tzinfo=UTC), id="date"),
        pytest.param("2022-02-22T10:00:00Z", datetime(2022, 2, 22, 10, tzinfo=UTC), id="time"),
        pytest.param(
            "2022-02-22T10:00:00+01:00", datetime(2022, 2, 22, 9, tzinfo=UTC), id="other-zone"
        ),
    ],
)
def test_first_run_begins_at_the_value_in_params(text: str, moment: datetime) -> None:
    """The parameter's own value is where the first run begins; without a zone it is UTC."""
    feed = _feed(params={**ORDERS["params"], "lastUpdatedAfter": text})  # type: ignore[dict-item] - a mapping

    assert beginning(feed.source) == moment


def test_first_run_begins_at_the_start_date_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where params name no time, the first run begins at ASP_START_DATE."""
    monkeypatch.setenv("ASP_START_DATE", "2026-03-01")
    feed = _feed(params={"marketplaceIds": "A"})

    assert beginning(feed.source) == datetime(2026, 3, 1, tzinfo=UTC)


def test_value_that_is_no_time_is_refused() -> None:
    """A first moment that is none fails with what would be right."""
    feed = _feed(params={"marketplaceIds": "A", "lastUpdatedAfter": "last week"})

    with pytest.raises(SettingError, match="2026-01-31"):
        beginning(feed.source)


def test_fixed_end_is_kept() -> None:
    """A last moment among the params ends the window, and the feed when it is reached."""
    params = {**ORDERS["params"], "lastUpdatedBefore": "2026-02-01"}  # type: ignore[dict-item] - a mapping
    feed = _feed(params=params)
    start, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)

    window = next_window(feed, feed.source, start, now)

    assert window == DataWindow(start, datetime(2026, 2, 1, tzinfo=UTC))
    with pytest.raises(WindowError):
        next_window(feed, feed.source, window.end, now)


def _named(*windows: tuple[int, int]) -> Sequence[str]:
    return [
        DataWindow(DAY + timedelta(days=start), DAY + timedelta(days=end)).name
        for start, end in windows
    ]


def test_newest_window_covers_the_others() -> None:
    """Of what has landed the window that reaches furthest is loaded, the widest of those."""
    names = _named((0, 5), (5, 6), (3, 6), (5, 5))

    assert newest(names, DAY) == names[2]


def test_window_from_the_cursor_goes_before_a_longer_one() -> None:
    """Of two windows that reach as far, the one from the cursor is loaded: it is the later one."""
    names = _named((0, 6), (3, 6), (4, 5))

    assert newest(names, DAY + timedelta(days=3)) == names[1]
