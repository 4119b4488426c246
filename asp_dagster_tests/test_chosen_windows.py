"""What a run does that is given days of a feed without partitions, and what its cursor does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.components import AmazonSPApi
from asp_dagster.landing import DataWindow, SettingError
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.state import Cursors
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = timedelta(days=1)
FEED = "raw_orders"
ORDERS: Mapping[str, Any] = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}", "lastUpdatedAfter": "2025-01-01"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LOADED = datetime(2026, 11, 20, tzinfo=UTC)

Run = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner, whose orders changed on six days."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=6)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def run(amazon: Simulator, run_feed: Run) -> Run:
    """Run the orders feed for some days, if any are named."""

    def execute(
        first: datetime | str = "",
        to: datetime | str = "",
        selection: Sequence[str] | None = None,
        settings: Mapping[str, str] | None = None,
        **keys: Any,
    ) -> dg.ExecuteInProcessResult:
        chosen = {name: str(day) for name, day in {"from": first, "to": to}.items() if day}
        config = {"ops": {FEED: {"config": chosen}}} if chosen else None
        declared = {**ORDERS, **keys}
        return run_feed(
            amazon, AmazonSPApi, declared, selection=selection, config=config, **(settings or {})
        )

    return execute


def _until(cursors: Cursors) -> datetime | None:
    cursor = cursors.get(FEED)
    return cursor.until if cursor else None


def _there(folder: Path) -> Sequence[tuple[str, datetime]]:
    """What the table holds."""
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    rows = warehouse.query("select order_id, last_updated_time from amazon.orders").to_pylist()
    return sorted((row["order_id"], _utc(row["last_updated_time"])) for row in rows)


def _truth(partner: Partner, start: datetime, end: datetime) -> Sequence[tuple[str, datetime]]:
    """What changed last in a stretch of time, as the selling partner knows it."""
    rows = [(row["order_id"], row["last_updated_at"]) for row in partner.order_rows()]
    return sorted(row for row in rows if start <= row[1] < end)


def _utc(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _windows(result: dg.ExecuteInProcessResult) -> Mapping[str, tuple[datetime, datetime]]:
    """The windows that a run's materializations tell of."""
    found = {}
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        ends = (metadata[name].value for name in ("window_start", "window_end"))
        start, end = (datetime.fromtimestamp(float(str(value)), UTC) for value in ends)
        found[event.asset_key.path[-1] if event.asset_key else ""] = (start, end)
    return found


def _refusal(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = (each for each in result.all_events if each.is_step_failure)
    told = failure.step_failure_data.user_failure_data
    return str(told and told.description)


def test_days_are_landed_and_loaded_and_nothing_else(
    run: Run, amazon: Simulator, tmp_path: Path
) -> None:
    """Rows equal the truth of the days that were named, the last of them included."""
    first, last = UNTIL - 5 * DAY, UNTIL - 4 * DAY

    result = run(first.date(), last.date())

    assert _windows(result) == dict.fromkeys([FEED, "orders"], (first, last + DAY))
    assert _there(tmp_path) == _truth(amazon.partner, first, last + DAY) != []


def test_times_bound_it_to_the_millisecond(run: Run, amazon: Simulator, tmp_path: Path) -> None:
    """A time begins and ends the window; with a zone, it is of that zone."""
    first, end = UNTIL - 4 * DAY, UNTIL - 2 * DAY

    run(f"{first + timedelta(hours=1):%Y-%m-%dT%H:%M}+01:00", f"{end:%Y-%m-%dT%H:%M:%SZ}")

    assert _there(tmp_path) == _truth(amazon.partner, first, end) != []


def test_past_window_leaves_the_cursor(
    run: Run, amazon: Simulator, tmp_path: Path, cursors: Cursors
) -> None:
    """A window before the cursor is loaded again, and sets nothing back; nothing doubles."""
    run()
    reached, before = _until(cursors), _there(tmp_path)

    result = run((UNTIL - 5 * DAY).date(), (UNTIL - 4 * DAY).date())

    assert _windows(result)["orders"] == (UNTIL - 5 * DAY, UNTIL - 3 * DAY)
    assert _until(cursors) == reached
    assert _there(tmp_path) == before == _truth(amazon.partner, UNTIL - 9 * DAY, UNTIL)


def test_window_that_reaches_past_the_cursor_moves_it_on(
    run: Run, amazon: Simulator, tmp_path: Path, cursors: Cursors
) -> None:
    """Where nothing is left out, the next run goes on from the window's end."""
    run(to=(UNTIL - 5 * DAY).date())
    assert _until(cursors) == UNTIL - 4 * DAY

    run((UNTIL - 5 * DAY).date(), (UNTIL - 3 * DAY).date())

    assert _until(cursors) == UNTIL - 2 * DAY
    assert _windows(run())[FEED][0] == UNTIL - 2 * DAY
    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 9 * DAY, UNTIL)


def test_gap_before_the_window_is_never_skipped(
    run: Run, amazon: Simulator, tmp_path: Path, cursors: Cursors
) -> None:
    """A window beyond the cursor is loaded, but the next run still begins at the cursor."""
    run(to=(UNTIL - 5 * DAY).date())
    reached = UNTIL - 4 * DAY

    assert run((UNTIL - 2 * DAY).date(), (UNTIL - DAY).date()).success
    assert _until(cursors) == reached
    ahead = _truth(amazon.partner, UNTIL - 2 * DAY, UNTIL)
    assert set(_there(tmp_path)) >= set(ahead) != set()

    assert _windows(run())[FEED][0] == reached
    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 9 * DAY, UNTIL)


def test_raw_files_alone_skip_no_gap_either(run: Run, cursors: Cursors) -> None:
    """Without tables, landing moves the cursor by the same rule."""
    alone: Mapping[str, Any] = {"table": False, "name": FEED}
    run(to=(UNTIL - 5 * DAY).date(), **alone)

    run((UNTIL - 2 * DAY).date(), (UNTIL - DAY).date(), **alone)
    assert _until(cursors) == UNTIL - 4 * DAY

    run((UNTIL - 4 * DAY).date(), (UNTIL - 3 * DAY).date(), **alone)
    assert _until(cursors) == UNTIL - 2 * DAY


def test_landing_that_was_reported_by_hand_is_passed_over(
    run: Run, instance: dg.DagsterInstance, amazon: Simulator, tmp_path: Path
) -> None:
    """A materialization that a person reports names no window, and hides none that landed."""
    run((UNTIL - 5 * DAY).date(), (UNTIL - 4 * DAY).date(), selection=[FEED])
    instance.report_runless_asset_event(dg.AssetMaterialization(FEED))

    assert run(selection=["orders"]).success

    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 5 * DAY, UNTIL - 3 * DAY) != []


def test_look_back_is_not_skipped_either(run: Run, cursors: Cursors) -> None:
    """Who begins at the cursor leaves the look-back out, and so moves nothing on."""
    run(to=(UNTIL - 5 * DAY).date(), lookback="2 days")
    reached = _until(cursors)

    run((UNTIL - 4 * DAY).date(), (UNTIL - 3 * DAY).date(), lookback="2 days")
    assert _until(cursors) == reached == UNTIL - 4 * DAY

    run((UNTIL - 6 * DAY).date(), (UNTIL - 3 * DAY).date(), lookback="2 days")
    assert _until(cursors) == UNTIL - 2 * DAY


def test_same_window_again_is_the_same(run: Run, tmp_path: Path) -> None:
    """Run twice, the window has one raw file, and the table the same rows."""
    days = (UNTIL - 5 * DAY).date(), (UNTIL - 4 * DAY).date()
    run(*days)
    before = _there(tmp_path)

    run(*days)

    name = DataWindow(UNTIL - 5 * DAY, UNTIL - 3 * DAY).name
    assert [path.name for path in (tmp_path / "raw" / FEED).iterdir()] == [f"{name}.jsonl.gz"]
    assert _there(tmp_path) == before


def test_failed_load_is_repaired_by_the_load_alone(
    run: Run, amazon: Simulator, tmp_path: Path
) -> None:
    """A table that could not be loaded is loaded from the window that landed, without a call."""
    run()
    nowhere = {"ASP_WAREHOUSE": "duckdb:////proc/no/such/place.duckdb"}
    days = (UNTIL - 5 * DAY).date(), (UNTIL - 5 * DAY).date()
    assert not run(*days, settings=nowhere).success
    (tmp_path / "warehouse.duckdb").unlink()
    calls = len(amazon.calls)

    assert run(selection=["orders"]).success

    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 5 * DAY, UNTIL - 4 * DAY) != []
    assert len(amazon.calls) == calls


def test_load_alone_also_takes_what_still_waits(
    run: Run, amazon: Simulator, tmp_path: Path, cursors: Cursors
) -> None:
    """Days that landed last do not hide what landed from the cursor before and is not loaded."""
    assert run(selection=[FEED]).success
    assert run((UNTIL - 5 * DAY).date(), (UNTIL - 5 * DAY).date(), selection=[FEED]).success

    assert run(selection=["orders"]).success

    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 9 * DAY, UNTIL)
    assert (_until(cursors) or UNTIL) > UNTIL


SENTENCES = [
    pytest.param(
        "5.11.2026", "", "from: '5.11.2026' is no date; write it as 2026-11-01", id="dots"
    ),
    pytest.param("", "soon", "to: 'soon' is no date", id="word"),
    pytest.param("2026-11-01T08:00 Berlin", "", "2026-11-01T08:00:00+01:00", id="zone-by-name"),
    pytest.param("0001-01-01T00:00+14:00", "", "is no date", id="before-all-years"),
    pytest.param("2026-12-24", "", "can be asked for data up to 2026-11-29T11:52:00", id="future"),
    pytest.param("2026-11-29T11:55:00Z", "", "up to 2026-11-29T11:52:00", id="not-settled"),
    pytest.param("", "2026-11-30", "to: 2026-11-30 has not come yet: leave it empty", id="end"),
    pytest.param(
        "2026-11-05", "2026-11-01", "to: 2026-11-01 is before from: 2026-11-05", id="order"
    ),
    pytest.param("", "2026-11-10", "where the run begins by itself", id="before-the-cursor"),
    pytest.param("2024-12-31", "", "is before 2025-01-01T00:00:00", id="before-the-beginning"),
]


@pytest.mark.parametrize(("first", "last", "words"), SENTENCES)
def test_window_that_cannot_be_meant_is_a_sentence(first: str, last: str, words: str) -> None:
    """Format, zone, order, the future and what lies before the beginning are told apart."""
    feed = _feed()

    with pytest.raises(SettingError) as refused:
        ChosenWindow(first, last).window(feed, feed.source, LOADED, NOW)

    assert words in str(refused.value)


def test_today_ends_where_amazon_can_be_asked() -> None:
    """The day that is not over is a good last day: the window ends with what is settled."""
    feed = _feed()

    window = ChosenWindow("2026-11-28", "2026-11-29").window(feed, feed.source, LOADED, NOW)

    assert window == DataWindow(
        datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 29, 11, 52, tzinfo=UTC)
    )


def test_fixed_end_is_the_last_moment_of_all() -> None:
    """A last moment among the params ends a chosen window too."""
    feed = _feed(params={**ORDERS["params"], "lastUpdatedBefore": "2026-11-03"})

    window = ChosenWindow("2026-11-01", "2026-11-05").window(feed, feed.source, LOADED, NOW)

    assert window.end == datetime(2026, 11, 3, tzinfo=UTC)


def test_end_is_refused_where_amazon_takes_none() -> None:
    """Without a parameter for it, an end would be a promise that nobody keeps."""
    feed = _feed(path="/finances/2024-06-19/transactions", updated_at_param="postedAfter")
    open_ended = feed.source.__class__(path=feed.source.path, updated_at_param="postedAfter")

    with pytest.raises(SettingError, match="takes no end of a window: leave it empty"):
        ChosenWindow("2026-11-01", "2026-11-05").window(feed, open_ended, LOADED, NOW)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param({"partitions": "daily"}, "is cut into partitions: choose those", id="cut"),
        pytest.param({"updated_at_param": None}, "takes all there is at each run", id="snapshot"),
    ],
)
def test_feed_that_has_no_window_to_choose_says_so(keys: Mapping[str, Any], words: str) -> None:
    """Partitions are chosen as such, and a part never takes the place of a whole."""
    with pytest.raises(SettingError, match=words):
        ChosenWindow(first="2026-11-01").check(_feed(**keys))


def test_mistake_is_told_before_amazon_is_asked(run: Run, amazon: Simulator) -> None:
    """A run with such a window fails with the sentence, at once and for good."""
    result = run("2026-11-05", "2026-11-01")

    assert "to: 2026-11-01 is before from: 2026-11-05" in _refusal(result)
    assert amazon.count("searchOrders") == 0


def _feed(**keys: Any) -> Any:
    return AmazonSPApi.resolve_from_dict({**ORDERS, **keys}).declared()
