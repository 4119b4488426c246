"""Declarations that ask for people without saying so, or would show them, and what is said.

Here belongs the table alone; what is done with it is said in `test_wrong_declarations`.
"""

from typing import Any

import pytest

from asp_dagster.components import (
    AmazonSPApi,
    AmazonSPListedReport,
    AmazonSPReport,
    AmazonSPReportFile,
)
from asp_dagster_tests.personal_data.feeds import DECLARED, TSV, V0, V2026

INCLUDED = {**V2026["params"], "includedData": "PROCEEDS, BUYER"}
ADDRESS = {
    "new_field_name": "Address",
    "path": "/orders/v0/orders/{}/address",
    "path_variable_name": "AmazonOrderId",
    "results_key": "",
}
TABLE = {"name": "old_orders", "key": ["id"], "columns": {"id": {"path": "AmazonOrderId"}}}
NAME = {"path": "ShippingAddress.Name"}


def _table(*, rows: str | None = None, preview: list[str] | None = None, **columns: Any) -> Any:
    table = {**TABLE, "columns": {**TABLE["columns"], **columns}, "preview": preview or ["id"]}
    if rows:
        lines = {**table["columns"], "id": {"path": "^.AmazonOrderId"}}
        return [TABLE, {**table, "name": "lines", "rows": rows, "columns": lines}]
    return [table]


WRONG = [
    pytest.param(
        AmazonSPApi,
        {**V2026, "params": INCLUDED},
        ["params.includedData: BUYER is personal data; say `pii: include`"],
        id="included data",
    ),
    pytest.param(
        AmazonSPApi,
        {**V2026, "params": {**INCLUDED, "includedData": ["TAX"]}},
        ["params.includedData: TAX is personal data"],
        id="taxes",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "extend_resources": [ADDRESS]},
        ["extend_resources.0.path: GET /orders/v0/orders/{}/address answers personal data"],
        id="extension",
    ),
    pytest.param(
        AmazonSPApi,
        {"feed": "vendor_direct_fulfillment_orders"},
        ["path: GET /vendor/directFulfillment", "say `pii: include`"],
        id="ready feed",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "params": {**V0["params"], "dataElements": "buyerInfo"}},
        ["params.dataElements: name personal data"],
        id="data elements",
    ),
    pytest.param(
        AmazonSPReport,
        TSV,
        ["GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING holds personal data"],
        id="report",
    ),
    pytest.param(
        AmazonSPReport,
        {"report": "END_USER_DATA_REPORT"},
        ["END_USER_DATA_REPORT holds personal data"],
        id="report without a token",
    ),
    pytest.param(
        AmazonSPReportFile,
        {"report": "GET_EASYSHIP_DOCUMENTS", "output": "labels.pdf"},
        ["GET_EASYSHIP_DOCUMENTS holds personal data"],
        id="file",
    ),
    pytest.param(
        AmazonSPListedReport,
        {
            "name": "taxes",
            "report_spec": {"reportType": "GET_ORDER_REPORT_DATA_TAX"},
            "file_format": "XML",
        },
        ["GET_ORDER_REPORT_DATA_TAX holds personal data"],
        id="listed report",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "tables": _table(name=NAME)},
        ["tables.old_orders.columns.name: is personal data"],
        id="column",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "tables": _table(town={"path": "ShippingAddress", "type": "json"})},
        ["tables.old_orders.columns.town: is personal data"],
        id="column around it",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "tables": _table(rows="Lines", phone={"path": "^.ShippingAddress.Phone"})},
        ["tables.lines.columns.phone: is personal data"],
        id="column from outside of a row",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "tables": _table(rows="Lines", note={"path": "BuyerInfo.GiftMessageText"})},
        ["tables.lines.columns.note: is personal data"],
        id="column of an extension",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "columns": {"shipping_address__name": "hash"}},
        ["columns.shipping_address__name: is personal data, which a hash is of too"],
        id="hash",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "personal_columns": "hash"},
        ["personal_columns: needs `pii: include`"],
        id="nothing to treat",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "pii": "include", "personal_columns": {"order_status": "hash"}},
        ["personal_columns.order_status: is no column of personal data"],
        id="not personal",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "pii": "include", "tables": _table(name=NAME, preview=["id", "name"])},
        ["tables.old_orders.preview: name is personal data, which is never shown"],
        id="preview",
    ),
    pytest.param(
        AmazonSPReport,
        {
            **TSV,
            "pii": "include",
            "tables": [{**DECLARED["tables"][0], "preview": ["buyer_email"]}],
        },
        ["tables.to_ship.preview: buyer_email is personal data"],
        id="preview of an undeclared column",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "pii": "include", "tables": [{**_table(name=NAME)[0], "key": ["name"]}]},
        ["tables.old_orders.key: name is personal data"],
        id="key",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "pii": "include", "record_config": {"id_field": "BuyerInfo.BuyerEmail"}},
        ["record_config: BuyerInfo.BuyerEmail is personal data"],
        id="id",
    ),
    pytest.param(
        AmazonSPApi,
        {
            **V0,
            "pii": "include",
            "extend_resources": [
                {**V0["extend_resources"][0], "path_variable_name": "BuyerInfo.BuyerEmail"}
            ],
        },
        ["extend_resources: BuyerInfo.BuyerEmail is personal data"],
        id="path variable",
    ),
    pytest.param(
        AmazonSPApi,
        {
            **V0,
            "pii": "include",
            "personal_columns": "hash",
            "tables": _table(name={**NAME, "type": "date"}),
        },
        ["tables.old_orders.columns.name: is to be hashed, so it needs `type: text`"],
        id="hashed date",
    ),
    pytest.param(
        AmazonSPApi,
        {
            **V0,
            "pii": "include",
            "personal_columns": "drop",
            "tables": _table(town={"path": "ShippingAddress", "type": "json"}),
        },
        ["tables.old_orders.columns.town: holds personal data among other"],
        id="mixed",
    ),
    pytest.param(
        AmazonSPApi,
        {**V0, "pii": "perhaps"},
        ["pii"],
        id="word",
    ),
]
