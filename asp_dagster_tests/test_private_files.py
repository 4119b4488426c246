"""What we write to disk is for its owner only: folders 0700, files 0600, while runs write too."""

import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.private_files import files_like, make_private_folder
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster.warehouse.reading.rows import _connection

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """Let the test's process make files that all may read, as most do."""
    before = os.umask(0o022)
    yield
    assert os.umask(before) == 0o022


def _modes(folder: Path) -> Mapping[str, str]:
    return {
        str(path.relative_to(folder)): f"{stat.S_IMODE(path.stat().st_mode):04o}"
        for path in folder.rglob("*")
    }


@pytest.mark.usefixtures("usual_mask")
def test_runs_write_for_their_owner_only(tmp_path: Path, run_job: Callable[..., Any]) -> None:
    """Raw files, warehouse and state, and all folders made for them, can be read by nobody else."""
    places = {
        "ASP_RAW_PATH": str(tmp_path / "a" / "raw"),
        "ASP_WAREHOUSE": f"duckdb:///{tmp_path}/b/c/warehouse.duckdb",
        "ASP_STATE": f"sqlite:///{tmp_path}/d/e/state.db",
    }
    partner = Partner.generate(seed=11, orders=20, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=0) as amazon:
        for job in ("orders_job", "reports_job"):
            assert run_job(amazon, job, DAY, **places).success

    modes = _modes(tmp_path)
    folders = {name for name in modes if (tmp_path / name).is_dir()}
    assert {"a/raw/raw_orders", "b/c", "d/e"} <= folders
    assert {modes[name] for name in folders} == {"0700"}
    assert {mode for name, mode in modes.items() if name not in folders} == {"0600"}


@pytest.mark.usefixtures("usual_mask")
def test_duckdbs_own_files_are_private(tmp_path: Path) -> None:
    """What DuckDB makes beside its file while it works is as private."""
    database = Warehouse.from_url(f"duckdb:///{tmp_path}/warehouse.duckdb")._database
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t AS SELECT range FROM range(1000)")
        connection.commit()
        modes = _modes(tmp_path)

    assert "warehouse.duckdb.wal" in modes
    assert set(modes.values()) == {"0600"}


@pytest.mark.usefixtures("usual_mask")
def test_what_is_shared_stays_shared(tmp_path: Path) -> None:
    """A file that its owner lets others read keeps its mode, as do folders that exist."""
    file, shared = tmp_path / "warehouse.duckdb", tmp_path / "shared"
    shared.mkdir(mode=0o755)
    file.touch(mode=0o644)
    make_private_folder(shared / "own" / "more")

    with files_like(file):
        (tmp_path / "beside").touch()

    assert _modes(tmp_path) == {
        "warehouse.duckdb": "0644",
        "beside": "0644",
        "shared": "0755",
        "shared/own": "0700",
        "shared/own/more": "0700",
    }


@pytest.mark.usefixtures("usual_mask")
def test_threads_that_overlap_give_the_mask_back(tmp_path: Path) -> None:
    """Whoever ends last gives the process's mask back, whatever the order."""
    is_second_in, is_first_out = threading.Event(), threading.Event()

    def second() -> None:
        with files_like(tmp_path / "missing"):
            is_second_in.set()
            is_first_out.wait(10)
            (tmp_path / "by-second").touch()

    thread = threading.Thread(target=second)
    with files_like(tmp_path / "missing"):
        thread.start()
        is_second_in.wait(10)
    is_first_out.set()
    thread.join()

    assert _modes(tmp_path) == {"by-second": "0600"}


def test_rows_on_their_way_are_private() -> None:
    """The reader of raw files puts what exceeds its memory into a folder that is its own."""
    with _connection() as connection:
        (folder,) = connection.execute("SELECT current_setting('temp_directory')").fetchone() or ()
        mode = stat.S_IMODE(Path(folder).stat().st_mode)

    assert f"{mode:04o}" == "0700"
    assert not Path(folder).exists()
