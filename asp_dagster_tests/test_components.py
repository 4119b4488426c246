"""A declaration in YAML becomes assets, or is refused where it is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.settings import build_resources

ENDPOINT = {
    "name": "raw_orders",
    "path": "/orders/2026-01-01/orders",
    "results_key": "orders",
    "tables": [{"name": "orders", "columns": {"order_id": {"path": "orderId"}}}],
}
REPORT = {
    "name": "raw_listings",
    "group": "reports",
    "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    "file_format": "TSV",
    "tables": [
        {"name": "listings", "other_columns": "text", "columns": {"sku": {"path": "seller-sku"}}}
    ],
}


def _load(component: type[dg.Component], attributes: Mapping[str, Any]) -> dg.Definitions:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=component)
        declaration = {"type": f"asp_dagster.{component.__name__}", "attributes": dict(attributes)}
        (path / "defs.yaml").write_text(yaml.safe_dump(declaration))
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            return dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))


def test_endpoint_becomes_raw_and_table_assets() -> None:
    """A declared endpoint gives its raw asset and an asset for each table, downstream of it."""
    defs = _load(AmazonSPApi, ENDPOINT)

    graph = defs.resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == {"raw_orders", "orders"}
    assert graph.get(dg.AssetKey("orders")).parent_keys == {dg.AssetKey("raw_orders")}


def test_second_report_is_only_a_new_declaration() -> None:
    """A report type nobody declared before needs nothing but its YAML."""
    defs = _load(AmazonSPReport, REPORT)

    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
    assert keys == {"raw_listings", "listings"}


def test_feed_without_tables_is_raw_only() -> None:
    """A feed that declares no table lands its raw files and nothing else."""
    defs = _load(AmazonSPApi, {**ENDPOINT, "tables": [], "table": False})

    assert [key.to_user_string() for key in defs.resolve_all_asset_keys()] == ["raw_orders"]


def test_templates_of_the_environment_are_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """`{{ env.X }}` is Dagster's and resolved at load; `{marketplace_ids}` is ours and stays."""
    monkeypatch.setenv("LISTINGS_TYPE", "GET_FLAT_FILE_OPEN_LISTINGS_DATA")
    declaration = {**REPORT, "report_spec": {"reportType": "{{ env.LISTINGS_TYPE }}"}}

    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=AmazonSPReport)
        content = {"type": "asp_dagster.AmazonSPReport", "attributes": declaration}
        (path / "defs.yaml").write_text(yaml.safe_dump(content))
        with sandbox.load_component_and_build_defs(defs_path=path) as (component, _defs):
            assert isinstance(component, AmazonSPReport)
            source = component.declared().source

    assert source.report_type == "GET_FLAT_FILE_OPEN_LISTINGS_DATA"
    assert source.marketplace_ids == "{marketplace_ids}"


def test_text_that_looks_like_a_number_stays_text() -> None:
    """An id such as 0123 or 1e5 is text when it is quoted, wherever it stands."""
    endpoint = {
        **ENDPOINT,
        "params": {"sku": "0123", "asins": ["1e5", "12"], "pageSize": 100, "details": True},
    }
    options = {"reportType": "GET_X", "reportOptions": {"asin": "123"}}

    api = AmazonSPApi.resolve_from_yaml(yaml.safe_dump(endpoint)).declared().source
    report = AmazonSPReport.resolve_from_yaml(
        yaml.safe_dump({**REPORT, "report_spec": options})
    ).declared()

    assert isinstance(api, EndpointSpec)
    assert api.params == endpoint["params"]
    assert isinstance(report.source, ReportSpec)
    assert report.source.report_options == {"asin": "123"}


def test_key_without_a_value_is_as_good_as_absent() -> None:
    """Mitto's job files carry keys without a value: an empty one makes no feed incremental."""
    empty = {"updated_at_param": "", "updated_before_param": ""}

    feed = AmazonSPApi.from_attributes_dict(attributes={**ENDPOINT, **empty}).declared()

    assert feed == AmazonSPApi.from_attributes_dict(attributes=ENDPOINT).declared()


def test_every_default_feed_is_a_declaration() -> None:
    """The default feeds are folders with a `defs.yaml`, and no Python."""
    folder = Path(__file__).parent.parent / "asp_dagster" / "defs"

    feeds = {path.parent.name for path in folder.glob("*/defs.yaml")}
    assert feeds == {"orders", "orders_v0", "sales_and_traffic", "all_orders"}
    assert not list(folder.glob("*/*.py"))
