"""What loading the code location costs: which libraries and modules it leaves to their users."""

import json
import pkgutil
import subprocess
import sys

import pytest

LOCATION = "asp_dagster.definitions"
HEAVY = {
    "adbc_driver_duckdb",
    "adbc_driver_postgresql",
    "alembic",
    "boto3",
    "botocore",
    "dagster_aws",
    "duckdb",
    "matplotlib",
    "numpy",
    "openpyxl",
    "PIL",
    "pandas",
    "pyarrow",
    "requests",
    "sqlalchemy",
    "starlette",
    "urllib3",
    "uvicorn",
}
OF_OUR_OWN = [
    "asp_dagster.doctor.examination",
    "asp_dagster.landing.bulk_reports",
    "asp_dagster.landing.endpoints",
    "asp_dagster.landing.extraction",
    "asp_dagster.landing.raw_store",
    "asp_dagster.landing.reports",
    "asp_dagster.listed.assets",
    "asp_dagster.mitto.jobs",
    "asp_dagster.overview.figures",
    "asp_dagster.retention.course",
    "asp_dagster.spapi.auth",
    "asp_dagster.spapi.client",
    "asp_dagster.spapi.paging",
    "asp_dagster.spapi.quota",
    "asp_dagster.spapi.reports",
    "asp_dagster.spapi.transport",
    "asp_dagster.state.state",
    "asp_dagster.warehouse.inferring.identity",
    "asp_dagster.warehouse.warehouse",
]
"""What only runs, ticks, or declarations of other kinds than the default feeds' need."""

MOST_CALLS = 60_000
"""A quarter more than loading the default feeds takes."""

MODULES = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
CALLS = """
import cProfile, importlib, json, pstats, sys
import dagster
profile = cProfile.Profile()
profile.runcall(importlib.import_module, sys.argv[1])
own = {
    f"{file.rpartition('/asp_dagster/')[2]} {name}": calls
    for (file, _, name), (_, calls, *_) in pstats.Stats(profile).stats.items()
    if "/asp_dagster/" in file
}
print(json.dumps(own))
"""


def _told_by(program: str) -> str:
    """The last line that a fresh process prints of loading the code location."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, LOCATION], capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()[-1]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that a fresh process has loaded with the code location."""
    return set(json.loads(_told_by(MODULES)))


def test_the_code_location_loads_no_heavy_library(loaded: set[str]) -> None:
    """Loading definitions is what each run, tick and page of the UI waits for."""
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


@pytest.mark.parametrize("module", OF_OUR_OWN)
def test_the_code_location_leaves_what_only_some_need(module: str, loaded: set[str]) -> None:
    """What asks Amazon, and what reads other declarations, is loaded by who does it."""
    assert pkgutil.resolve_name(module)
    assert module not in loaded


def test_the_code_location_is_loaded_in_few_calls() -> None:
    """A column is held against an index of the personal fields, and a feed is looked up once."""
    calls: dict[str, int] = json.loads(_told_by(CALLS))

    assert sum(calls.values()) < MOST_CALLS
    assert calls["looks.py of"] == calls["assets.py build_feed_assets"]


@pytest.mark.parametrize("package", ["landing", "listed", "mitto", "spapi", "state", "warehouse"])
def test_what_a_package_hands_out_on_demand_is_all_it_names(package: str) -> None:
    """Every public name is found, and another is refused as Python refuses it."""
    name = f"asp_dagster.{package}"
    module = pkgutil.resolve_name(name)

    assert {each for each in module.__all__ if getattr(module, each, None) is None} == set()
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        _ = module.nothing


@pytest.mark.parametrize("package", ["landing", "listed", "mitto", "spapi", "state", "warehouse"])
def test_what_a_package_hands_out_is_called_as_no_module_of_it(package: str) -> None:
    """Python puts a module that is loaded into its package, in the place of such a name."""
    module = pkgutil.resolve_name(f"asp_dagster.{package}")

    assert not {each.name for each in pkgutil.iter_modules(module.__path__)} & {*module.__all__}
