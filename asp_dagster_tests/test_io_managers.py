"""What landed and loaded reaches the next asset."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest

from asp_dagster.catalog.feeds import PartitionsSpec
from asp_dagster.definitions import build_definitions
from asp_dagster.partitions import partitions_definition
from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (2, 1)]

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def partner(run_job: RunJob) -> Iterator[Partner]:
    """A small selling partner whose orders have been loaded."""
    partner = Partner.generate(seed=5, orders=40, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6) as amazon:
        for day in DAYS:
            assert run_job(amazon, "orders_job", day).success
        yield partner


def _received(asset: dg.AssetsDefinition, day: str | None = None) -> pd.DataFrame:
    """Materialize a user's own asset in the code location and return what it received."""
    own = dg.Definitions(assets=[asset], jobs=[dg.define_asset_job("own", selection=[asset])])
    definitions = dg.Definitions.merge(build_definitions(), own)
    result = definitions.resolve_job_def("own").execute_in_process(partition_key=day)
    frame: pd.DataFrame = result.output_for_node(asset.op.name)
    return frame


def test_users_asset_receives_the_whole_table(partner: Partner) -> None:
    """An asset without partitions receives all rows of a table, as a DataFrame."""

    @dg.asset(io_manager_key="io_manager", ins={"orders": dg.AssetIn("orders")})
    def everything(orders: pd.DataFrame) -> pd.DataFrame:
        return orders

    frame = _received(everything)

    assert sorted(frame["order_id"]) == sorted(row["order_id"] for row in partner.order_rows())
    assert frame["last_updated_at"].dt.tz is not None


def test_users_asset_receives_its_partition(partner: Partner) -> None:
    """An asset with the same partitions receives the rows that its day brought."""

    @dg.asset(partitions_def=partitions_definition(PartitionsSpec(every="daily")))
    def of_the_day(order_items: pd.DataFrame) -> pd.DataFrame:
        return order_items

    frame = _received(of_the_day, DAYS[1])

    assert set(frame["_partition"]) == {DAYS[1]}
    assert 0 < len(frame) < len(partner.order_item_rows())
