"""What the tests of alerts share: a webhook, and a daemon that tells it."""

from collections.abc import Iterator

import dagster as dg
import pytest

from asp_dagster_tests.alerts.daemon import Daemon
from asp_dagster_tests.alerts.receivers import Inbox, webhook
from asp_dagster_tests.conftest import ScriptedClock

PATH = "/services/T0/B0/xyz"


@pytest.fixture
def hook() -> Iterator[Inbox]:
    """A webhook on loopback."""
    with webhook() as inbox:
        yield inbox


@pytest.fixture
def daemon(instance: dg.DagsterInstance, clock: ScriptedClock, hook: Inbox) -> Daemon:
    """A daemon that tells a webhook."""
    return Daemon(
        instance, clock, webhook=f"http://{hook.address}{PATH}", ui_url="https://dagster.test/"
    )
