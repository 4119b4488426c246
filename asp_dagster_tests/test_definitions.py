"""The code location loads without settings and without a network, and holds what is promised."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.definitions import build_definitions

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    """The whole code location."""
    return build_definitions()


def test_loads(defs: dg.Definitions) -> None:
    """Every part fits every other."""
    dg.Definitions.validate_loadable(defs)


def test_loading_needs_neither_settings_nor_network() -> None:
    """Importing the code location in an empty environment opens no connection."""
    script = (
        "import socket, sys\n"
        "def refuse(*arguments): raise AssertionError(f'a connection to {arguments[1:]}')\n"
        "socket.socket.connect = refuse\n"
        "import asp_dagster.definitions\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_plain_client_loads_no_dagster() -> None:
    """Who imports the client alone pays for nothing of Dagster, pandas or DuckDB."""
    script = (
        "import sys, asp_dagster.spapi; print({'dagster', 'pandas', 'duckdb'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("job", "assets"),
    [
        ("orders_job", {"raw_orders", "orders", "order_items"}),
        ("orders_v0_job", {"raw_orders_v0", "orders_v0", "order_items_v0"}),
        (
            "reports_job",
            {
                "raw_sales_and_traffic",
                "sales_and_traffic_by_date",
                "sales_and_traffic_by_asin",
                "raw_all_orders",
                "all_orders",
            },
        ),
    ],
)
def test_job_runs_its_feeds(defs: dg.Definitions, job: str, assets: set[str]) -> None:
    """Each job covers its feeds from the raw file to the tables."""
    layer = defs.resolve_job_def(job).asset_layer

    assert {key.to_user_string() for key in layer.executable_asset_keys} == assets


def test_every_asset_has_group_kinds_and_description(defs: dg.Definitions) -> None:
    """What an asset is can be read in the UI."""
    for spec in defs.resolve_all_asset_specs():
        assert spec.group_name in {"orders", "orders_v0", "overview", "privacy", "reports"}
        assert spec.kinds
        assert spec.description


@pytest.mark.parametrize("pair", [("orders", "orders_v0"), ("order_items", "order_items_v0")])
def test_both_order_versions_have_the_same_columns(
    defs: dg.Definitions, pair: tuple[str, str]
) -> None:
    """The tables of both API versions have the same columns, of the same types, in one order."""
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}

    schemas = [specs[name].metadata["dagster/column_schema"] for name in pair]
    first, second = ([(column.name, column.type) for column in s.columns] for s in schemas)
    assert first == second


@pytest.mark.parametrize("name", ["AmazonSPApi", "AmazonSPReport", "AmazonSPResource"])
def test_public_names_are_found_lazily(name: str) -> None:
    """The public names can be imported from the package, and are listed."""
    package = __import__("asp_dagster", fromlist=[name])

    assert getattr(package, name).__name__ == name
    assert name in dir(package)


def test_unknown_public_name_is_an_attribute_error() -> None:
    """A name the package does not have is refused as Python does."""
    package = __import__("asp_dagster")

    with pytest.raises(AttributeError, match="AmazonSPI"):
        _ = package.AmazonSPI
