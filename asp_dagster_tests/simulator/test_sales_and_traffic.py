"""The sales-and-traffic report: counted from the same orders, at every granularity."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
SHOP = "ATVPDKIKX0DER"
DAY = date(2026, 11, 20)
REPORTS = "/reports/2021-06-30/reports"

Json = dict[str, Any]


@pytest.fixture
def ask(api: requests.Session) -> Callable[..., Json]:
    """Ask for the report of some days and return its document."""

    def read(first: date, last: date, **options: str) -> Json:
        body = {
            "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
            "marketplaceIds": [SHOP],
            "reportOptions": options,
            "dataStartTime": f"{first}T09:00:00Z",
            "dataEndTime": f"{last}T15:00:00Z",
        }
        report_id = api.post(REPORTS, json=body).json()["reportId"]
        document_id = api.get(f"{REPORTS}/{report_id}").json()["reportDocumentId"]
        document = api.get(f"/reports/2021-06-30/documents/{document_id}").json()
        content = requests.get(document["url"], timeout=20).content
        if "compressionAlgorithm" in document:
            content = gzip.decompress(content)
        found: Json = json.loads(content)
        return found

    return read


def _flat(entry: Json) -> Json:
    """Return the metrics of an entry under their names in snake_case."""
    flat: Json = {}
    for name, value in entry.items():
        if name.startswith(("salesBy", "trafficBy")):
            flat |= _flat(value)
        elif isinstance(value, dict):
            flat[_snake_case(name)] = Decimal(str(value["amount"])).quantize(Decimal("0.01"))
            flat["currency"] = value["currencyCode"]
        else:
            flat[_snake_case(name)] = value
    return flat


def _snake_case(name: str) -> str:
    name = name.replace("B2B", "_b2b")
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def test_request_is_repeated(ask: Callable[..., Json]) -> None:
    """The document repeats what was asked for, with dates for times."""
    document = ask(DAY, DAY, dateGranularity="DAY", asinGranularity="CHILD")

    assert document["reportSpecification"] == {
        "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
        "reportOptions": {"dateGranularity": "DAY", "asinGranularity": "CHILD"},
        "dataStartTime": "2026-11-20",
        "dataEndTime": "2026-11-20",
        "marketplaceIds": [SHOP],
    }


def test_day_by_date(ask: Callable[..., Json], partner: Partner) -> None:
    """A day's entry is the partner's row for it."""
    (entry,) = ask(DAY, DAY)["salesAndTrafficByDate"]
    (row,) = partner.sales_and_traffic_by_date(DAY, SHOP)

    assert _flat(entry) == row | {"date": "2026-11-20"}


def test_day_by_child_asin(ask: Callable[..., Json], partner: Partner) -> None:
    """A day's entries by ASIN are the partner's rows for it."""
    entries = ask(DAY, DAY, asinGranularity="CHILD")["salesAndTrafficByAsin"]

    assert [_flat(entry) for entry in entries] == partner.sales_and_traffic_by_asin(DAY, SHOP)


def test_last_day_is_included(ask: Callable[..., Json]) -> None:
    """Times of day are ignored: both dates count as whole days."""
    entries = ask(DAY, DAY + timedelta(days=1))["salesAndTrafficByDate"]

    assert [entry["date"] for entry in entries] == ["2026-11-20", "2026-11-21"]


@pytest.mark.parametrize(
    ("granularity", "dates"),
    [("WEEK", ["2026-11-15"]), ("MONTH", ["2026-11-01"])],
)
def test_longer_periods_are_widened(
    ask: Callable[..., Json], granularity: str, dates: list[str]
) -> None:
    """A week begins on Sunday, a month on the first, whatever day was asked for."""
    entries = ask(DAY, DAY, dateGranularity=granularity)["salesAndTrafficByDate"]

    assert [entry["date"] for entry in entries] == dates


def test_weeks_are_sums_of_days(ask: Callable[..., Json], partner: Partner) -> None:
    """What can be added up over a week's days is."""
    (week,) = ask(DAY, DAY, dateGranularity="WEEK")["salesAndTrafficByDate"]
    days = [date(2026, 11, 15) + timedelta(days=n) for n in range(7)]
    rows = [row for day in days for row in partner.sales_and_traffic_by_date(day, SHOP)]

    assert week["salesByDate"]["unitsOrdered"] == sum(row["units_ordered"] for row in rows)
    assert week["trafficByDate"]["sessions"] == sum(row["sessions"] for row in rows)


@pytest.mark.parametrize(
    ("granularity", "keys"),
    [
        ("PARENT", {"parentAsin"}),
        ("CHILD", {"parentAsin", "childAsin"}),
        ("SKU", {"parentAsin", "childAsin", "sku"}),
    ],
)
def test_asin_granularities(ask: Callable[..., Json], granularity: str, keys: set[str]) -> None:
    """Families, ASINs and SKUs are told apart as far as asked for, and add up to the same."""
    document = ask(DAY, DAY, asinGranularity=granularity)
    (day,), entries = document["salesAndTrafficByDate"], document["salesAndTrafficByAsin"]

    assert {key for entry in entries for key in entry} == keys | {"salesByAsin", "trafficByAsin"}
    assert len({tuple(entry[key] for key in keys) for entry in entries}) == len(entries)
    assert (
        sum(entry["salesByAsin"]["unitsOrdered"] for entry in entries)
        == day["salesByDate"]["unitsOrdered"]
    )


def test_defaults(ask: Callable[..., Json]) -> None:
    """Without options it is days and parents."""
    document = ask(DAY, DAY)

    assert document["salesAndTrafficByDate"][0]["date"] == "2026-11-20"
    assert "childAsin" not in document["salesAndTrafficByAsin"][0]


def test_sales_are_the_orders(partner: Partner) -> None:
    """Units ordered are those of the day's orders that were not cancelled."""
    ordered = sum(
        row["units_ordered"] for row in partner.order_rows() if row["created_at"].date() == DAY
    )
    (row,) = partner.sales_and_traffic_by_date(DAY, SHOP)

    assert row["units_ordered"] == ordered


def test_visits_cover_the_sales(partner: Partner) -> None:
    """Nobody buys without a visit, and shares of the whole come to a hundred."""
    rows = partner.sales_and_traffic_by_asin(DAY, SHOP)

    assert all(row["sessions"] >= row["total_order_items"] for row in rows)
    assert abs(sum(row["session_percentage"] for row in rows) - 100) < 1


def test_days_without_the_partner(partner: Partner) -> None:
    """Before the first order and after the last change there are no rows."""
    early, late = DAY - timedelta(days=100), DAY + timedelta(days=100)

    assert partner.sales_and_traffic_by_date(early, SHOP) == []
    assert partner.sales_and_traffic_by_asin(late, SHOP) == []


def test_partner_without_orders() -> None:
    """A partner without orders has no sales and no traffic."""
    empty = Partner.generate(seed=1, orders=0, until=UNTIL, days=1)

    assert empty.sales_and_traffic_by_date(DAY, SHOP) == []
