"""Checks the connection from a shell: `asp doctor`.

Here belong: arguments, settings, and what is printed.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.commands import json_option, print_json, told
from asp_dagster.declared import OWN_FEEDS, feeds_of
from asp_dagster.doctor.examination import Patient, examine
from asp_dagster.doctor.findings import Finding
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.mitto import MittoJobError
from asp_dagster.resources import AmazonSPResource, StateResource, WarehouseResource

_EPILOG = """\b
examples:
  asp doctor
  asp doctor --folder src/my_project/defs --json

exit codes: 0 runs will do; 1 something failed, for the reason printed; 2 wrong arguments
"""


@click.command("doctor", epilog=_EPILOG)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=OWN_FEEDS,
    help="The folder of the feeds' folders with their defs.yaml (this package's defs).",
)
@json_option
def command(folder: Path, *, as_json: bool) -> None:
    """Check the connection: is everything there that runs need?

    Looks at settings, token, marketplaces, roles, clock, shared state, warehouse and raw path, and
    says of each in one line whether it is there and what to do if not. The feeds of a folder say
    which APIs and selling partners are meant. At most one call per operation of Amazon's is made,
    and nothing is left behind. Settings are the same variables that runs have.
    """
    with told(DeclarationError, MittoJobError):
        feeds = feeds_of(folder)
    findings = list(_shown(examine(_patient(), feeds), is_quiet=as_json))
    if as_json:
        print_json([asdict(each) for each in findings])
    sys.exit(any(finding.status == "failed" for finding in findings))


def _shown(findings: Iterator[Finding], *, is_quiet: bool) -> Iterator[Finding]:
    """Pass findings on, each printed as soon as it is there."""
    for finding in findings:
        if not is_quiet:
            click.echo(finding.line)
        yield finding


def _patient() -> Patient:
    """Return what the environment sets, as the code location does."""
    variables = {name: f"ASP_{name.upper()}" for name in AmazonSPResource.model_fields}
    settings = {
        name: os.environ[variable] for name, variable in variables.items() if variable in os.environ
    }
    return Patient(
        AmazonSPResource(**{name: value for name, value in settings.items() if value}),
        StateResource(url=os.environ.get("ASP_STATE") or "sqlite:///data/state.db"),
        WarehouseResource(url=os.environ.get("ASP_WAREHOUSE") or "duckdb:///data/warehouse.duckdb"),
        RawFileIOManager(
            base_path=os.environ.get("ASP_RAW_PATH") or "data/raw",
            encryption=os.environ.get("ASP_RAW_ENCRYPTION") or None,
            kms_key_id=os.environ.get("ASP_RAW_KMS_KEY_ID") or None,
        ),
    )


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.doctor")
