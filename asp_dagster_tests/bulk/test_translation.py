"""The lines of a report become records as the API would have sent them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.bulk.translation import translate
from asp_dagster.warehouse import RawFileError

LINE = {
    "amazon-order-id": "111-1",
    "merchant-order-id": "S-1",
    "purchase-date": "2026-10-30T10:00:00+00:00",
    "last-updated-date": "2026-11-01T10:00:00+00:00",
    "order-status": "Shipped",
    "fulfillment-channel": "Merchant",
    "sales-channel": "Amazon.com",
    "ship-service-level": "SecondDay",
    "product-name": '27" screen',
    "sku": "SKU-1",
    "asin": "B01",
    "quantity": "2",
    "currency": "USD",
    "item-price": "20.50",
    "item-tax": "1.5",
    "shipping-price": "",
    "shipping-tax": "",
    "gift-wrap-price": "",
    "gift-wrap-tax": "",
    "item-promotion-discount": "2",
    "ship-promotion-discount": "",
    "is-business-order": "true",
    "order-item-id": "0001",
}

Records = Callable[..., list[dict[str, Any]]]


def _part(folder: Path, lines: list[Mapping[str, str]], left_out: tuple[str, ...]) -> Path:
    part = folder / "2026-11-01.report.tsv"
    names = [name for name in LINE if name not in left_out]
    rows = [names, *([line[name] for name in names] for line in lines)]
    part.write_text("".join("\t".join(row) + "\r\n" for row in rows), "utf-8", newline="")
    return part


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """Translate lines that differ from an example, in the words of a version."""

    def run(
        *changes: Mapping[str, str], version: Any = "v2026", left_out: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        part = _part(tmp_path, [{**LINE, **each} for each in changes], left_out)
        translate(part, tmp_path / "records.jsonl", version)
        text = (tmp_path / "records.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    return run


def test_record_of_v2026(records: Records) -> None:
    """An order speaks as v2026-01-01 does."""
    (order,) = records({})

    assert order["orderId"] == "111-1"
    assert order["orderAliases"] == [{"aliasType": "SELLER_ORDER_ID", "aliasId": "S-1"}]
    assert order["programs"] == ["AMAZON_BUSINESS"]
    assert order["salesChannel"] == {
        "marketplaceId": "ATVPDKIKX0DER",
        "marketplaceName": "Amazon.com",
    }
    assert order["fulfillment"] == {
        "fulfillmentStatus": "SHIPPED",
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "SECOND_DAY",
    }
    (item,) = order["orderItems"]
    assert item["product"]["title"] == '27" screen'
    amounts = {each["type"]: each["subtotal"]["amount"] for each in item["proceeds"]["breakdowns"]}
    assert amounts == {
        "ITEM": "20.5000",
        "SHIPPING": None,
        "GIFT_WRAP": None,
        "DISCOUNT": "2.0000",
        "TAX": None,
    }


def test_record_of_v0(records: Records) -> None:
    """An order speaks as v0 does."""
    (order,) = records({"order-status": "Cancelled"}, version="v0")

    assert (order["OrderStatus"], order["FulfillmentChannel"]) == ("Canceled", "MFN")
    assert order["ShipmentServiceLevelCategory"] == "SecondDay"
    assert order["OrderItems"][0]["ItemPrice"] == {"Amount": "20.5000", "CurrencyCode": "USD"}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pending", "PENDING"),
        ("Shipping", "PARTIALLY_SHIPPED"),
        ("Shipped - Delivered to Buyer", "SHIPPED"),
        ("Cancelled", "CANCELLED"),
        ("Something new", "Something new"),
    ],
)
def test_status_in_the_words_of_the_api(records: Records, word: str, status: str) -> None:
    """A status is told in the API's words; one that is not known stays."""
    (order,) = records({"order-status": word})

    assert order["fulfillment"]["fulfillmentStatus"] == status


def test_parcels_are_one_item(records: Records) -> None:
    """Lines of one item are added up, wherever they stand."""
    (order, other) = records({}, {"amazon-order-id": "111-2"}, {"quantity": "1", "item-price": "9"})

    (item,) = order["orderItems"]
    assert (item["orderItemId"], item["quantityOrdered"]) == ("0001", 3)
    assert item["proceeds"]["breakdowns"][0]["subtotal"]["amount"] == "29.5000"
    assert other["orderId"] == "111-2"


def test_lines_without_item_ids_are_items_of_their_own(records: Records) -> None:
    """Where the report has no ids, or has none on a line, equal lines are not taken for one."""
    (old,) = records({}, {}, left_out=("order-item-id",))
    (mixed,) = records({}, {"order-item-id": ""})

    assert [item["orderItemId"] for item in old["orderItems"]] == ["line-1", "line-2"]
    assert [item["orderItemId"] for item in mixed["orderItems"]] == ["0001", "line-2"]


def test_latest_line_tells_of_the_order(records: Records) -> None:
    """Of lines that disagree about their order the last updated counts."""
    later = {"last-updated-date": "2026-11-01T09:00:00-02:00", "order-status": "Unshipped"}
    (order,) = records({}, {**later, "order-item-id": "0002"}, {"order-item-id": "0003"})

    assert order["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert order["lastUpdatedTime"] == later["last-updated-date"]


def test_channel_that_is_no_marketplace(records: Records) -> None:
    """An order from elsewhere has no marketplace of Amazon's."""
    (order,) = records({"sales-channel": "Non-Amazon US", "is-business-order": ""})

    assert order["salesChannel"] == {"marketplaceId": None, "marketplaceName": "Non-Amazon US"}
    assert order["programs"] is None


def test_report_without_lines(records: Records) -> None:
    """A header alone is no order."""
    assert records() == []


def test_lacking_headers_are_told(tmp_path: Path) -> None:
    """What a report lacks is told, so that nothing is taken for known."""
    part = _part(tmp_path, [LINE], ("is-business-order",))

    assert translate(part, tmp_path / "records.jsonl", "v2026") == {"is-business-order"}


@pytest.mark.parametrize(
    ("change", "left_out", "words"),
    [
        ({}, ("quantity",), "has no column quantity"),
        ({"quantity": "many"}, (), "row 1: quantity holds what is no number"),
        ({"item-price": "1,50 secret"}, (), "row 1: item-price holds what is no number"),
    ],
    ids=["column", "quantity", "amount"],
)
def test_part_that_cannot_be_read(
    tmp_path: Path, change: Mapping[str, str], left_out: tuple[str, ...], words: str
) -> None:
    """What is no such report is refused; its values are not quoted."""
    part = _part(tmp_path, [{**LINE, **change}], left_out)

    with pytest.raises(RawFileError, match=words) as refused:
        translate(part, tmp_path / "records.jsonl", "v2026")
    assert "secret" not in str(refused.value)
