"""Writes `asp_dagster/catalog/operations.csv` from Amazon's published models.

    ASP_MODELS=<folder of the models> python scripts/write_operations.py

Here belongs what is read out of the models: an operation's query parameters, and the places in its
answer that can be taken for records. What is done with them is `catalog.operations`' work.

https://github.com/amzn/selling-partner-api-models
"""

import csv
import json
import os
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent.parent / "asp_dagster" / "catalog" / "operations.csv"
COLUMNS = ("model", "operation", "method", "path", "reads", "deprecated", "parameters", "answer")

READING_POSTS = frozenset(
    {
        "/awd/2024-05-09/inboundEligibility",
        "/aplus/2020-11-01/contentAsinValidations",
        "/batches/products/pricing/2022-05-01/items/competitiveSummary",
        "/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
        "/batches/products/pricing/v0/itemOffers",
        "/batches/products/pricing/v0/listingOffers",
        "/easyShip/2022-03-23/timeSlot",
        "/fba/outbound/2020-07-01/deliveryOffers",
        "/fba/outbound/2020-07-01/fulfillmentOrders/preview",
        "/fulfillment/outbound/2026-07-04/offers",
        "/fulfillment/outbound/2026-07-04/previews",
        "/mfn/v0/additionalSellerInputs",
        "/mfn/v0/eligibleShippingServices",
        "/products/fees/v0/feesEstimate",
        "/products/fees/v0/items/{Asin}/feesEstimate",
        "/products/fees/v0/listings/{SellerSKU}/feesEstimate",
        "/replenishment/2022-11-07/offers/metrics/search",
        "/replenishment/2022-11-07/offers/search",
        "/replenishment/2022-11-07/sellingPartners/metrics/search",
        "/service/v1/serviceResources/{resourceId}/capacity/fixed",
        "/service/v1/serviceResources/{resourceId}/capacity/range",
        "/shipping/v1/rates",
        "/shipping/v2/shipments/rates",
    }
)
"""The searches, previews and estimates among the POSTs: judged by reading Amazon's descriptions."""

_DEPTH = 3
"""Deeper places are not listed: nothing that Amazon lists stands there."""

_METHODS = ("get", "post", "put", "patch", "delete")

Json = Mapping[str, Any]


def table(models: Path) -> str:
    """Return the table as text: a row per operation, sorted by path.

    Raises:
        ValueError: When no model lies below the folder, or two describe one operation.
    """
    rows = sorted(_rows(models), key=lambda row: (row["path"], row["method"]))
    if not rows:
        raise ValueError(f"No model with operations lies below {models}; name their folder.")
    if len({(row["path"], row["method"]) for row in rows}) < len(rows):
        raise ValueError("Two models describe one operation; say in this script which one counts.")
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(models: Path) -> Iterator[dict[str, str]]:
    for file in sorted(models.rglob("*.json")):
        model = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(model, dict) and "swagger" in model:
            for path, methods in model["paths"].items():
                for method in methods.keys() & set(_METHODS):
                    yield _row(file.stem, model, path, method)


def _row(name: str, model: Json, path: str, method: str) -> dict[str, str]:
    methods = model["paths"][path]
    operation = methods[method]
    declared = [*methods.get("parameters", ()), *operation.get("parameters", ())]
    reads = method == "get" or (method == "post" and path in READING_POSTS)
    answer = operation["responses"].get("200", {}).get("schema", {}) if reads else {"type": "none"}
    return {
        "model": name,
        "operation": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "reads": "yes" if reads else "",
        "deprecated": "yes" if operation.get("deprecated") else "",
        "parameters": " ".join(map(_parameter, filter(_is_query, declared))),
        "answer": " ".join(dict.fromkeys(_places(model, answer, ()))),
    }


def _is_query(parameter: Json) -> bool:
    return bool(parameter["in"] == "query")


def _parameter(parameter: Json) -> str:
    """Write a parameter as `name:kind`, with how many it takes, and a `!` where it is required."""
    kind = {"string": "text", "array": "list-of-text"}.get(parameter["type"], parameter["type"])
    if parameter.get("format") == "boolean":
        kind = "boolean"
    if "items" in parameter or parameter.get("collectionFormat"):
        kind = "list-of-text"
    if "maxItems" in parameter:
        kind += f"[{parameter['maxItems']}]"
    return f"{parameter['name']}:{kind}{'!' if parameter.get('required') else ''}"


def _places(model: Json, schema: Json, way: tuple[str, ...]) -> Iterator[str]:
    """Yield the dotted places of objects and of lists of objects; `.*` where any key may follow."""
    schema = _resolved(model, schema)
    if schema.get("type") == "array":
        if way and _is_object(_resolved(model, schema.get("items", {}))):
            yield ".".join(way)
        return
    if not _is_object(schema):
        return
    if way:
        yield ".".join(way)
    if _is_open(schema) or len(way) == _DEPTH:
        yield ".".join((*way, "*"))
        return
    for name, inner in schema.get("properties", {}).items():
        yield from _places(model, inner, (*way, name))


def _is_object(schema: Json) -> bool:
    return "properties" in schema or schema.get("type", "object") == "object"


def _is_open(schema: Json) -> bool:
    return bool(schema.get("additionalProperties")) or not schema.get("properties")


def _resolved(model: Json, schema: Json) -> Json:
    """Follow references, and put together what `allOf` takes apart."""
    if "$ref" in schema:
        return _resolved(model, model["definitions"][schema["$ref"].rpartition("/")[2]])
    parts = [_resolved(model, part) for part in schema.get("allOf", ())]
    if not parts:
        return schema
    together = {name: each for part in parts for name, each in part.get("properties", {}).items()}
    return {**schema, "type": parts[0].get("type", "object"), "properties": together}


if __name__ == "__main__":
    TABLE.write_text(table(Path(os.environ["ASP_MODELS"])), encoding="utf-8")
    print(f"{TABLE} written")
