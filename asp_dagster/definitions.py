"""The code location: puts the parts together. Loading it asks nobody anything.

Here belongs: which settings the resources take, and nothing that could be tested without Dagster. A
variable that is set is passed on as a reference, so its value appears in no UI page and no
database.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster.components.core.load_defs import PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY
from dagster.components.core.package_entry import discover_package_objects
from dagster.components.core.snapshot import get_package_entry_snap
from dagster_shared.serdes.objects.package_entry import json_for_all_components

import asp_dagster.defs
from asp_dagster.assets import RAW_IO_MANAGER, TABLE_IO_MANAGER
from asp_dagster.doctor import build_doctor_job
from asp_dagster.io_managers import RawFileIOManager, TableIOManager
from asp_dagster.jobs import build_reports_job
from asp_dagster.resources import (
    DEFAULT_STATE,
    AmazonSPResource,
    StateResource,
    WarehouseResource,
)
from asp_dagster.retention import build_retention
from asp_dagster.schedules import build_schedules

_AMAZON_SETTINGS = (
    "endpoint",
    "region",
    "client_id",
    "client_secret",
    "client_secret_issued",
    "refresh_token",
    "role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "lwa_url",
    "sts_url",
    "marketplace_ids",
    "seller_id",
    "credentials_file",
    "state",
    "max_wait",
)


def build_definitions(resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Return the declared feeds with their jobs, schedules and resources.

    Args:
        resources: What takes the place of our own resources, by their keys.
    """
    declared, reports_job = _declared(), build_reports_job()
    own = dg.Definitions(
        jobs=[reports_job, build_doctor_job()],
        schedules=build_schedules([reports_job, *(declared.jobs or ())]),
        # Steps are short: a process for each would be mostly start-up.
        executor=dg.in_process_executor,
        resources={**build_resources(), **(resources or {})},
    )
    return dg.Definitions.merge(declared, build_retention(), own)


def _declared() -> dg.Definitions:
    """Return the assets that `defs/**/defs.yaml` declares."""
    tree = dg.ComponentTree(defs_module=asp_dagster.defs, project_root=Path(__file__).parent.parent)
    with warnings.catch_warnings():
        # Dagster links an asset to its YAML by a class of its own that it still calls beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        declared = tree.build_defs(Path(asp_dagster.defs.__path__[0]))
    described = dg.Definitions(metadata=_described_components(), component_tree=tree)
    return dg.Definitions.merge(declared, described)


def _described_components() -> Mapping[str, Any]:
    """Return what Dagster's UI shows of our components.

    The tree would describe those of every installed package, and load them all for it: boto3,
    pandas and SQLAlchemy with dagster-aws alone.
    """
    found = discover_package_objects([asp_dagster.__name__])
    snaps = [get_package_entry_snap(key, component) for key, component in found.items()]
    return {PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY: json_for_all_components(snaps)}


def build_resources() -> Mapping[str, object]:
    """Return the resources as the environment sets them; which setting is missing a run says."""
    warehouse = _setting("ASP_WAREHOUSE", "duckdb:///data/warehouse.duckdb")
    return {
        "amazon": AmazonSPResource(**_if_set(*_AMAZON_SETTINGS)),
        RAW_IO_MANAGER: RawFileIOManager(
            base_path=_setting("ASP_RAW_PATH", "data/raw"),
            **_if_set("encryption", "kms_key_id", prefix="ASP_RAW_"),
        ),
        TABLE_IO_MANAGER: TableIOManager(url=warehouse),
        "warehouse": WarehouseResource(url=warehouse, **_if_set("hash_key")),
        "state": StateResource(url=_setting("ASP_STATE", DEFAULT_STATE)),
    }


def _if_set(*fields: str, prefix: str = "ASP_") -> dict[str, Any]:
    """Return the variables of those fields whose variable is set."""
    variables = {field: dg.EnvVar(f"{prefix}{field.upper()}") for field in fields}
    return {field: variable for field, variable in variables.items() if variable.get_value()}


def _setting(variable: str, default: str) -> str:
    return dg.EnvVar(variable) if dg.EnvVar(variable).get_value() else default


defs = build_definitions()
