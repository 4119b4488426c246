"""The lines of an all-orders report as records of the Orders API, one order to a line of JSON.

Lines of one order become one record, lines of one item one item, their units and amounts added up:
an item that left in several parcels has a line for each. A line without `order-item-id`, which the
reports have only since May 2026, is an item of its own, called `line-1`, `line-2`… within its
order; the API's items take its place.

What the report does not know is not in the records; which that is, is said in `bulk_orders`.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from asp_dagster.bulk.words import (
    CHANNELS,
    MARKETPLACE_IDS,
    SERVICE_LEVELS,
    SHIPPED_SOMEHOW,
    STATUSES,
)
from asp_dagster.catalog.bulk_orders import Version
from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.warehouse import RawFileError
from asp_dagster.warehouse.reading.delimited import DelimitedFile
from asp_dagster.warehouse.sql import literal

_AMOUNTS = (
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
)
_NUMBERS: Mapping[str, str] = {
    "quantity": "BIGINT",
    **dict.fromkeys(_AMOUNTS, "DECIMAL(18, 4)"),
}
_OF_ITEM = ("asin", "sku", "product-name", "currency")
_OF_ORDER = (
    "merchant-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "ship-service-level",
    "is-business-order",
    "currency",
)
_NEEDED = ("amazon-order-id", "last-updated-date", "purchase-date", "order-status", "quantity")
_HEADERS = tuple(
    dict.fromkeys(("amazon-order-id", "order-item-id", *_OF_ORDER, *_OF_ITEM, *_NUMBERS))
)

# Of an order's lines the last updated says what is true of the order.
_ITEMS = f"""
SELECT "amazon-order-id" AS order_id, item_id, min(_number) AS place,
    {", ".join(f'arg_min("{name}", _number) AS "{name}"' for name in _OF_ITEM)},
    {", ".join(f'sum(CAST("{name}" AS {type_})) AS "{name}"' for name, type_ in _NUMBERS.items())}
FROM (
    SELECT *, coalesce("order-item-id", 'line-' || row_number() OVER (
        PARTITION BY "amazon-order-id" ORDER BY _number)) AS item_id
    FROM lines
)
GROUP BY "amazon-order-id", item_id
"""  # noqa: S608 - nothing of this comes from outside
_ORDERS = f"""
SELECT "amazon-order-id" AS order_id, min(_number) AS place,
    {
    ", ".join(
        f'arg_max("{name}", TRY_CAST("last-updated-date" AS TIMESTAMPTZ)) AS "{name}"'
        for name in _OF_ORDER
    )
}
FROM lines
GROUP BY "amazon-order-id"
"""  # noqa: S608 - as above
_DISCOUNT = """CASE WHEN coalesce("item-promotion-discount", "ship-promotion-discount") IS NOT NULL
THEN coalesce("item-promotion-discount", 0) + coalesce("ship-promotion-discount", 0) END"""


def translate(
    part: Path, target: Path, version: Version, encoding_errors: EncodingErrors = "fail"
) -> frozenset[str]:
    """Write a part of a report as records of the API.

    Args:
        part: The part, as it landed.
        target: The file of JSON Lines to write.
        version: The version of the API.
        encoding_errors: What becomes of bytes that are no characters.

    Returns:
        The headers that the report lacks.

    Raises:
        RawFileError: The part is no delimited text, lacks a column that every such report has, or
            has a number that is none.
    """
    file = DelimitedFile.inspect(part, "tsv", encoding_errors)
    lacking = frozenset(_HEADERS) - set(file.headers)
    if missing := [name for name in _NEEDED if name in lacking]:
        raise RawFileError(
            f"{part.name} has no column {', '.join(missing)}: it is no all-orders report; land the"
            " partition again with the tag asp_dagster/road: api."
        )
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("lines", _lines(file))
        _check_numbers(connection, part)
        query = _RECORDS[version]
        connection.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT json)")
    return lacking


def _lines(file: DelimitedFile) -> pa.Table:
    """Return the lines of a part, all columns there, those that the report lacks without values."""
    found = {name: file.headers.index(name) for name in _HEADERS if name in file.headers}
    tables = list(file.tables(sorted(found.values())))
    file.check_count(sum(map(len, tables)))
    if not tables:
        nothing = pa.array([], pa.string())
        return pa.table({"_number": pa.array([], pa.int64()), **dict.fromkeys(_HEADERS, nothing)})
    lines = pa.concat_tables(tables)
    nothing = pa.nulls(len(lines), pa.string())
    columns = {name: lines[f"c{found[name]}"] if name in found else nothing for name in _HEADERS}
    return pa.table({"_number": lines["_number"], **columns})


def _check_numbers(connection: duckdb.DuckDBPyConnection, part: Path) -> None:
    """Refuse a number that is none, without quoting it.

    Raises:
        RawFileError: There is one.
    """
    firsts = ", ".join(
        f'min(_number) FILTER ("{name}" IS NOT NULL AND TRY_CAST("{name}" AS {type_}) IS NULL)'
        for name, type_ in _NUMBERS.items()
    )
    (found,) = connection.sql(f"SELECT {firsts} FROM lines").fetchall()  # noqa: S608 - as above
    for name, first in zip(_NUMBERS, found, strict=True):
        if first is not None:
            raise RawFileError(
                f"{part.name}, row {first}: {name} holds what is no number; land the partition"
                " again, if need be with the tag asp_dagster/road: api."
            )


def _in_words(value: str, words: Mapping[str, str]) -> str:
    """Return the expression of a value in other words."""
    if not words:
        return value
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(ours)}" for word, ours in words.items())
    return f"CASE {value} {cases} ELSE {value} END"


def _status(version: Version) -> str:
    """Return the expression of an order's status."""
    shipped = STATUSES[version].get("Shipped", "Shipped")
    plain = _in_words('"order-status"', STATUSES[version])
    is_shipped = f'starts_with("order-status", {literal(SHIPPED_SOMEHOW)})'
    return f"CASE WHEN {is_shipped} THEN {literal(shipped)} ELSE {plain} END"


def _marketplace() -> str:
    """Return the expression of the marketplace's id, NULL for a channel that is none."""
    cases = " ".join(
        f"WHEN {literal(name)} THEN {literal(id_)}" for name, id_ in MARKETPLACE_IDS.items()
    )
    return f'CASE "sales-channel" {cases} END'


def _money(amount: str, key: str, currency_key: str) -> str:
    """Return the expression of an amount with its currency."""
    return f"""{{'{key}': CAST({amount} AS VARCHAR), '{currency_key}': currency}}"""


def _breakdown(kind: str, amount: str, *details: str) -> str:
    """Return the expression of a part of an item's proceeds."""
    subtotal = _money(amount, "amount", "currencyCode")
    detailed = f"[{', '.join(details)}]" if details else "NULL"
    return f"{{'type': '{kind}', 'subtotal': {subtotal}, 'detailedBreakdowns': {detailed}}}"


def _tax(kind: str, amount: str) -> str:
    """Return the expression of a part of an item's tax."""
    return f"""{{'subtype': '{kind}', 'value': {_money(amount, "amount", "currencyCode")}}}"""


def _v2026_item() -> str:
    """Return the expression of an item as v2026-01-01 tells it."""
    breakdowns = [
        _breakdown("ITEM", '"item-price"'),
        _breakdown("SHIPPING", '"shipping-price"'),
        _breakdown("GIFT_WRAP", '"gift-wrap-price"'),
        _breakdown("DISCOUNT", _DISCOUNT),
        _breakdown(
            "TAX",
            "NULL",
            _tax("ITEM", '"item-tax"'),
            _tax("SHIPPING", '"shipping-tax"'),
            _tax("GIFT_WRAP", '"gift-wrap-tax"'),
        ),
    ]
    return f"""{{
        'orderItemId': item_id,
        'product': {{'asin': asin, 'sellerSku': sku, 'title': "product-name"}},
        'quantityOrdered': quantity,
        'proceeds': {{
            'proceedsTotal': {{'currencyCode': currency}},
            'breakdowns': [{", ".join(breakdowns)}]
        }}
    }}"""


def _v0_item() -> str:
    """Return the expression of an item as v0 tells it."""
    amounts = {
        "ItemPrice": '"item-price"',
        "ItemTax": '"item-tax"',
        "ShippingPrice": '"shipping-price"',
        "ShippingTax": '"shipping-tax"',
        "PromotionDiscount": _DISCOUNT,
    }
    money = ", ".join(
        f"'{name}': {_money(amount, 'Amount', 'CurrencyCode')}" for name, amount in amounts.items()
    )
    return f"""{{
        'OrderItemId': item_id, 'ASIN': asin, 'SellerSKU': sku, 'Title': "product-name",
        'QuantityOrdered': quantity, {money}
    }}"""


def _v2026_order() -> Mapping[str, str]:
    """Return the expressions of an order's fields as v2026-01-01 tells them."""
    channel = _in_words('"fulfillment-channel"', CHANNELS["v2026"])
    speed = _in_words('"ship-service-level"', SERVICE_LEVELS["v2026"])
    is_business = """lower("is-business-order") = 'true'"""
    return {
        "orderId": "order_id",
        "orderAliases": """[{'aliasType': 'SELLER_ORDER_ID', 'aliasId': "merchant-order-id"}]""",
        "createdTime": '"purchase-date"',
        "lastUpdatedTime": '"last-updated-date"',
        "programs": f"CASE WHEN {is_business} THEN ['AMAZON_BUSINESS'] END",
        "salesChannel": (
            f"""{{'marketplaceId': {_marketplace()}, 'marketplaceName': "sales-channel"}}"""
        ),
        "fulfillment": (
            f"{{'fulfillmentStatus': {_status('v2026')}, 'fulfilledBy': {channel},"
            f" 'fulfillmentServiceLevel': {speed}}}"
        ),
        "proceeds": "{'grandTotal': {'currencyCode': currency}}",
        "orderItems": "items",
    }


def _v0_order() -> Mapping[str, str]:
    """Return the expressions of an order's fields as v0 tells them."""
    return {
        "AmazonOrderId": "order_id",
        "SellerOrderId": '"merchant-order-id"',
        "PurchaseDate": '"purchase-date"',
        "LastUpdateDate": '"last-updated-date"',
        "OrderStatus": _status("v0"),
        "FulfillmentChannel": _in_words('"fulfillment-channel"', CHANNELS["v0"]),
        "SalesChannel": '"sales-channel"',
        "MarketplaceId": _marketplace(),
        "ShipmentServiceLevelCategory": '"ship-service-level"',
        "IsBusinessOrder": '"is-business-order"',
        "OrderTotal": "{'CurrencyCode': currency}",
        "OrderItems": "items",
    }


def _records(order: Mapping[str, str], item: str) -> str:
    """Return the query of the records."""
    fields = ", ".join(f'{value} AS "{name}"' for name, value in order.items())
    return f"""
        WITH items AS ({_ITEMS}), orders AS ({_ORDERS}),
        lists AS (
            SELECT order_id, list({item} ORDER BY place) AS items FROM items GROUP BY order_id
        )
        SELECT {fields} FROM orders JOIN lists USING (order_id) ORDER BY place
    """  # noqa: S608 - as above


_RECORDS: Mapping[Version, str] = {
    "v2026": _records(_v2026_order(), _v2026_item()),
    "v0": _records(_v0_order(), _v0_item()),
}
