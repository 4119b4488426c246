"""A folder that may only be read: the run says which, before it asks Amazon where it can."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from asp_dagster.simulator import Simulator
from asp_dagster_tests.machine.own_mounts import Mount
from asp_dagster_tests.machine.processes import Job, workers
from asp_dagster_tests.machine.truth import assert_truth, files

REMEDY = "its file system may only be read. Mount it for writing, or set another path"


@pytest.mark.parametrize(
    ("name", "path"), [("raw", "raw_orders"), ("state", "state.db")], ids=["raw", "state"]
)
def test_folder_is_named_before_amazon_is_asked(
    name: str, path: str, amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """Raw files or a state that cannot be written are told with the remedy; nothing is asked."""
    with workers(1, [Mount(tmp_path / name)]) as (worker,):
        refused = worker.run(Job("orders_job", day, places))

    (said,) = refused.said
    assert f"{tmp_path / name / path} cannot be used: {REMEDY}" in said
    assert amazon.count("searchOrders") == 0


def test_warehouse_keeps_what_has_landed(
    amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """A warehouse that cannot be written is told; what has landed is loaded without Amazon."""
    with workers(1, [Mount(tmp_path / "warehouse")]) as (worker,):
        refused = worker.run(Job("orders_job", day, places))
    asked = amazon.count("searchOrders")

    with workers(1) as (worker,):
        healed = worker.run(Job("orders_job", day, places, assets=("orders", "order_items")))

    (said,) = refused.said
    assert said.startswith(f"Nothing is loaded: {tmp_path / 'warehouse' / 'warehouse.duckdb'}")
    assert REMEDY in said
    assert files(tmp_path / "raw") == {f"raw_orders/{day}.jsonl.gz"}
    assert healed.success, healed.said
    assert amazon.count("searchOrders") == asked
    assert_truth(places["ASP_WAREHOUSE"], amazon.partner)


def test_tables_can_not_be_changed_but_stay(
    amazon: Simulator, places: Mapping[str, str], day: str, tmp_path: Path
) -> None:
    """A load into a warehouse that has become read-only leaves its tables as they were."""
    with workers(1) as (worker,):
        worker.run(Job("orders_job", day, places))

    with workers(1, [Mount(tmp_path / "warehouse")]) as (worker,):
        refused = worker.run(Job("orders_job", day, places))

    assert REMEDY in refused.said[0]
    assert_truth(places["ASP_WAREHOUSE"], amazon.partner)
