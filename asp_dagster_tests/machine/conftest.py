"""What the tests of the machine's faults share: a selling partner, and data in folders apart."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.machine.own_mounts import may_mount

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
ORDERS = 400

# Some machines let nobody but root mount, not even in a name space of one's own.
collect_ignore = [] if may_mount() else ["test_full_disks.py", "test_read_only.py"]


@pytest.fixture
def day() -> str:
    """The day of the selling partner's orders."""
    return (UNTIL - timedelta(days=1)).date().isoformat()


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner with some hundred orders, and a quota that never binds."""
    partner = Partner.generate(seed=3, orders=ORDERS, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def places(
    amazon: Simulator, settings: Callable[[Simulator], Mapping[str, str]], tmp_path: Path
) -> Mapping[str, str]:
    """The settings of a run: raw files, warehouse, state and temporary files in folders apart."""
    for name in ("raw", "warehouse", "state", "temporary"):
        (tmp_path / name).mkdir()
    return {
        **settings(amazon),
        "ASP_WAREHOUSE": f"duckdb:///{tmp_path / 'warehouse' / 'warehouse.duckdb'}",
        "ASP_STATE": f"sqlite:///{tmp_path / 'state' / 'state.db'}",
        "TMPDIR": str(tmp_path / "temporary"),
    }
