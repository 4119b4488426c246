"""`asp run --load-only` loads what has landed; Amazon is not asked."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from asp_dagster.cli import asp
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.cli.conftest import Asp
from asp_dagster_tests.conftest import UNTIL

DAYS = [(UNTIL - timedelta(days=back)).date().isoformat() for back in (2, 1)]
STRETCH = ["--from", DAYS[0], "--to", DAYS[1]]
UNPARTITIONED = """
import dagster as dg
from asp_dagster import EndpointSpec, Feed, InferredTable, build_feed_assets, build_resources
from asp_dagster.jobs import build_feed_job

SOURCE = EndpointSpec(path="/sellers/v1/marketplaceParticipations")
TABLE = InferredTable(name="stores", key=("marketplace.id",))
FEEDS = [
    Feed(name="raw_stores", group="amazon", source=SOURCE, raw_format="jsonl", tables=(TABLE,)),
    Feed(name="files", group="amazon", source=SOURCE, raw_format="jsonl"),
]

@dg.definitions
def defs():
    built = [(feed, build_feed_assets(feed)) for feed in FEEDS]
    return dg.Definitions(
        assets=[each for _, assets in built for each in assets],
        jobs=[build_feed_job(feed, assets) for feed, assets in built],
        resources=build_resources(),
    )
"""


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner of few orders in two days."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def unpartitioned(amazon: Simulator, run_of: Callable[[Simulator], Asp], tmp_path: Path) -> Asp:
    """Give `asp run` for a code location of feeds without partitions."""
    run_of(amazon)
    module = f"unpartitioned_of_{tmp_path.name}"
    (tmp_path / f"{module}.py").write_text(UNPARTITIONED)
    return lambda *arguments: CliRunner().invoke(
        asp, ["run", *arguments, "-m", module], catch_exceptions=False
    )


@pytest.mark.parametrize(
    ("feed", "landed_days", "left_days"),
    [
        pytest.param("orders", DAYS, [], id="a-run-for-all-days"),
        pytest.param("orders_v0", DAYS[:1], DAYS[1:], id="a-run-for-each"),
    ],
)
def test_what_did_not_load_is_loaded_without_asking_amazon(
    amazon: Simulator,
    run_of: Callable[[Simulator], Asp],
    monkeypatch: pytest.MonkeyPatch,
    feed: str,
    landed_days: list[str],
    left_days: list[str],
) -> None:
    """A run whose tables failed tells the command that loads what has landed, and what is left."""
    run, warehouse = run_of(amazon), os.environ["ASP_WAREHOUSE"]
    monkeypatch.setenv("ASP_WAREHOUSE", "postgresql://127.0.0.1:1/nowhere")
    failed = run(feed, *STRETCH)
    asked = len(amazon.calls)
    monkeypatch.setenv("ASP_WAREHOUSE", warehouse)
    landed = ["--from", landed_days[0], "--to", landed_days[-1]]

    loaded = run(feed, *landed, "--load-only", "--json")

    told = json.loads(loaded.stdout)
    assert (failed.exit_code, loaded.exit_code, told["calls"]) == (1, 0, 0)
    assert f"To load it: asp run {feed} {' '.join(landed)} -m" in failed.stderr
    assert [
        day for day in left_days if f"To go on: asp run {feed} --from {day}" in failed.stderr
    ] == (left_days)
    assert len(amazon.calls) == asked
    assert _loaded_days(warehouse, feed) == landed_days


def test_loading_that_fails_tells_to_load_again(
    amazon: Simulator, run_of: Callable[[Simulator], Asp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading that fails tells the same command again, for all that is not loaded."""
    run = run_of(amazon)
    assert run("orders_v0", *STRETCH).exit_code == 0
    monkeypatch.setenv("ASP_WAREHOUSE", "postgresql://127.0.0.1:1/nowhere")

    failed = run("orders_v0", *STRETCH, "--load-only")

    assert failed.exit_code == 1
    assert f"To load it: asp run orders_v0 {' '.join(STRETCH)} -m" in failed.stderr
    assert "To go on" not in failed.stderr


def test_snapshot_is_loaded_from_its_last_file(amazon: Simulator, unpartitioned: Asp) -> None:
    """A feed without partitions loads its last file again, no days being named."""
    assert unpartitioned("stores").exit_code == 0
    asked = len(amazon.calls)

    assert unpartitioned("stores", "--load-only").exit_code == 0
    assert len(amazon.calls) == asked


def test_feed_without_tables_has_nothing_to_load(unpartitioned: Asp) -> None:
    """A feed that is kept as raw files only is refused."""
    refused = unpartitioned("files", "--load-only")

    assert refused.exit_code == 2
    assert "files has no tables to load" in refused.stderr


def _loaded_days(warehouse: str, table: str) -> list[str]:
    with duckdb.connect(warehouse.removeprefix("duckdb:///"), read_only=True) as connection:
        sql = f"SELECT DISTINCT _partition FROM amazon.{table} ORDER BY 1"
        return [day for (day,) in connection.sql(sql).fetchall()]
