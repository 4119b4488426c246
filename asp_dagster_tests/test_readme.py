"""What the README shows works as it stands there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.simulator import Simulator
from asp_dagster_tests.shown import ROOT, shown_on

README = (ROOT / "README.md").read_text()


def test_shown_declarations_make_the_jobs_that_are_named() -> None:
    """The README names a job for each declaration that it shows, by the folder it stands in."""
    folders = [Path(block.splitlines()[0]).parent.name for block in shown_on("README.md", "yaml")]

    told = [f"{folder}_job" for folder in folders if folder != "mitto"]
    assert len(told) >= 2
    assert [job for job in told if f"`{job}`" not in README] == []


def test_shown_client_reads_orders(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ten lines with the client alone print the orders of the partner."""
    [program] = shown_on("README.md", "python")
    for field in ("client_id", "client_secret", "refresh_token"):
        program = program.replace(f'{field}="…"', f"{field}={getattr(simulator, field)!r}")
    program = program.replace(
        '"https://sellingpartnerapi-na.amazon.com"',
        f"{simulator.url!r}, lwa_url={simulator.lwa_url!r}",
    )
    since = datetime.now(UTC) - timedelta(days=30)
    program = program.replace("2026-11-20T00:00:00Z", f"{since:%Y-%m-%dT%H:%M:%SZ}")

    exec(compile(program, "README.md", "exec"), {})  # noqa: S102 - our own README

    printed = capsys.readouterr().out.split()
    assert set(printed) == {row["order_id"] for row in simulator.partner.order_rows()}


def test_named_make_targets_exist() -> None:
    """Every `make` target the README names is in the Makefile."""
    named = set(re.findall(r"make ([a-z]+)", README))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"demo", "test", "ui"} <= named <= targets


def test_settings_are_all_told() -> None:
    """Every variable that the code location takes stands on the page of settings, and no other."""
    source = (ROOT / "asp_dagster" / "settings.py").read_text()
    fields = re.findall(r'^    "([a-z_]+)",$|_if_set\("([a-z_]+)"\)', source, re.MULTILINE)
    taken = {f"ASP_{(field or alone).upper()}" for field, alone in fields}
    taken |= set(re.findall(r'_setting\("(ASP_[A-Z_]+)"', source))
    for names, prefix in re.findall(r'_if_set\(("[^)]+), prefix="([A-Z_]+)"\)', source):
        taken |= {f"{prefix}{field.upper()}" for field in re.findall(r'"([a-z_]+)"', names)}

    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert taken | {"ASP_START_DATE"} == set(re.findall(r"`(ASP_[A-Z_]+)`", page))
    required = page.split("\n## Required\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(ASP_[A-Z_]+)`", required)) <= set(re.findall(r"`(ASP_\w+)`", README))
