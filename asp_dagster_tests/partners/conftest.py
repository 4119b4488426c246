"""Two selling partners, settings that lead to both, and running what is declared of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.partners.several import (
    DAY,
    UNTIL,
    Amazons,
    Run,
    credentials_of,
    declared,
    login_of,
)


@pytest.fixture
def amazons() -> Iterator[Amazons]:
    """Two selling partners whose orders are not the same."""
    one, other = (Partner.generate(seed=s, orders=40, until=UNTIL, days=2) for s in (11, 12))
    with (
        Simulator(one, speed=1e6, report_seconds=0) as acme,
        Simulator(other, speed=1e6, report_seconds=0) as globex,
    ):
        yield {"acme": acme, "globex": globex}


@pytest.fixture
def environment(
    amazons: Amazons,
    warehouse_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Settings that lead to both selling partners, and to a warehouse of each kind in turn."""
    with login_of(list(amazons.values())) as login:
        monkeypatch.setenv("ASP_LWA_URL", login)
        monkeypatch.setenv("ASP_RAW_PATH", str(tmp_path / "raw"))
        monkeypatch.setenv("ASP_WAREHOUSE", warehouse_url)
        monkeypatch.setenv("ASP_STATE", f"sqlite:///{tmp_path / 'state.db'}")
        for account, amazon in amazons.items():
            for variable, value in credentials_of(account, amazon).items():
                monkeypatch.setenv(variable, value)
        yield


@pytest.fixture
def run(amazons: Amazons, environment: None, instance: dg.DagsterInstance) -> Run:  # noqa: ARG001 - the settings stand
    """Run feeds of both selling partners, or one of their jobs, for a day."""

    def run(
        feeds: Sequence[Any], job: str = "__ASSET_JOB", **attributes: Any
    ) -> dg.ExecuteInProcessResult:
        accounts = [{"name": name, "endpoint": each.url} for name, each in amazons.items()]
        with declared({"accounts": accounts, "feeds": feeds, **attributes}) as (defs, _):
            own = dg.Definitions.merge(defs, dg.Definitions(assets=[orders_of_acme]))
            return own.resolve_job_def(job).execute_in_process(
                partition_key=DAY, instance=instance, raise_on_error=False
            )

    return run


@dg.asset(
    key=["acme", "orders_seen"],
    ins={"orders": dg.AssetIn(["acme", "orders"])},
    partitions_def=dg.DailyPartitionsDefinition("2025-01-01"),
)
def orders_of_acme(orders: pd.DataFrame) -> dg.MaterializeResult[None]:
    """What a user's own asset sees of a table."""
    return dg.MaterializeResult(metadata={"rows": len(orders)})
