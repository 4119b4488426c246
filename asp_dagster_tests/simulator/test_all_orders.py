"""The all-orders report: a line per item, tabs, no quotes."""

import gzip
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import requests

from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
SHOP = ["ATVPDKIKX0DER"]
REPORTS = "/reports/2021-06-30/reports"


def _partner() -> Partner:
    return Partner.generate(seed=2, orders=1500, until=UNTIL, days=2)


def _document(api: requests.Session, start: str, end: str) -> bytes:
    body = {
        "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
        "marketplaceIds": SHOP,
        "dataStartTime": start,
        "dataEndTime": end,
    }
    report_id = api.post(REPORTS, json=body).json()["reportId"]
    document_id = api.get(f"{REPORTS}/{report_id}").json()["reportDocumentId"]
    document = api.get(f"/reports/2021-06-30/documents/{document_id}").json()
    content = requests.get(document["url"], timeout=20).content
    return gzip.decompress(content) if "compressionAlgorithm" in document else content


def test_document_holds_the_lines(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """The document, split at tabs alone, is the partner's lines under their header."""
    partner = _partner()
    api = connect(start(partner))
    text = _document(api, "2026-11-20T00:00:00Z", "2026-11-20T23:59:59.999Z").decode()

    header, *rows = [line.split("\t") for line in text.removesuffix("\r\n").split("\r\n")]
    lines = [dict(zip(header, row, strict=True)) for row in rows]
    day = datetime(2026, 11, 20, tzinfo=UTC)
    assert lines == partner.all_orders_lines(day, day + timedelta(days=1), SHOP)
    assert any('"' in line["product-name"] for line in lines)


def test_upper_bound_is_inclusive(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """Amazon's end of the data takes in that very millisecond."""
    api = connect(start(_partner()))
    midnight = "2026-11-21T00:00:00Z"
    text = _document(api, midnight, midnight).decode()

    assert text.count("2026-11-21T00:00:00+00:00") > 1


def test_days_add_up() -> None:
    """The lines of each day are together the lines of all days."""
    partner = _partner()
    days = [UNTIL - timedelta(days=2), UNTIL - timedelta(days=1)]
    apart = [
        line
        for day in days
        for line in partner.all_orders_lines(day, day + timedelta(days=1), SHOP)
    ]

    assert apart == partner.all_orders_lines(days[0], UNTIL, SHOP)


def test_lines_carry_the_orders_money() -> None:
    """Quantities and amounts of the lines come to what the items say."""
    partner = _partner()
    lines = partner.all_orders_lines(UNTIL - timedelta(days=2), UNTIL, SHOP)
    items = partner.order_item_rows()

    for column, name in (("item-price", "item_price"), ("item-tax", "item_tax")):
        assert sum(Decimal(line[column] or 0) for line in lines) == sum(
            row[name] or 0 for row in items
        )
    assert sum(int(line["quantity"]) for line in lines) == sum(
        row["quantity_ordered"] for row in items
    )


def test_equal_lines_occur() -> None:
    """An item that leaves in two equal parcels makes two equal lines."""
    lines = _partner().all_orders_lines(UNTIL - timedelta(days=2), UNTIL, SHOP)
    counts = Counter(tuple(line.items()) for line in lines)

    assert max(counts.values()) == 2


def test_only_the_marketplaces_asked_for() -> None:
    """Orders of other marketplaces are left out."""
    lines = _partner().all_orders_lines(UNTIL - timedelta(days=2), UNTIL, ["A2EUQ1WTGCTBG2"])

    assert lines == []
