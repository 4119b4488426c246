"""Checks the connection from a shell: `python -m asp_dagster.doctor`.

Here belong: arguments, settings, and what is printed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from dagster.components.core.component_tree import ComponentTreeException

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.declared import OWN_FEEDS, feeds_of
from asp_dagster.doctor.examination import Patient, examine
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.mitto import MittoJobError
from asp_dagster.resources import AmazonSPResource, StateResource, WarehouseResource

_DESCRIPTION = """\
Looks at everything that runs need, and says of each thing in one line whether it is there and what
to do if not: settings, token, marketplaces, roles, clock, shared state, warehouse, raw path. The
feeds of a folder say which APIs and selling partners are meant. At most one call per operation of
Amazon's is made, and nothing is left behind. Settings are the same variables that runs have.
"""

_EPILOG = """\
examples:
  python -m asp_dagster.doctor
  python -m asp_dagster.doctor --folder src/my_project/defs --json

exit codes: 0 runs will do; 1 something failed, for the reason printed; 2 wrong arguments
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the connection; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        feeds = feeds_of(asked.folder)
    except ComponentTreeException as error:
        return _failed(error.__cause__ or error)
    except (DeclarationError, MittoJobError) as error:
        return _failed(error)
    findings = []
    for finding in examine(_patient(), feeds):
        findings.append(finding)
        if not asked.json:
            sys.stdout.write(f"{finding.line}\n")
            sys.stdout.flush()
    if asked.json:
        sys.stdout.write(json.dumps([asdict(each) for each in findings], indent=2) + "\n")
    return int(any(finding.status == "failed" for finding in findings))


def _failed(error: BaseException) -> int:
    sys.stderr.write(f"{error}\n")
    return 1


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.doctor",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        type=Path,
        default=OWN_FEEDS,
        help="the folder of the feeds' folders with their defs.yaml (this package's defs)",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
