"""The code location: puts the parts together. Loading it asks nobody anything.

Here belongs nothing that could be tested without Dagster. Which variables are read is said in
`settings`.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster.components.core.load_defs import PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY
from dagster.components.core.snapshot import get_package_entry_snap
from dagster_shared.serdes.objects.package_entry import EnvRegistryKey, json_for_all_components

import asp_dagster.defs
from asp_dagster import components
from asp_dagster.alerts import build_alerts
from asp_dagster.doctor import build_doctor_job
from asp_dagster.jobs import build_reports_job
from asp_dagster.notifications.sensor import build_sensors
from asp_dagster.overview.assets import build_overview
from asp_dagster.retention import build_retention
from asp_dagster.settings import build_resources


def build_definitions(
    resources: Mapping[str, object] | None = None,
    executor: dg.ExecutorDefinition = dg.in_process_executor,
) -> dg.Definitions:
    """Return the declared feeds with their jobs, schedules and resources.

    Args:
        resources: What takes the place of our own resources, by their keys.
        executor: What runs the steps. They are short: a process for each is mostly start-up.
    """
    declared = _declared()
    own = dg.Definitions(
        jobs=[build_reports_job(), build_doctor_job()],
        sensors=build_sensors(declared),
        executor=executor,
        resources={**build_resources(), **(resources or {})},
    )
    apart = (build_retention(), build_overview(), build_alerts())
    return dg.Definitions.merge(declared, *apart, own)


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
    snaps = [
        get_package_entry_snap(
            EnvRegistryKey(asp_dagster.__name__, name), getattr(components, name)
        )
        for name in components.__all__
    ]
    return {PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY: json_for_all_components(snaps)}


defs = build_definitions()
