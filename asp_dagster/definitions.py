"""The code location: puts the parts together. Loading it asks nobody anything.

Here belongs: which settings the resources take, and nothing that could be tested without Dagster. A
variable that is set is passed on as a reference, so its value appears in no UI page and no
database.
"""

from pathlib import Path

import dagster as dg

import asp_dagster.defs
from asp_dagster.assets import RAW_IO_MANAGER
from asp_dagster.io_managers import RawFileIOManager
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


def _setting(variable: str, default: str) -> str:
    return dg.EnvVar(variable) if dg.EnvVar(variable).get_value() else default


def _amazon() -> AmazonSPResource:
    """Refer to the variables that are set; the resource says which one it misses."""
    variables = {name: dg.EnvVar(f"ASP_{name.upper()}") for name in _AMAZON_SETTINGS}
    return AmazonSPResource(
        **{n: variable for n, variable in variables.items() if variable.get_value()}
    )


def build_definitions() -> dg.Definitions:
    """Return the declared feeds with their jobs, schedules and resources."""
    tree = dg.ComponentTree(defs_module=asp_dagster.defs, project_root=Path(__file__).parent.parent)
    jobs = build_jobs()
    own = dg.Definitions(
        jobs=jobs,
        schedules=build_schedules(jobs),
        # Steps are short, and one process has one quota: see spapi.quota.
        executor=dg.in_process_executor,
        resources={
            "amazon": _amazon(),
            RAW_IO_MANAGER: RawFileIOManager(base_path=_setting("ASP_RAW_PATH", "data/raw")),
            "warehouse": WarehouseResource(
                url=_setting("ASP_WAREHOUSE", "duckdb:///data/warehouse.duckdb")
            ),
        },
    )
    return dg.Definitions.merge(tree.build_defs(), own)


defs = build_definitions()
