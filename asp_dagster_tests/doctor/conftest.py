"""What the tests of the connection check share: a selling partner, feeds, and the command."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.doctor.__main__ import command
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.conftest import LeadTo
from asp_dagster_tests.declaring import Command, command_run, declare_below

ORDERS = {"path": "/orders/2026-01-01/orders", "updated_at_param": "lastUpdatedAfter"}


@pytest.fixture(scope="session")
def partner() -> Partner:
    """A seller in the United States and Canada."""
    ids = ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]
    return Partner.generate(seed=5, orders=10, until=datetime.now(UTC), days=1, marketplaces=ids)


@pytest.fixture
def amazon(partner: Partner) -> Iterator[Simulator]:
    """The seller behind real HTTP, with a quota that never binds."""
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the declarations."""
    (tmp_path / "defs").mkdir()
    return tmp_path / "defs"


@pytest.fixture
def declare(folder: Path) -> Callable[..., None]:
    """Write a declaration into a folder of its own; by default, of orders."""

    def write(name: str = "orders", kind: str = "AmazonSPApi", **attributes: Any) -> None:
        declare_below(folder / name, kind, attributes or ORDERS)

    return write


@pytest.fixture
def run(amazon: Simulator, folder: Path, lead_to: LeadTo) -> Command:
    """Run the command on what is declared."""
    lead_to(amazon)
    return command_run(command, "--folder", str(folder))


@pytest.fixture
def look(run: Command) -> Callable[[str], tuple[int, str, str]]:
    """Run the command; returns the exit code, and what it found of one check, in its words."""

    def look(check: str) -> tuple[int, str, str]:
        code, printed = run("--json")
        (found,) = [each for each in json.loads(printed) if each["check"] == check]
        return code, found["status"], found["says"]

    return look
