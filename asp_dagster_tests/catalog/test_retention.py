"""What retention knows of a feed follows from its declaration and Amazon's personal fields."""

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, RecordConfig
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.retention import FieldKinds, Retentions
from asp_dagster.catalog.tables import ColumnSpec, TableSpec

KNOWN = Retentions()
ORDERS = Feed(
    name="raw_orders",
    group="orders",
    raw_format="jsonl",
    source=EndpointSpec(
        path="/orders/v0/orders",
        updated_at_param="LastUpdatedAfter",
        record_config=RecordConfig(id_field="AmazonOrderId", last_modified_field="LastUpdateDate"),
        extend_resources=(
            ExtensionSpec(
                new_field_name="Items",
                path="/orders/v0/orders/{}/orderItems",
                extend_resources=(
                    ExtensionSpec(
                        new_field_name="Gifts", path="/orders/v0/orders/{}/orderItems/buyerInfo"
                    ),
                ),
            ),
        ),
    ),
)


def test_records_of_an_endpoint() -> None:
    """A record's fields, those of its extensions and of theirs are known, by where they stand."""
    kinds = FieldKinds(KNOWN.of_feed(ORDERS))

    assert {
        place: kinds.of(place)
        for place in (
            "BuyerInfo.BuyerEmail",
            "Items.BuyerInfo.GiftMessageText",
            "Items.Gifts.GiftMessageText",
            "LatestDeliveryDate",
            "Items.ScheduledDeliveryEndDate",
            "LastUpdateDate",
            "OrderTotal.Amount",
        )
    } == {
        "BuyerInfo.BuyerEmail": "personal",
        "Items.BuyerInfo.GiftMessageText": "personal",
        "Items.Gifts.GiftMessageText": "personal",
        "LatestDeliveryDate": "delivered",
        "Items.ScheduledDeliveryEndDate": "delivered",
        "LastUpdateDate": "modified",
        "OrderTotal.Amount": None,
    }


def test_place_means_the_same_again() -> None:
    """A place that is asked for once more means what it meant."""
    kinds = FieldKinds(KNOWN.of_feed(ORDERS))

    assert [kinds.of("BuyerInfo.BuyerEmail") for _ in range(2)] == ["personal"] * 2


def _report(report_type: str, *tables: TableSpec) -> Feed:
    source = ReportSpec(report_type=report_type)
    return Feed(name="raw_x", group="x", source=source, raw_format="tsv", tables=tables)


def test_rows_of_a_report() -> None:
    """A report's columns are known by their headers; its last change also by the table's own."""
    table = TableSpec(
        name="x",
        columns={"id": ColumnSpec(path="id"), "at": ColumnSpec(path=("changed-on", "^.at"))},
        key=("id",),
        newest_by="at",
    )
    known = KNOWN.of_feed(_report("GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING", table))
    kinds = FieldKinds(known)

    assert kinds.of("buyer-email") == "personal"
    assert kinds.of("promise-date") == "delivered"
    assert kinds.of("changed-on") == "modified"
    assert known.modified_at == ("last-updated-date", "last-update-date", "changed-on")
    assert (known.is_restricted, known.has_any) == (True, True)


def test_where_the_rows_of_a_document_are() -> None:
    """The rows are where the first table says, or where they are known to be."""
    known = KNOWN.of_feed(_report("GET_ORDER_REPORT_DATA_SHIPPING"))
    table = TableSpec(name="x", columns={}, rows="Message[].Order")

    assert known.rows == ("Message", "OrderReport")
    assert KNOWN.of_feed(_report("GET_ORDER_REPORT_DATA_SHIPPING", table)).rows == ("Message",)
    assert KNOWN.of_feed(_report("GET_X")).rows == ()


def test_feed_without_personal_data() -> None:
    """Where nothing is known to be personal, there is nothing to erase."""
    source = EndpointSpec(path="/fba/inventory/v1/summaries")

    feed = Feed(name="raw_stock", group="fba", source=source, raw_format="jsonl")

    assert not KNOWN.of_feed(feed).has_any


def test_parts_of_reports_beside_records() -> None:
    """The parts that the bulk road to orders lands hold a report's columns, if there are any."""
    assert KNOWN.of_parts(ORDERS).fields.is_personal("buyer-name")
    assert not KNOWN.of_parts(_report("GET_X")).has_any


def test_fingerprint_changes_with_what_is_known() -> None:
    """Other fields, or others that date a record, have another fingerprint."""
    assert KNOWN.of_feed(ORDERS).fingerprint == Retentions().of_feed(ORDERS).fingerprint
    assert KNOWN.of_feed(ORDERS).fingerprint != KNOWN.of_parts(ORDERS).fingerprint
