"""A full disk: one sentence, nothing half-written, and a run that heals once there is room."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from asp_dagster.simulator import Simulator
from asp_dagster_tests.machine.own_mounts import Mount
from asp_dagster_tests.machine.processes import Job, Worker, workers
from asp_dagster_tests.machine.truth import assert_truth, files

DISK_BYTES = 24_000_000
FILLER = "filler"


class SmallDisk(Protocol):
    """Gives a worker whose folder is on a small disk of its own, almost full."""

    def __call__(self, name: str, left_bytes: int) -> tuple[Worker, Path]:
        """Return the worker, and the folder as it is reached from outside."""
        ...


@pytest.fixture
def small_disk(tmp_path: Path, places: Mapping[str, str]) -> Iterator[SmallDisk]:  # noqa: ARG001 - the folders are made
    """Start a worker with a folder on a small disk, and leave little room there."""
    with ExitStack() as started:

        def start(name: str, left_bytes: int) -> tuple[Worker, Path]:
            mount = Mount(tmp_path / name, DISK_BYTES)
            (worker,) = started.enter_context(workers(1, [mount]))
            folder = worker.seen(mount.place)
            free = os.statvfs(folder)
            room = free.f_bavail * free.f_frsize - left_bytes
            (folder / FILLER).write_bytes(b"x" * room)
            return worker, folder

        yield start


def test_raw_folder(
    small_disk: SmallDisk, amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """Where raw files have no room, the run says where and how much, and the next one goes on."""
    worker, folder = small_disk("raw", 12_000)
    full = worker.run(Job("orders_v0_job", day, places))
    left = files(folder) - {FILLER}
    asked = amazon.count("getOrderItems")

    (folder / FILLER).unlink()
    healed = worker.run(Job("orders_v0_job", day))

    name = f"raw_orders_v0/{day}.jsonl.gz"
    (said,) = full.said
    assert said.startswith(f"{tmp_path / 'raw' / name} cannot be written: no space is left (of 24")
    assert said.endswith("are free). Free some space, then run it again.")
    assert {each.split("/")[0] for each in left} <= {".partial"}
    assert healed.success, healed.said
    assert files(folder) == {name}
    assert asked > 0
    assert_truth(places["ASP_WAREHOUSE"], amazon.partner, "_v0")


def test_raw_folder_for_a_report(
    small_disk: SmallDisk, amazon: Simulator, places: Mapping[str, str], day: str
) -> None:
    """A report that found no room is fetched by the next run, and not asked for again."""
    worker, folder = small_disk("raw", 8_000)
    full = worker.run(Job("all_orders_job", day, places))
    left = files(folder)

    (folder / FILLER).unlink()
    healed = worker.run(Job("all_orders_job", day))

    assert "no space is left" in full.said[0]
    assert left == {FILLER}
    assert healed.success, healed.said
    assert amazon.count("createReport") == 1


def test_warehouse_folder(
    small_disk: SmallDisk, amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """Where the warehouse has no room, no table changes; the tables can be loaded by themselves."""
    worker, folder = small_disk("warehouse", 100_000)
    full = worker.run(Job("orders_job", day, places))
    landed, asked = files(tmp_path / "raw"), amazon.count("searchOrders")

    (folder / FILLER).unlink()
    healed = worker.run(Job("orders_job", day, assets=("orders", "order_items")))

    (said,) = full.said
    path = tmp_path / "warehouse" / "warehouse.duckdb"
    assert said.startswith(f"Nothing is loaded: {path} cannot be written: no space is left (of 24")
    assert landed == {f"raw_orders/{day}.jsonl.gz"}
    assert healed.success, healed.said
    assert amazon.count("searchOrders") == asked
    copy = shutil.copy(folder / "warehouse.duckdb", tmp_path / "copy.duckdb")
    assert_truth(f"duckdb:///{copy}", amazon.partner)


@pytest.mark.parametrize("left_bytes", [0, 40_000], ids=["from-the-first", "soon"])
def test_state_folder(
    small_disk: SmallDisk, places: Mapping[str, str], day: str, tmp_path: Path, left_bytes: int
) -> None:
    """Where the state has no room, the run says so, and the next one is not hindered."""
    worker, folder = small_disk("state", left_bytes)
    full = worker.run(Job("orders_job", day, places))

    (folder / FILLER).unlink()
    healed = worker.run(Job("orders_job", day))

    (said,) = full.said
    path = tmp_path / "state" / "state.db"
    assert said.startswith(
        f"The shared state (ASP_STATE) is as it was: {path} cannot be written: no space is left"
    )
    assert healed.success, healed.said


def test_temporary_folder(
    small_disk: SmallDisk, amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """Where temporary files have no room, their folder is named, and no table changes."""
    worker, folder = small_disk("temporary", 4_096)
    full = worker.run(Job("sales_and_traffic_job", day, places))
    left = files(folder)

    (folder / FILLER).unlink()
    healed = worker.run(Job("sales_and_traffic_job", day))

    (said,) = full.said
    assert said.startswith(f"Nothing is loaded: {tmp_path / 'temporary'}")
    assert "no space is left" in said
    assert left == {FILLER}
    assert healed.success, healed.said
    assert files(folder) == set()
    assert amazon.count("createReport") > 0
