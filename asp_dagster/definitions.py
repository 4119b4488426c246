"""The code location: puts the parts together. Loading it asks nobody anything.

Here belongs: which settings the resources take, and nothing that could be tested without Dagster. A
variable that is set is passed on as a reference, so its value appears in no UI page and no
database.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

import asp_dagster.defs
from asp_dagster.assets import RAW_IO_MANAGER, TABLE_IO_MANAGER
from asp_dagster.io_managers import RawFileIOManager, TableIOManager
from asp_dagster.jobs import build_jobs
from asp_dagster.resources import AmazonSPResource, WarehouseResource
from asp_dagster.schedules import build_schedules

_AMAZON_SETTINGS = (
    "endpoint",
    "region",
    "client_id",
    "client_secret",
    "refresh_token",
    "role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "lwa_url",
    "sts_url",
    "marketplace_ids",
)


def build_definitions() -> dg.Definitions:
    """Return the declared feeds with their jobs, schedules and resources."""
    jobs = build_jobs()
    own = dg.Definitions(
        jobs=jobs,
        schedules=build_schedules(jobs),
        # Steps are short, and one process has one quota: see spapi.quota.
        executor=dg.in_process_executor,
        resources=build_resources(),
    )
    return dg.Definitions.merge(_declared(), own)


def _declared() -> dg.Definitions:
    """Return the assets that `defs/**/defs.yaml` declares."""
    tree = dg.ComponentTree(defs_module=asp_dagster.defs, project_root=Path(__file__).parent.parent)
    with warnings.catch_warnings():
        # Dagster links an asset to its YAML by a class of its own that it still calls beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return tree.build_defs()


def build_resources() -> Mapping[str, object]:
    """Return the resources as the environment sets them; which setting is missing a run says."""
    amazon = {name: dg.EnvVar(f"ASP_{name.upper()}") for name in _AMAZON_SETTINGS}
    warehouse = _setting("ASP_WAREHOUSE", "duckdb:///data/warehouse.duckdb")
    return {
        "amazon": AmazonSPResource(**{name: v for name, v in amazon.items() if v.get_value()}),
        RAW_IO_MANAGER: RawFileIOManager(base_path=_setting("ASP_RAW_PATH", "data/raw")),
        TABLE_IO_MANAGER: TableIOManager(url=warehouse),
        "warehouse": WarehouseResource(url=warehouse),
    }


def _setting(variable: str, default: str) -> str:
    return dg.EnvVar(variable) if dg.EnvVar(variable).get_value() else default


defs = build_definitions()
