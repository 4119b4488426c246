"""Whatever goes wrong ends in one sentence with the remedy, and leaves earlier data alone."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.partitions import start_date
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.outcomes import failure_of

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

Run = Callable[..., dg.ExecuteInProcessResult]
RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner behind real HTTP, with a quota that never binds."""
    partner = Partner.generate(seed=11, orders=40, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def run(amazon: Simulator, run_job: RunJob) -> Run:
    """Run a job against the small selling partner."""

    def execute(job: str, day: str | None = DAY, **changes: Any) -> dg.ExecuteInProcessResult:
        return run_job(amazon, job, day, **changes)

    return execute


def _state(folder: Path) -> Mapping[str, Any]:
    """Everything that landed and loaded."""
    files = {path: path.read_bytes() for path in (folder / "raw").rglob("*") if path.is_file()}
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    tables = ("orders", "order_items", "sales_and_traffic_by_asin", "all_orders")
    query = "select * exclude _loaded_at from amazon.{} order by all"
    rows = {name: warehouse.query(query.format(name)).to_pylist() for name in tables}
    return {"files": files, **rows}


WRONG_SETTINGS = [
    pytest.param({"ASP_CLIENT_ID": ""}, "ASP_CLIENT_ID", id="no-client-id"),
    pytest.param({"ASP_REFRESH_TOKEN": ""}, "ASP_REFRESH_TOKEN", id="no-refresh-token"),
    pytest.param({"ASP_ENDPOINT": "north america"}, "north america", id="endpoint-is-no-url"),
    pytest.param({"ASP_REFRESH_TOKEN": "Atzr|revoked"}, "authorise", id="revoked"),
    pytest.param({"ASP_CLIENT_SECRET": "rotated away"}, "client secret", id="wrong-secret"),
    pytest.param({"ASP_MARKETPLACE_IDS": "A1PA6795UKMFR9"}, "marketplace", id="other-region"),
    pytest.param({"ASP_RAW_PATH": "gs://bucket"}, "ASP_RAW_PATH", id="raw-path"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG_SETTINGS)
def test_wrong_setting_fails_with_one_sentence(
    run: Run, changes: Mapping[str, str], words: str
) -> None:
    """A wrong setting fails the run with a sentence that names the thing and the remedy."""
    result = run("orders_job", **changes)

    assert not result.success
    assert words.lower() in failure_of(result).lower()
    assert "\n" not in failure_of(result)


def test_wrong_warehouse_fails_with_one_sentence(run: Run) -> None:
    """A warehouse that is neither database fails the load, and its URL is not shown."""
    result = run("orders_job", ASP_WAREHOUSE="mysql://user:the-password@localhost/db")

    assert "duckdb" in failure_of(result)
    assert "the-password" not in failure_of(result)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        pytest.param(None, "names no partition", id="no-partition"),
        pytest.param("2031-01-01", "has not begun", id="future"),
        pytest.param("2001-01-01", "before its first one", id="before-the-first"),
    ],
)
def test_unusable_partition_is_refused(
    run: Run, amazon: Simulator, day: str | None, words: str
) -> None:
    """A run for no usable partition is refused before anything is asked of Amazon."""
    tags = {"dagster/partition": day} if day else {}

    result = run("orders_job", None, tags=tags)

    assert words in failure_of(result)
    assert amazon.count("searchOrders") == 0


@pytest.mark.parametrize("start", ["yesterday", "2026-13-01", "01.02.2026"])
def test_wrong_start_date_is_refused(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first day that is no date is refused at load, naming the variable."""
    monkeypatch.setenv("ASP_START_DATE", start)

    with pytest.raises(ValueError, match="ASP_START_DATE"):
        start_date()


@pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
def test_report_that_ends_badly_leaves_earlier_data(
    run: Run, amazon: Simulator, tmp_path: Path, status: str
) -> None:
    """A report that Amazon cancels or cannot make fails the run; what was there stays."""
    run("orders_job")
    run("reports_job")
    before = _state(tmp_path)
    for _ in range(2):
        amazon.end_next_report(status)

    result = run("reports_job")

    assert status in failure_of(result)
    assert _state(tmp_path) == before


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        pytest.param("searchOrders", {"status": 400}, id="bad-request"),
        pytest.param("searchOrders", {"status": 403}, id="refused"),
        pytest.param("downloadDocument", {"status": 200, "body": b"<html></html>"}, id="document"),
    ],
)
def test_refusal_leaves_earlier_data(
    run: Run, amazon: Simulator, tmp_path: Path, operation: str, fault: Mapping[str, Any]
) -> None:
    """A refused request, or a document of another kind, fails the run and changes nothing."""
    jobs = ["orders_job", "reports_job"]
    assert all(run(job).success for job in jobs)
    before = _state(tmp_path)
    amazon.fault(operation, times=5, **fault)

    results = [run(job) for job in jobs]

    assert [result.success for result in results].count(False) == 1
    assert _state(tmp_path) == before


def test_table_without_its_raw_file_is_refused(run: Run, tmp_path: Path) -> None:
    """Loading a partition that has not landed says so, with the place where it should be."""
    run("orders_job")
    (tmp_path / "raw" / "raw_orders" / f"{DAY}.jsonl.gz").unlink()
    tables = [dg.AssetKey("orders"), dg.AssetKey("order_items")]

    result = run("orders_job", asset_selection=tables)

    assert f"raw_orders/{DAY}" in failure_of(result)
