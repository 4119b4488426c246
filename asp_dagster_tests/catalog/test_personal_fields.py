"""Where personal data stands is found by operation, by report, and by where records are taken."""

import pytest

from asp_dagster.catalog.personal_fields import PersonalFields, RecordFields
from asp_dagster.catalog.report_types import ReportTypes

KNOWN = PersonalFields.load()


def test_places_are_seen_from_the_records() -> None:
    """An operation's places begin in the record, wherever the declaration takes that from."""
    named = KNOWN.of_operation("GET", "/orders/v0/orders", "Orders")
    dotted = KNOWN.of_operation("GET", "/orders/v0/orders", "payload.Orders")

    assert named == dotted
    assert "BuyerInfo.BuyerEmail" in named.personal


def test_places_of_a_whole_answer_begin_in_the_answer() -> None:
    """Without a results key the answer is the record, and holds the personal places deeper."""
    whole = KNOWN.of_operation("GET", "/orders/v0/orders")

    assert "Orders.BuyerInfo.BuyerEmail" in whole.personal


def test_other_parts_of_an_answer_hold_nothing_personal() -> None:
    """Records from another part of the answer have none of its personal places."""
    assert KNOWN.of_operation("GET", "/orders/v0/orders", "Errors") == RecordFields()


def test_declared_path_finds_its_operation() -> None:
    """A path with a placeholder of a declaration is that of the operation."""
    items = KNOWN.of_operation("GET", "/orders/v0/orders/{}/orderItems", "OrderItems")

    assert items.personal == ("BuyerInfo.BuyerCustomizedInfo", "BuyerInfo.GiftMessageText")


def test_operation_without_customers_has_no_personal_fields() -> None:
    """Of an operation that is not in the table nothing is personal."""
    assert KNOWN.of_operation("GET", "/fba/inventory/v1/summaries") == RecordFields()


@pytest.mark.parametrize(
    ("place", "is_personal"),
    [
        ("BuyerInfo.BuyerEmail", True),
        ("BuyerInfo.BuyerTaxInfo.TaxClassifications[0].Value", True),
        ("BuyerInfo", False),
        ("ShippingAddress.City", False),
        ("Deep.BuyerInfo.BuyerEmail", False),
    ],
)
def test_personal_place_covers_what_is_below(place: str, *, is_personal: bool) -> None:
    """A place of a record is personal if it is listed, or stands below one that is."""
    orders = KNOWN.of_operation("GET", "/orders/v0/orders", "Orders")

    assert orders.is_personal(place) is is_personal


def test_object_tells_the_personal_places_in_it() -> None:
    """An object that is not personal as a whole names what is in it."""
    address = KNOWN.of_operation("GET", "/mfn/v0/shipments/{}").personal_within("ShipToAddress")

    assert "ShipToAddress.Phone" in address
    assert "Label" not in address


def test_extension_is_personal_below_its_field() -> None:
    """What is joined to a record is found below the field that it is joined as."""
    items = KNOWN.of_operation("GET", "/orders/v0/orders/{}/orderItems", "OrderItems")
    orders = KNOWN.of_operation("GET", "/orders/v0/orders", "Orders")

    both = orders + items.below("lines")

    assert both.is_personal("lines[].BuyerInfo.GiftMessageText")
    assert both.is_personal("ShippingAddress.Phone")
    assert both.delivered_at[:1] == ("LatestDeliveryDate",)


@pytest.mark.parametrize(
    "header",
    [
        "buyer-email",
        "Buyer Name",
        "SHIP_TO_POSTAL_CODE",
        "BillingData.BuyerEmailAddress",
        "FulfillmentData.Address.Name",
        "BillingData.Address.City",
    ],
)
def test_header_is_personal_in_whatever_manner_it_is_written(header: str) -> None:
    """Reports write one name with hyphens, blanks, capital letters or as nested elements."""
    assert KNOWN.of_report("GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING").is_personal(header)


@pytest.mark.parametrize("header", ["ship-city", "ship-from-postal-code", "Item.Name", "sku"])
def test_header_that_tells_of_no_customer_stays(header: str) -> None:
    """The name of a product, the town and the seller's own address are not personal."""
    assert not KNOWN.of_report("GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING").is_personal(header)


def test_header_of_one_report_type_is_personal_there_only() -> None:
    """A name that is common elsewhere is personal in the report type that it is listed for."""
    assert KNOWN.of_report("END_USER_DATA_REPORT").is_personal("fullName")
    assert not KNOWN.of_report("GET_MERCHANT_LISTINGS_DATA").is_personal("fullName")


def test_element_tells_the_personal_ones_in_it() -> None:
    """An element of a report holds those whose names say that they lie in it."""
    taxes = KNOWN.of_report("GET_ORDER_REPORT_DATA_TAX")

    assert taxes.personal_within("Message.OrderReport.BillingData") == ("BillingData.Address",)
    assert taxes.personal_within("Item") == ()


def test_rows_see_the_places_in_them() -> None:
    """Of the rows in a list of a record, what stands in them is personal, and no more."""
    orders = KNOWN.of_operation("GET", "/orders/2026-01-01/orders", "orders")

    items = orders.seen_from("orderItems")

    assert items.is_personal("product.customization.customizedUrl")
    assert not items.is_personal("buyer.buyerName")
    assert orders.seen_from("") is orders


def test_rows_within_personal_data_are_personal_altogether() -> None:
    """Of the rows in a list that is personal itself, every field is."""
    shipments = KNOWN.of_operation("GET", "/externalFulfillment/2024-09-11/shipments", "shipments")

    parties = shipments.seen_from("partyInfoList")

    assert parties.is_personal("anything")
    assert parties.below("party").is_personal("party.anything")
    assert not parties.below("party").is_personal("other")


def test_report_tells_when_its_rows_were_delivered() -> None:
    """The columns that date a delivery are known for every report that has them."""
    shipments = KNOWN.of_report("GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING")

    assert "estimated-arrival-date" in shipments.delivered_at


def test_listed_report_types_exist() -> None:
    """A report type that has personal names of its own is one of Amazon's."""
    types = {each.name for each in ReportTypes.load().all}

    own = {row["report_types"] for row in KNOWN._headers} - {"*"}

    assert own
    assert own <= types
