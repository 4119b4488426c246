"""The example of a user's own project works as it stands there."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from asp_dagster.cli import asp
from asp_dagster.located import load_location
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse

SHOP = Path(__file__).parent.parent / "examples" / "shop"


@pytest.fixture
def environment(
    simulator: Simulator,
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Mapping[str, str]:
    """The settings that lead to a partner, with the example's folder where modules are found."""
    start = min(row["last_updated_at"] for row in simulator.partner.order_rows()).date()
    home = tmp_path / "dagster_home"
    home.mkdir()
    variables = {
        **settings(simulator),
        "ASP_START_DATE": start.isoformat(),
        "DAGSTER_HOME": str(home),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(SHOP)
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)
    return variables


def test_orders_land_and_the_shops_own_table_is_made(
    environment: Mapping[str, str], simulator: Simulator
) -> None:
    """`asp run` takes the orders, and the SQL on top of them counts each day's."""
    run = CliRunner().invoke(asp, ["run", "orders", "-m", "shop.definitions"])
    with dg.DagsterInstance.get() as instance:
        made = load_location("shop.definitions").resolve_implicit_global_asset_job_def()
        result = made.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("sales_by_day")]
        )

    days = Counter(row["created_at"].date() for row in simulator.partner.order_rows())
    warehouse = Warehouse.from_url(environment["ASP_WAREHOUSE"])
    rows = warehouse.query("SELECT day, orders FROM shop.sales_by_day").to_pylist()
    assert (run.exit_code, result.success) == (0, True)
    assert {row["day"]: row["orders"] for row in rows} == days


def test_code_location_is_short() -> None:
    """The whole code location is at most twenty lines."""
    lines = (SHOP / "shop" / "definitions.py").read_text("utf-8").splitlines()

    assert len(lines) <= 20
