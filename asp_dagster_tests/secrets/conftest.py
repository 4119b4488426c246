"""What tests of secrets share: a selling partner, and all that was written."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.conftest import UNTIL
from asp_dagster_tests.secret_search import texts_below, texts_of_instance


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose quota never binds."""
    partner = Partner.generate(seed=11, orders=20, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=0.05) as running:
        yield running


@pytest.fixture
def written(
    instance: dg.DagsterInstance,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[], str]:
    """Collect everything that was written: logs, output, Dagster's storage, files."""
    caplog.set_level(logging.DEBUG)

    def collect() -> str:
        # The simulator's server sees the URLs that it signed itself; its log is nobody's.
        ours = (record for record in caplog.records if record.name != "uvicorn.access")
        logged = map(caplog.handler.format, ours)
        stored = texts_of_instance(instance)
        return "\n".join([*logged, *capfd.readouterr(), *stored, *texts_below(tmp_path)])

    return collect
