"""What `from asp_dagster import …` gives, and what the page on Python shows of it."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import asp_dagster
from asp_dagster.simulator import Simulator
from asp_dagster_tests.shown import shown_on

PAGE = (Path(__file__).parent.parent / "docs" / "python.md").read_text("utf-8")
NOTEBOOK, PROJECT = shown_on("docs/python.md", "python")


def test_every_name_is_found_and_told() -> None:
    """Each public name is found when it is asked for, and stands on the page on Python."""
    told = set(re.findall(r"`(\w+)`", PAGE))

    assert [name for name in asp_dagster.__all__ if getattr(asp_dagster, name, None) is None] == []
    assert set(asp_dagster.__all__) - told == set()
    assert set(asp_dagster.__all__) <= set(dir(asp_dagster))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = asp_dagster.nothing


def test_type_checkers_see_the_same_names() -> None:
    """What is imported for type checkers alone are the public names, from the same modules."""
    tree = ast.parse(Path(asp_dagster.__file__).read_text("utf-8"))
    seen = {
        name.name: node.module
        for branch in tree.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }

    assert seen == asp_dagster._HOMES
    assert sorted(seen) == sorted(asp_dagster.__all__)


def test_client_loads_no_dagster() -> None:
    """The client is had without Dagster, and without what only tables need."""
    code = (
        "from asp_dagster import Credentials, SellingPartnerClient; import sys; print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"dagster", "pandas", "duckdb", "requests"}.isdisjoint(done.stdout.split())


def test_shown_notebook_makes_a_table_of_orders(
    simulator: Simulator,
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lines for a notebook give a DataFrame with all orders of the partner."""
    for name, value in settings(simulator).items():
        monkeypatch.setenv(name, value)
    since = datetime.now(UTC) - timedelta(days=30)
    program = NOTEBOOK.replace("2026-11-20T00:00:00Z", f"{since:%Y-%m-%dT%H:%M:%SZ}").replace(
        '"https://sellingpartnerapi-na.amazon.com"',
        f"{simulator.url!r}, lwa_url={simulator.lwa_url!r}",
    )
    shown: dict[str, Any] = {}

    exec(compile(program, "python.md", "exec"), shown)  # noqa: S102 - our own page
    shown["client"].close()

    ids = {row["order_id"] for row in simulator.partner.order_rows()}
    assert set(shown["orders"]["orderId"]) == ids


def test_shown_feed_without_yaml_lands_and_loads(
    simulator: Simulator,
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    instance: dg.DagsterInstance,
) -> None:
    """The feed that is declared in Python runs as a job of the project."""
    for name, value in settings(simulator).items():
        monkeypatch.setenv(name, value)
    shown: dict[str, Any] = {}
    exec(compile(PROJECT, "python.md", "exec"), shown)  # noqa: S102 - our own page

    result = (
        shown["defs"]
        .resolve_job_def("participations_job")
        .execute_in_process(instance=instance, raise_on_error=False)
    )

    assert result.success
    [table] = result.asset_materializations_for_node("load_participations")
    assert table.asset_key == dg.AssetKey("participations")
