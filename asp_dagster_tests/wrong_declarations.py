"""Wrong declarations, and the words in which each is refused.

Here belongs the table alone; what is done with it is said in `test_wrong_declarations`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import yaml

from asp_dagster.components import AmazonSPApi, AmazonSPReport, AmazonSPReportFile, MittoJobs

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
"""The component, its attributes, and words of the error."""


def orders(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Orders with other keys; None leaves a key out."""
    return AmazonSPApi, {k: v for k, v in {**ORDERS, **changes}.items() if v is not None}


def items(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Orders with other keys in their extension."""
    items = {k: v for k, v in {**ITEMS, **changes}.items() if v is not None}
    return orders(extend_resources=[items])


def report(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """A report with other keys; None leaves a key out."""
    return AmazonSPReport, {k: v for k, v in {**REPORT, **changes}.items() if v is not None}


def report_file(**changes: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """A report's file with other keys; None leaves a key out."""
    return AmazonSPReportFile, {k: v for k, v in {**FILE, **changes}.items() if v is not None}


_NESTED = {**ITEMS, "new_field_name": "Again", "path_variable_name": "^.AmazonOrderId"}
_DATES = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "dataStartTime": "{window_start}"}

WRONG: Mapping[str, Wrong] = {
    # keys that are misspelt, missing or of another kind, at every depth
    "unknown-key": (*orders(result_key="Orders"), ["result_key", "did you mean results_key"]),
    "unknown-key-of-a-report": (*report(format="TSV"), ["attributes.format", "file_format"]),
    "unknown-key-of-a-file": (*report_file(outputs="x"), ["attributes.outputs", "output"]),
    "unknown-key-of-job-files": (MittoJobs, {"folders": "jobs"}, ["folders", "folder"]),
    "backfill-of-others": (
        AmazonSPApi,
        {"path": "/sellers/v1/marketplaceParticipations", "backfill": "report", "table": False},
        ["backfill: report is for the orders of"],
    ),
    "notifications-of-others": (
        AmazonSPApi,
        {"path": "/sellers/v1/marketplaceParticipations", "notifications": True, "table": False},
        ["notifications: true is for the orders of"],
    ),
    "notifications-without-partitions": (*orders(notifications=True), ["hourly, daily or weekly"]),
    "backfill-that-is-none": (*orders(backfill="yes"), ["backfill", "report"]),
    "missing-path": (*orders(path=None), ["attributes.path", "missing"]),
    "missing-report-spec": (*report(report_spec=None), ["attributes.report_spec", "missing"]),
    "missing-format": (*report(file_format=None), ["attributes.file_format", "missing"]),
    "missing-output": (*report_file(output=None), ["attributes.output", "missing"]),
    "missing-report-type": (*report(report_spec={}), ["report_spec.reportType", "missing"]),
    "misspelt-in-record-config": (
        *orders(record_config={"id": "AmazonOrderId"}),
        ["record_config.id: unknown key", "id_field"],
    ),
    "misspelt-in-extension": (
        *items(result_key="OrderItems"),
        ["extend_resources.0.result_key: unknown key", "results_key"],
    ),
    "misspelt-in-nested-extension": (
        *items(extend_resources=[{**_NESTED, "parameters": {}}]),
        ["extend_resources.0.extend_resources.0.parameters: unknown key", "params"],
    ),
    "misspelt-in-report-spec": (
        *report(report_spec={"reportTypes": "GET_X"}),
        ["report_spec.reportTypes: unknown key", "reportType"],
    ),
    "misspelt-in-credentials": (
        *orders(credentials={"client": "x"}),
        ["credentials.client: unknown key", "client_id"],
    ),
    "misspelt-in-partitions": (
        *orders(partitions={"each": "daily"}),
        ["partitions.each: unknown key", "every"],
    ),
    "misspelt-in-paging": (
        *orders(paging={"token": "payload.NextToken", "parameter": "NextToken"}),
        ["paging.parameter: unknown key", "param"],
    ),
    "misspelt-in-a-table": (
        *orders(tables=[{"name": "orders", "column": {}}]),
        ["tables.0.column: unknown key", "columns"],
    ),
    "misspelt-in-a-column": (
        *orders(tables=[{"name": "orders", "columns": {"id": {"place": "AmazonOrderId"}}}]),
        ["tables.0.columns.id.place: unknown key", "path"],
    ),
    "mapping-where-a-list-is-meant": (
        *orders(extend_resources=ITEMS),
        ["attributes.extend_resources: Input should be a valid list"],
    ),
    "parameter-that-is-a-mapping": (*orders(params={"a": {"b": 1}}), ["params.a"]),
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
    "list-of-numbers": (*orders(params={"MarketplaceIds": [1, 2]}), ["params.MarketplaceIds"]),
    "report-option-that-is-no-text": (
        *report(report_spec={"reportType": "GET_X", "reportOptions": {"custom": True}}),
        ["report_spec.reportOptions.custom", "string"],
    ),
    "unknown-format": (*report(file_format="DOCX"), ["file_format", "csv"]),
    "unknown-version": (*report(version="2020-09-04"), ["version", "2021-06-30"]),
    "empty-report-type": (*report(report_spec={"reportType": ""}), ["report_spec.reportType"]),
    # requests that cannot be meant
    "braces-without-variable": (*items(path_variable_name=None), ["{}", "path_variable_name"]),
    "variable-without-braces": (
        *items(path="/orders/v0/orders/ALL/orderItems"),
        ["extend_resources.0.path", "{}", "AmazonOrderId"],
    ),
    "two-braces-one-variable": (
        *items(path="/orders/v0/orders/{}/orderItems/{}"),
        ["extend_resources.0", "{}"],
    ),
    "extension-that-needs-itself": (
        *items(path_variable_name="OrderItems.OrderItemId"),
        ["extend_resources", "a cycle", "OrderItems needs OrderItems"],
    ),
    "cycle-of-extensions": (
        *orders(
            extend_resources=[
                {**ITEMS, "path_variable_name": "Others.Id"},
                {**ITEMS, "new_field_name": "Others", "path_variable_name": "OrderItems.Id"},
            ]
        ),
        ["extend_resources", "Others"],
    ),
    "two-extensions-of-one-name": (
        *orders(extend_resources=[ITEMS, ITEMS]),
        ["extend_resources.1", "OrderItems"],
    ),
    "unknown-parameter": (
        *orders(params={**ORDERS["params"], "LastUpdateAfter": "2022-02-22"}),  # type: ignore[dict-item] - a mapping
        ["params.LastUpdateAfter", "LastUpdatedAfter"],
    ),
    "parameter-in-the-wrong-case": (
        *orders(params={"marketplaceIds": "ATVPDKIKX0DER"}),
        ["params.marketplaceIds", "MarketplaceIds"],
    ),
    "required-parameter-missing": (*orders(params={}), ["MarketplaceIds"]),
    "updated-at-param-unknown": (
        *orders(updated_at_param="UpdatedAfter"),
        ["updated_at_param", "UpdatedAfter", "LastUpdatedAfter"],
    ),
    "updated-before-param-unknown": (
        *orders(updated_before_param="UpdatedBefore"),
        ["updated_before_param", "LastUpdatedBefore"],
    ),
    "results-key-that-is-not-there": (
        *orders(results_key="orders"),
        ["results_key", "orders", "Orders"],
    ),
    "path-that-is-a-url": (
        *orders(path="https://sellingpartnerapi-na.amazon.com/orders/v0/orders"),
        ["path"],
    ),
    "path-without-slash": (*orders(path="orders/v0/orders"), ["path", "/"]),
    "path-with-a-query": (*orders(path="/orders/v0/orders?a=b"), ["path", "params"]),
    "post-without-body": (
        *orders(path="/batches/products/pricing/v0/itemOffers", method="POST", params=None),
        ["body"],
    ),
    "get-with-body": (*orders(body={"a": 1}), ["body", "POST"]),
    "unknown-method": (*orders(method="PUT"), ["method", "POST"]),
    "post-that-writes": (
        *orders(path="/feeds/2021-06-30/feeds", method="POST", body={"feedType": "X"}),
        ["createFeed"],
    ),
    "retired-api-version": (
        *orders(path="/reports/2020-09-04/reports", params={}, updated_at_param=None),
        ["2020-09-04", "2024-06-27", "2021-06-30"],
    ),
    "marketplace-of-another-region": (
        *orders(endpoint="https://sellingpartnerapi-eu.amazon.com", marketplaces=["ATVPDKIKX0DER"]),
        ["ATVPDKIKX0DER", "sellingpartnerapi-na"],
    ),
    "report-for-a-marketplace-of-another-region": (
        *report(
            endpoint="https://sellingpartnerapi-eu.amazon.com",
            report_spec={**REPORT["report_spec"], "marketplaceIds": ["ATVPDKIKX0DER"]},  # type: ignore[dict-item] - a mapping
        ),
        ["report_spec.marketplaceIds", "ATVPDKIKX0DER", "sellingpartnerapi-na"],
    ),
    "endpoint-with-a-path": (
        *orders(endpoint="https://sellingpartnerapi-na.amazon.com/orders"),
        ["endpoint", "write https://sellingpartnerapi-na.amazon.com alone"],
    ),
    # credentials
    "empty-credentials": (*orders(credentials=""), ["credentials", "empty"]),
    "credentials-that-are-null": (
        AmazonSPApi,
        {**ORDERS, "credentials": None},
        ["credentials", "empty", "client_id"],
    ),
    "credentials-without-anything": (*orders(credentials={}), ["credentials", "empty"]),
    "credentials-without-secret": (
        *orders(credentials={"client_id": "x", "refresh_token": "{{ env.ASP_TOKEN }}"}),
        ["credentials.client_secret"],
    ),
    # time
    "unknown-partitions": (*orders(partitions="yearly"), ["partitions.every", "monthly"]),
    "unknown-time-zone": (
        *orders(partitions={"every": "daily", "timezone": "Europe/Munich"}),
        ["Europe/Munich", "partitions"],
    ),
    "start-that-is-no-date": (
        *orders(partitions={"every": "daily", "start": "2026-13-01"}),
        ["partitions.start"],
    ),
    "first-run-at-no-time": (
        *orders(params={"LastUpdatedAfter": "last week", "MarketplaceIds": "ATVPDKIKX0DER"}),
        ["params.LastUpdatedAfter", "'last week' is no time"],
    ),
    "lookback-that-is-no-time": (*orders(lookback="a while"), ["lookback", "2 days"]),
    "lookback-without-a-date": (*orders(updated_at_param=None, lookback="2 days"), ["lookback"]),
    "window-without-partitions": (
        *report(report_spec=_DATES),
        ["report_spec.dataStartTime", "partitions"],
    ),
    # tables and files
    "incremental-without-an-id": (*orders(record_config=None), ["record_config.id_field"]),
    "table-that-is-no-name": (*orders(table="My Orders"), ["table", "My Orders"]),
    "table-beside-tables": (
        *orders(table="a", tables=[{"name": "b", "columns": {"c": {"path": "d"}}}]),
        ["table", "tables"],
    ),
    "column-that-no-table-has": (
        *orders(
            columns={"buyer": "drop"},
            tables=[{"name": "b", "columns": {"c": {"path": "d"}}, "key": ["c"]}],
        ),
        ["columns.buyer", "no table has it", "known: c"],
    ),
    "column-of-raw-files": (*orders(columns={"buyer": "drop"}, table=False), ["columns: "]),
    "rows-of-raw-files": (*orders(rows="OrderItems", table=False), ["rows: "]),
    "column-that-is-the-key": (
        *orders(columns={"amazon_order_id": "drop"}),
        ["columns: ", "drops amazon_order_id, which is part of its key"],
    ),
    "key-that-is-no-column": (
        *orders(tables=[{"name": "b", "columns": {"c": {"path": "d"}}, "key": ["id"]}]),
        ["tables.b.key: no column 'id'", "known: c"],
    ),
    "declared-columns-without-a-key": (
        *orders(tables=[{"name": "b", "columns": {"c": {"path": "d"}}}]),
        ["tables.b.key: is missing"],
    ),
    "column-to-encrypt": (*orders(columns={"buyer": "encrypt"}), ["columns.buyer", "hash"]),
    "name-that-is-none": (*orders(name="my orders!"), ["name", "my orders!"]),
    "files-of-one-name": (*report_file(partitions="daily"), ["output", "{partition}"]),
    "file-outside": (*report_file(output="../listings.tsv"), ["output", ".."]),
    "unknown-placeholder": (*report_file(output="{day}.tsv"), ["output", "{day}"]),
    "schedule-that-is-none": (
        *orders(cron_schedule="every day"),
        ["cron_schedule: 'every day'", "30 6 * * *", "none"],
    ),
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
