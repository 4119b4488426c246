"""A wrong declaration is refused at load, without the network, and in which words."""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.components import AmazonSPApi, AmazonSPReport, AmazonSPReportFile, MittoJobs
from asp_dagster.definitions import build_resources

ITEMS = {
    "new_field_name": "OrderItems",
    "path": "/orders/v0/orders/{}/orderItems",
    "path_variable_name": "AmazonOrderId",
    "results_key": "OrderItems",
}
ORDERS = {
    "name": "orders",
    "path": "/orders/v0/orders",
    "results_key": "Orders",
    "params": {"LastUpdatedAfter": "2022-02-22", "MarketplaceIds": "ATVPDKIKX0DER"},
    "updated_at_param": "LastUpdatedAfter",
    "record_config": {"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
    "extend_resources": [ITEMS],
}
REPORT = {
    "name": "listings",
    "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    "file_format": "TSV",
}
FILE = {**REPORT, "output": "listings.tsv"}

Wrong = tuple[type[dg.Component], Mapping[str, Any], Sequence[str]]


def _orders(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Orders with other keys; None leaves a key out."""
    return AmazonSPApi, {k: v for k, v in {**ORDERS, **changes}.items() if v is not None}


def _items(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Orders with other keys in their extension."""
    items = {k: v for k, v in {**ITEMS, **changes}.items() if v is not None}
    return _orders(extend_resources=[items])


def _report(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    return AmazonSPReport, {k: v for k, v in {**REPORT, **changes}.items() if v is not None}


def _file(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    return AmazonSPReportFile, {k: v for k, v in {**FILE, **changes}.items() if v is not None}


_NESTED = {**ITEMS, "new_field_name": "Again", "path_variable_name": "^.AmazonOrderId"}
_DATES = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "dataStartTime": "{window_start}"}

WRONG: Mapping[str, tuple[type[dg.Component], Mapping[str, Any], Sequence[str]]] = {
    # keys that are misspelt, missing or of another kind, at every depth
    "unknown-key": (*_orders(result_key="Orders"), ["result_key", "did you mean results_key"]),
    "unknown-key-of-a-report": (*_report(format="TSV"), ["attributes.format", "file_format"]),
    "unknown-key-of-a-file": (*_file(outputs="x"), ["attributes.outputs", "output"]),
    "unknown-key-of-job-files": (MittoJobs, {"folders": "jobs"}, ["folders", "folder"]),
    "missing-path": (*_orders(path=None), ["attributes.path", "missing"]),
    "missing-report-spec": (*_report(report_spec=None), ["attributes.report_spec", "missing"]),
    "missing-format": (*_report(file_format=None), ["attributes.file_format", "missing"]),
    "missing-output": (*_file(output=None), ["attributes.output", "missing"]),
    "missing-report-type": (*_report(report_spec={}), ["report_spec.reportType", "missing"]),
    "misspelt-in-record-config": (
        *_orders(record_config={"id": "AmazonOrderId"}),
        ["record_config.id: unknown key", "id_field"],
    ),
    "misspelt-in-extension": (
        *_items(result_key="OrderItems"),
        ["extend_resources.0.result_key: unknown key", "results_key"],
    ),
    "misspelt-in-nested-extension": (
        *_items(extend_resources=[{**_NESTED, "parameters": {}}]),
        ["extend_resources.0.extend_resources.0.parameters: unknown key", "params"],
    ),
    "misspelt-in-report-spec": (
        *_report(report_spec={"reportTypes": "GET_X"}),
        ["report_spec.reportTypes: unknown key", "reportType"],
    ),
    "misspelt-in-credentials": (
        *_orders(credentials={"client": "x"}),
        ["credentials.client: unknown key", "client_id"],
    ),
    "misspelt-in-partitions": (
        *_orders(partitions={"each": "daily"}),
        ["partitions.each: unknown key", "every"],
    ),
    "misspelt-in-paging": (
        *_orders(paging={"token": "payload.NextToken", "parameter": "NextToken"}),
        ["paging.parameter: unknown key", "param"],
    ),
    "misspelt-in-a-table": (
        *_orders(tables=[{"name": "orders", "column": {}}]),
        ["tables.0.column: unknown key", "columns"],
    ),
    "misspelt-in-a-column": (
        *_orders(tables=[{"name": "orders", "columns": {"id": {"place": "AmazonOrderId"}}}]),
        ["tables.0.columns.id.place: unknown key", "path"],
    ),
    "parameter-that-is-a-mapping": (*_orders(params={"a": {"b": 1}}), ["params.a"]),
    "number-where-text-is-meant": (
        AmazonSPReport,
        yaml.safe_load("{name: x, file_format: TSV, report_spec: {reportType: 0123}}"),
        ["report_spec.reportType", "string"],
    ),
    "id-that-yaml-made-a-number": (
        AmazonSPApi,
        yaml.safe_load(
            "{name: x, table: false, path: /orders/v0/orders, params: {MarketplaceIds: 0123}}"
        ),
        ["params.MarketplaceIds", "quote"],
    ),
    "list-of-numbers": (*_orders(params={"MarketplaceIds": [1, 2]}), ["params.MarketplaceIds"]),
    "report-option-that-is-no-text": (
        *_report(report_spec={"reportType": "GET_X", "reportOptions": {"custom": True}}),
        ["report_spec.reportOptions.custom", "string"],
    ),
    "unknown-format": (*_report(file_format="DOCX"), ["file_format", "csv"]),
    "unknown-version": (*_report(version="2020-09-04"), ["version", "2021-06-30"]),
    "empty-report-type": (*_report(report_spec={"reportType": ""}), ["report_spec.reportType"]),
    # requests that cannot be meant
    "braces-without-variable": (*_items(path_variable_name=None), ["{}", "path_variable_name"]),
    "variable-without-braces": (
        *_items(path="/orders/v0/orders/ALL/orderItems"),
        ["extend_resources.0.path", "{}", "AmazonOrderId"],
    ),
    "two-braces-one-variable": (
        *_items(path="/orders/v0/orders/{}/orderItems/{}"),
        ["extend_resources.0", "{}"],
    ),
    "extension-that-needs-itself": (
        *_items(path_variable_name="OrderItems.OrderItemId"),
        ["extend_resources", "a cycle", "OrderItems needs OrderItems"],
    ),
    "cycle-of-extensions": (
        *_orders(
            extend_resources=[
                {**ITEMS, "path_variable_name": "Others.Id"},
                {**ITEMS, "new_field_name": "Others", "path_variable_name": "OrderItems.Id"},
            ]
        ),
        ["extend_resources", "Others"],
    ),
    "two-extensions-of-one-name": (
        *_orders(extend_resources=[ITEMS, ITEMS]),
        ["extend_resources.1", "OrderItems"],
    ),
    "unknown-parameter": (
        *_orders(params={**ORDERS["params"], "LastUpdateAfter": "2022-02-22"}),  # type: ignore[dict-item] - a mapping
        ["params.LastUpdateAfter", "LastUpdatedAfter"],
    ),
    "parameter-in-the-wrong-case": (
        *_orders(params={"marketplaceIds": "ATVPDKIKX0DER"}),
        ["params.marketplaceIds", "MarketplaceIds"],
    ),
    "required-parameter-missing": (*_orders(params={}), ["MarketplaceIds"]),
    "updated-at-param-unknown": (
        *_orders(updated_at_param="UpdatedAfter"),
        ["updated_at_param", "UpdatedAfter", "LastUpdatedAfter"],
    ),
    "updated-before-param-unknown": (
        *_orders(updated_before_param="UpdatedBefore"),
        ["updated_before_param", "LastUpdatedBefore"],
    ),
    "results-key-that-is-not-there": (
        *_orders(results_key="orders"),
        ["results_key", "orders", "Orders"],
    ),
    "path-that-is-a-url": (
        *_orders(path="https://sellingpartnerapi-na.amazon.com/orders/v0/orders"),
        ["path"],
    ),
    "path-without-slash": (*_orders(path="orders/v0/orders"), ["path", "/"]),
    "path-with-a-query": (*_orders(path="/orders/v0/orders?a=b"), ["path", "params"]),
    "post-without-body": (
        *_orders(path="/batches/products/pricing/v0/itemOffers", method="POST", params=None),
        ["body"],
    ),
    "get-with-body": (*_orders(body={"a": 1}), ["body", "POST"]),
    "unknown-method": (*_orders(method="PUT"), ["method", "POST"]),
    "post-that-writes": (
        *_orders(path="/feeds/2021-06-30/feeds", method="POST", body={"feedType": "X"}),
        ["createFeed"],
    ),
    "retired-api-version": (
        *_orders(path="/reports/2020-09-04/reports", params={}, updated_at_param=None),
        ["2020-09-04", "2024-06-27", "2021-06-30"],
    ),
    "marketplace-of-another-region": (
        *_orders(
            endpoint="https://sellingpartnerapi-eu.amazon.com", marketplaces=["ATVPDKIKX0DER"]
        ),
        ["ATVPDKIKX0DER", "sellingpartnerapi-na"],
    ),
    # credentials
    "empty-credentials": (*_orders(credentials=""), ["credentials", "empty"]),
    "credentials-without-secret": (
        *_orders(credentials={"client_id": "x", "refresh_token": "{{ env.ASP_TOKEN }}"}),
        ["credentials.client_secret"],
    ),
    # time
    "unknown-partitions": (*_orders(partitions="yearly"), ["partitions.every", "monthly"]),
    "unknown-time-zone": (
        *_orders(partitions={"every": "daily", "timezone": "Europe/Munich"}),
        ["Europe/Munich", "partitions"],
    ),
    "start-that-is-no-date": (
        *_orders(partitions={"every": "daily", "start": "2026-13-01"}),
        ["partitions.start"],
    ),
    "lookback-that-is-no-time": (*_orders(lookback="a while"), ["lookback", "2 days"]),
    "lookback-without-a-date": (*_orders(updated_at_param=None, lookback="2 days"), ["lookback"]),
    "window-without-partitions": (
        *_report(report_spec=_DATES),
        ["report_spec.dataStartTime", "partitions"],
    ),
    # tables and files
    "incremental-without-an-id": (*_orders(record_config=None), ["record_config.id_field"]),
    "table-that-is-no-name": (*_orders(table="My Orders"), ["table", "My Orders"]),
    "table-beside-tables": (
        *_orders(table="a", tables=[{"name": "b", "columns": {"c": {"path": "d"}}}]),
        ["table", "tables"],
    ),
    "column-to-encrypt": (*_orders(columns={"buyer": "encrypt"}), ["columns.buyer", "hash"]),
    "name-that-is-none": (*_orders(name="my orders!"), ["name", "my orders!"]),
    "files-of-one-name": (*_file(partitions="daily"), ["output", "{partition}"]),
    "file-outside": (*_file(output="../listings.tsv"), ["output", ".."]),
    "unknown-placeholder": (*_file(output="{day}.tsv"), ["output", "{day}"]),
    # ready feeds and job files
    "unknown-report": (
        AmazonSPReport,
        {"report": "GET_FBA_INVENTORY_PLANING_DATA"},
        ["report", "did you mean GET_FBA_INVENTORY_PLANNING_DATA"],
    ),
    "unknown-ready-feed": (
        AmazonSPApi,
        {"feed": "fba_inventry"},
        ["fba_inventry", "fba_inventory"],
    ),
    "folder-that-is-not-there": (MittoJobs, {"folder": "no/such/folder"}, ["no/such/folder"]),
}


def _load(component: type[dg.Component], *declarations: Mapping[str, Any]) -> None:
    """Load declarations of one component as a code location would."""
    with create_defs_folder_sandbox() as sandbox:
        for attributes in declarations:
            path = sandbox.scaffold_component(component_cls=component)
            content = {"type": f"asp_dagster.{component.__name__}", "attributes": dict(attributes)}
            (path / "defs.yaml").write_text(yaml.safe_dump(content))
        with sandbox.build_all_defs() as defs:
            whole = dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))
            dg.Definitions.validate_loadable(whole)


def _text(error: BaseException) -> str:
    """The texts of an error and of all that caused it."""
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    return "\n".join(str(cause) for cause in causes)


@pytest.mark.parametrize(("component", "attributes", "words"), WRONG.values(), ids=WRONG)
def test_wrong_declaration_fails_at_load(
    component: type[dg.Component], attributes: Mapping[str, Any], words: Sequence[str]
) -> None:
    """It is refused when it is loaded, naming the place and what would have been right."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster wraps it in errors of its own
        _load(component, attributes)

    text = _text(refused.value)
    assert [word for word in words if word not in text] == []
    assert "defs.yaml" in text


SECRET = "do-not-show-this"
WITH_A_SECRET = {"client_id": "x", "client_secret": SECRET, "refresh_token": SECRET}


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        pytest.param(*_orders(credentials=WITH_A_SECRET, path=None), id="missing-key"),
        pytest.param(*_orders(credentials=WITH_A_SECRET, pth="x"), id="unknown-key"),
        pytest.param(*_orders(credentials=[WITH_A_SECRET]), id="credentials-in-a-list"),
        pytest.param(*_orders(credentials={**WITH_A_SECRET, "x": SECRET}), id="unknown-secret"),
        pytest.param(*_orders(credentials=WITH_A_SECRET, owners=7), id="wrong-kind"),
        pytest.param(
            *_orders(credentials=WITH_A_SECRET, columns={"a": "encrypt"}),
            id="next-line",
        ),
        pytest.param(
            *_orders(credentials=WITH_A_SECRET, columns={"a": "{{ env.NO_SUCH_VARIABLE }}"}),
            id="template-in-the-next-line",
        ),
        pytest.param(*_report(credentials=WITH_A_SECRET, file_format=None), id="report"),
        pytest.param(*_file(credentials=WITH_A_SECRET, output=None), id="file"),
        pytest.param(MittoJobs, {"credentials": WITH_A_SECRET}, id="job-files"),
    ],
)
def test_mistake_beside_a_secret_does_not_show_it(
    component: type[dg.Component], attributes: Mapping[str, Any]
) -> None:
    """Whatever is wrong with a declaration that holds secrets, no error quotes them."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster wraps it in errors of its own
        _load(component, attributes)

    assert SECRET not in _text(refused.value)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_two_feeds_of_one_name_are_refused() -> None:
    """Two declarations that name the same asset do not load."""
    with pytest.raises(Exception, match="orders"):
        _load(AmazonSPApi, ORDERS, ORDERS)


def test_the_right_ones_load() -> None:
    """What all of these vary is right."""
    _load(AmazonSPApi, ORDERS)
    _load(AmazonSPReport, REPORT)
    _load(AmazonSPReportFile, FILE)
