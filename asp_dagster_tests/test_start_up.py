"""What loading the code location costs: which libraries it leaves to whoever uses them."""

import json
import subprocess
import sys

import pytest

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
PROGRAM = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def _loaded_by(module: str) -> set[str]:
    """The packages that a fresh process has loaded after importing a module."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, module], capture_output=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_code_location_loads_no_heavy_library() -> None:
    """Loading definitions is what each run, tick and page of the UI waits for."""
    assert not _loaded_by("asp_dagster.definitions") & HEAVY


@pytest.mark.parametrize("package", ["asp_dagster.state", "asp_dagster.warehouse"])
def test_what_a_package_hands_out_on_demand_is_all_it_names(package: str) -> None:
    """Every public name is found, and another is refused as Python refuses it."""
    module = __import__(package, fromlist=["__all__"])

    assert {name for name in module.__all__ if getattr(module, name, None) is None} == set()
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = module.nothing
