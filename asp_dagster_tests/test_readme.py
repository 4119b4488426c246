"""What the README shows works as it stands there."""

import re
import shutil
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

import asp_dagster
from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Simulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_shown_declarations_make_the_jobs_that_are_named() -> None:
    """Each declaration of the README is whole, and becomes the job that the README names."""
    jobs = {job for block in _blocks("yaml") for job in _jobs(block)}

    told = {"shipments_job", "fba_inventory_job", "listings_job"}
    assert told <= jobs
    assert all(f"`{job}`" in README for job in told)


def _jobs(block: str) -> set[str]:
    """The jobs of a declaration in the folder that its first line names."""
    component = getattr(asp_dagster, yaml.safe_load(block)["type"].rpartition(".")[2])
    with create_defs_folder_sandbox() as sandbox, warnings.catch_warnings():
        # What Mitto's job files say that has no meaning here.
        warnings.simplefilter("ignore", DeclarationWarning)
        shutil.copytree(ROOT / "examples", sandbox.project_root / "examples")
        path = sandbox.scaffold_component(component, Path(block.splitlines()[0]).parent.name)
        (path / "defs.yaml").write_text(block)
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            whole = dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))
            dg.Definitions.validate_loadable(whole)
    return {job.name for job in defs.jobs or ()}


def test_shown_client_reads_orders(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ten lines with the client alone print the orders of the partner."""
    (program,) = _blocks("python")
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
    source = (ROOT / "asp_dagster" / "settings.py").read_text()
    fields = re.findall(r'^    "([a-z_]+)",$|_if_set\("([a-z_]+)"\)', source, re.MULTILINE)
    taken = {f"ASP_{(field or alone).upper()}" for field, alone in fields}
    taken |= set(re.findall(r'_setting\("(ASP_[A-Z_]+)"', source))
    for names, prefix in re.findall(r'_if_set\(("[^)]+), prefix="([A-Z_]+)"\)', source):
        taken |= {f"{prefix}{field.upper()}" for field in re.findall(r'"([a-z_]+)"', names)}

    told = set(re.findall(r"`(ASP_[A-Z_]+)`", README))
    assert taken | {"ASP_START_DATE"} == told - {"ASP_MODELS"}
