"""Which road a run takes, and what follows when it dies, is forced, or asks for single orders."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

import asp_dagster.definitions
from asp_dagster.components import AmazonSPApi
from asp_dagster.definitions import build_definitions
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

RunJob = Callable[..., dg.ExecuteInProcessResult]

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
REPORT = {"asp_dagster/road": "report"}
RAW = [dg.AssetKey("raw_orders")]
ORDERS = Path(asp_dagster.definitions.__file__).parent / "defs" / "orders" / "defs.yaml"


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """Amazon with orders of three days."""
    partner = Partner.generate(seed=11, orders=90, until=UNTIL, days=3)
    with Simulator(partner, speed=1e7, report_seconds=0) as running:
        yield running


def _day(back: int) -> str:
    return (UNTIL - timedelta(days=back)).date().isoformat()


def _range(back: int, until: int = 1) -> dict[str, str]:
    return {
        "dagster/asset_partition_range_start": _day(back),
        "dagster/asset_partition_range_end": _day(until),
    }


def _metadata(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    assert result.success, [e.message for e in result.all_events if e.is_failure]
    (event, *_) = result.asset_materializations_for_node("raw_orders")
    return {name: value.value for name, value in event.metadata.items()}


def _failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    return str(failure.description)


def test_few_partitions_come_by_the_api(amazon: Simulator, run_job: RunJob) -> None:
    """What the burst gives at once is not worth a report."""
    result = run_job(amazon, "orders_job", None, tags=_range(3), asset_selection=RAW)

    metadata = _metadata(result)
    assert (metadata["road"], metadata["reports_planned"]) == ("api", 0)
    assert metadata["quota_seconds_by_api"] == 0
    assert amazon.count("createReport") == 0


def test_road_follows_from_how_many_orders_landed_last(run_job: RunJob) -> None:
    """A seller with many orders a day is quicker by a report for a few days already."""
    busy = Partner.generate(seed=1, orders=1500, until=UNTIL, days=1)
    with Simulator(busy, speed=1e7, report_seconds=0) as many:
        run_job(many, "orders_job", _day(1), asset_selection=RAW)
        result = run_job(many, "orders_job", None, tags=_range(3), asset_selection=RAW)

    assert _metadata(result)["road"] == "report"


def test_report_is_of_the_marketplaces_that_are_declared(run_feed: RunJob) -> None:
    """Marketplaces that the declaration names are those of the report, and no other."""
    ours, other = "A2EUQ1WTGCTBG2", "ATVPDKIKX0DER"
    attributes = yaml.safe_load(ORDERS.read_text())["attributes"]
    params = {**attributes["params"], "marketplaceIds": [ours]}
    partner = Partner.generate(seed=2, orders=40, until=UNTIL, days=2, marketplaces=(other, ours))
    with Simulator(partner, speed=1e7, report_seconds=0) as amazon:
        result = run_feed(
            amazon,
            AmazonSPApi,
            {**attributes, "params": params},
            tags={**_range(2), **REPORT},
            selection=["raw_orders"],
        )

    lines = partner.all_orders_lines(UNTIL - timedelta(days=2), UNTIL, [ours])
    assert _metadata(result)["rows"] == len(lines) > 0


def test_what_still_changes_comes_by_the_api(
    amazon: Simulator, run_feed: RunJob, tmp_path: Path
) -> None:
    """Of many partitions those by a report that are over for long enough, the others by search."""
    attributes = yaml.safe_load(ORDERS.read_text())["attributes"]
    declared = {**attributes, "lookback": "2 days"}

    result = run_feed(amazon, AmazonSPApi, declared, tags={**_range(60)}, selection=["raw_orders"])

    assert _metadata(result)["road"] == "report"
    assert amazon.count("createReport") == 2
    assert amazon.count("searchOrders") == 2
    landed = {path.name for path in (tmp_path / "raw" / "raw_orders").iterdir()}
    assert {f"{_day(1)}.jsonl.gz", f"{_day(2)}.jsonl.gz", f"{_day(3)}.report.tsv"} <= landed


def test_report_is_not_forced_where_it_does_not_lead(amazon: Simulator, run_feed: RunJob) -> None:
    """What a report does not tell yet is refused before anything is asked."""
    attributes = yaml.safe_load(ORDERS.read_text())["attributes"]
    declared = {**attributes, "lookback": "2 days"}

    result = run_feed(
        amazon, AmazonSPApi, declared, tags={**_range(3), **REPORT}, selection=["raw_orders"]
    )

    assert "leave the latest out" in _failure(result)
    assert not amazon.calls


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"asp_dagster/road": "rail"}, "it can be api or report"),
        ({"asp_dagster/order_ids": "1,2", **_range(2)}, "beside those of one partition"),
    ],
    ids=["no road", "several partitions"],
)
def test_tag_that_cannot_be_meant(
    amazon: Simulator, run_job: RunJob, tags: dict[str, str], words: str
) -> None:
    """A road that is none, or that does not lead there, is refused before anything is asked."""
    day = None if "dagster/asset_partition_range_start" in tags else _day(1)

    result = run_job(amazon, "orders_job", day, tags=tags, asset_selection=RAW)

    assert words in _failure(result)
    assert not amazon.calls


def test_tags_are_for_orders(amazon: Simulator, run_job: RunJob) -> None:
    """A feed without several roads does not pass over a tag that asks for one."""
    result = run_job(amazon, "sales_and_traffic_job", _day(2), tags=REPORT)

    assert "asp_dagster/road is for feeds of orders with backfill" in _failure(result)


def test_feed_of_orders_without_backfill_refuses_a_road(amazon: Simulator, run_job: RunJob) -> None:
    """Where no backfill is declared, no report is forced."""
    result = run_job(amazon, "orders_v0_job", _day(1), tags=REPORT)

    assert "leave it out" in _failure(result)


def test_backfill_that_dies_is_continued(
    amazon: Simulator, run_job: RunJob, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A run that died between two parts is done by the next with the same report."""
    tags = {**_range(3), **REPORT}
    with monkeypatch.context() as dying:
        dying.setattr(
            "asp_dagster.landing.bulk_reports.ReportParts.write", _dying_at(2), raising=True
        )
        assert not run_job(amazon, "orders_job", None, tags=tags, asset_selection=RAW).success
    landed = list((tmp_path / "raw" / "raw_orders").glob("2*.tsv"))

    result = run_job(amazon, "orders_job", None, tags=tags)

    assert len(landed) == 2
    assert result.success
    assert amazon.count("createReport") == 1


def _dying_at(number: int) -> Callable[..., int]:
    """Return what writes a report's parts until one, and then dies."""
    from asp_dagster.landing.report_parts import ReportParts  # noqa: PLC0415 - before it is replaced

    write = ReportParts.write

    def dying(parts: ReportParts, part: int, document: Any, sink: Any) -> int:
        if part == number:
            raise OSError(5, "the machine is gone")
        return write(parts, part, document, sink)

    return dying


def test_report_that_is_empty_by_amazons_word(
    amazon: Simulator, run_job: RunJob, tmp_path: Path
) -> None:
    """Where Amazon makes none for lack of data, the partitions are empty, and load as such."""
    amazon.end_next_report("CANCELLED")

    result = run_job(amazon, "orders_job", None, tags={**_range(3), **REPORT})

    assert _metadata(result)["empty_by_amazons_word"]
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    assert len(warehouse.query("SELECT * FROM amazon.orders")) == 0


def test_changed_orders_one_by_one(amazon: Simulator, run_job: RunJob, tmp_path: Path) -> None:
    """Orders that are known to have changed are asked for by id, into the same tables."""
    run_job(amazon, "orders_job", _day(1))
    before = amazon.count("searchOrders")
    amazon.partner.update(seed=1, at=UNTIL, fraction=0.1)
    truth = {row["order_id"]: row for row in amazon.partner.order_rows()}
    changed = list(truth)[-4:]

    ids = {"asp_dagster/order_ids": ", ".join([*changed, "000-0000000-0000000"])}
    result = run_job(amazon, "orders_job", _day(1), tags=ids)

    metadata = _metadata(result)
    assert (metadata["road"], metadata["rows"], metadata["records_not_found"]) == (
        *("order_ids", 4),
        1,
    )
    assert amazon.count("searchOrders") == before
    assert amazon.count("getOrder") == 5
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    rows = warehouse.query("SELECT * FROM amazon.orders").to_pylist()
    found = {row["order_id"]: row for row in rows}
    for order_id in changed:
        assert {name: found[order_id][name] for name in truth[order_id]} == truth[order_id]


def test_changed_orders_of_v0(amazon: Simulator, run_job: RunJob, tmp_path: Path) -> None:
    """An order of the old version comes with its items, each by a call of its own."""
    truth = amazon.partner.order_rows()[-1]

    ids = {"asp_dagster/order_ids": truth["order_id"]}
    result = run_job(amazon, "orders_v0_job", _day(1), tags=ids)

    assert result.success
    assert (amazon.count("getOrder"), amazon.count("getOrders")) == (1, 0)
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    (row,) = warehouse.query("SELECT * FROM amazon.orders_v0").to_pylist()
    assert {name: row[name] for name in truth} == truth


def test_many_changed_orders_are_searched_for(amazon: Simulator, run_job: RunJob) -> None:
    """Beyond what a search costs, the partition is searched as usual."""
    ids = {"asp_dagster/order_ids": ",".join(f"1-{number}" for number in range(200))}

    result = run_job(amazon, "orders_job", _day(1), tags=ids, asset_selection=RAW)

    assert _metadata(result)["road"] == "api"
    assert amazon.count("getOrder") == 0


def test_changed_orders_can_be_forced_one_by_one(amazon: Simulator, run_job: RunJob) -> None:
    """Who knows that a search comes too soon asks for each order, whatever that costs."""
    ids = {"asp_dagster/order_ids": ",".join(f"1-{number}" for number in range(101))}
    forced = {"asp_dagster/road": "order_ids"}

    result = run_job(amazon, "orders_job", _day(1), tags={**ids, **forced}, asset_selection=RAW)

    assert _metadata(result)["road"] == "order_ids"
    assert amazon.count("getOrder") == 101


def test_changed_orders_load_their_own_file_only(
    amazon: Simulator, run_job: RunJob, tmp_path: Path
) -> None:
    """A run of some orders does not read again all that landed for the partition before."""
    run_job(amazon, "orders_job", _day(1))
    (whole,) = (tmp_path / "raw" / "raw_orders").glob(f"{_day(1)}.jsonl.gz")
    whole.write_bytes(b"cannot be read")
    order_id = amazon.partner.order_rows()[-1]["order_id"]

    result = run_job(amazon, "orders_job", _day(1), tags={"asp_dagster/order_ids": order_id})

    assert result.success


def test_changed_orders_do_not_change_what_a_day_is_reckoned_with(
    amazon: Simulator, run_job: RunJob
) -> None:
    """The orders a day of the last search are still known after runs of some orders."""
    whole = _metadata(run_job(amazon, "orders_job", _day(1), asset_selection=RAW))
    order_id = amazon.partner.order_rows()[-1]["order_id"]
    ids = {"asp_dagster/order_ids": order_id}

    runs = [
        _metadata(run_job(amazon, "orders_job", _day(1), tags=ids, asset_selection=RAW))
        for _ in range(2)
    ]

    assert [run["orders_per_day"] for run in runs] == [whole["rows"]] * 2


def test_backfill_is_cut_into_runs_of_one_report() -> None:
    """Dagster gives each run of a backfill as many partitions as a report holds."""
    assets = {
        key.to_user_string(): asset
        for asset in build_definitions().resolve_asset_graph().assets_defs
        for key in asset.keys
    }

    for name in ("raw_orders", "orders", "order_items"):
        policy = assets[name].backfill_policy
        assert policy is not None
        assert policy.max_partitions_per_run == 30
    assert assets["raw_orders_v0"].backfill_policy is None


def test_columns_that_a_report_cannot_know_are_listed() -> None:
    """A table says which of its columns are NULL where its rows came by a report."""
    graph = build_definitions().resolve_asset_graph()

    unknown = {
        name: graph.get(dg.AssetKey(name)).metadata.get("unknown_to_reports")
        for name in ("orders", "order_items", "orders_v0")
    }

    assert unknown == {
        "orders": "is_prime, is_premium, replaced_order_id, total_amount, earliest_ship_at,"
        " latest_ship_at, earliest_delivery_at, latest_delivery_at",
        "order_items": "quantity_fulfilled",
        "orders_v0": None,
    }
