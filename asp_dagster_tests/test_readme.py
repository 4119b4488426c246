"""What the README shows works as it stands there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.components import AmazonSPReport
from asp_dagster.definitions import build_resources
from asp_dagster.simulator import Simulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _block(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(block)


def test_shown_declaration_loads() -> None:
    """The second report of the README is a whole declaration."""
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=AmazonSPReport)
        (path / "defs.yaml").write_text(_block("yaml"))
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            whole = dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))

    keys = {key.to_user_string() for key in whole.resolve_all_asset_keys()}
    assert keys == {"raw_listings", "listings"}


def test_shown_client_reads_orders(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ten lines with the client alone print the orders of the partner."""
    program = _block("python")
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
    """Every variable that the code location takes stands in the README's table."""
    source = (ROOT / "asp_dagster" / "definitions.py").read_text()
    fields = re.findall(r'^    "([a-z_]+)",$', source, re.MULTILINE)
    taken = {f"ASP_{field.upper()}" for field in fields} | {"ASP_RAW_PATH", "ASP_WAREHOUSE"}

    told = set(re.findall(r"`(ASP_[A-Z_]+)`", README))
    assert taken | {"ASP_START_DATE"} == told - {"ASP_MODELS"}
