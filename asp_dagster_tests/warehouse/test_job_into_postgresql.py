"""The jobs load PostgreSQL as they load DuckDB: one setting, the same tables."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dagster as dg

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (2, 1)]

RunJob = Callable[..., dg.ExecuteInProcessResult]


def test_orders_in_postgresql_equal_the_truth(run_job: RunJob, new_postgres_url: str) -> None:
    """With a PostgreSQL URL both order tables equal the partner's books, also after changes."""
    partner = Partner.generate(seed=8, orders=200, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6) as amazon:
        for day in DAYS:
            assert run_job(amazon, "orders_job", day, ASP_WAREHOUSE=new_postgres_url).success
        partner.update(seed=1, fraction=0.4, at=UNTIL + timedelta(hours=5))
        changed = UNTIL.date().isoformat()
        for day in (changed, *DAYS):
            assert run_job(amazon, "orders_job", day, ASP_WAREHOUSE=new_postgres_url).success

    warehouse = Warehouse.from_url(new_postgres_url)
    for table, truth in (
        ("orders", partner.order_rows()),
        ("order_items", partner.order_item_rows()),
    ):
        stored = warehouse.query(f"select {', '.join(truth[0])} from amazon.{table}").to_pylist()
        assert sorted(stored, key=_key) == sorted(truth, key=_key)


def _key(row: dict[str, object]) -> tuple[str, str]:
    return str(row["order_id"]), str(row.get("order_item_id"))
