"""The code location: what `defs/` declares, with asp_dagster's resources."""

from pathlib import Path

import dagster as dg

from asp_dagster import build_resources


@dg.definitions
def defs() -> dg.Definitions:
    """Return the shop's assets, jobs and resources."""
    declared = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    ours = dg.Definitions(resources=build_resources(), executor=dg.in_process_executor)
    return dg.Definitions.merge(declared, ours)
