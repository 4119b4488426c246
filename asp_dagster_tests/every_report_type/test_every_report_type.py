"""Every type of Amazon's list is declared by its name, asked for or found, landed and loaded.

What is true of a type's rows is known from the simulator, what the type is from the catalogue.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.simulator import Simulator, sample_rows

CURRENT = [known for known in ReportTypes.load().all if known.status == "current"]
FILES = [known.name for known in CURRENT if set(known.formats) <= {"PDF", "ZIP"}]
TABLES = [known.name for known in CURRENT if known.name not in FILES]

Landed = Any
Rows = Sequence[Mapping[str, Any]]


def _truth(each: Any, landed: Landed) -> Rows:
    """Return the rows that a type's table must have."""
    day = landed.days[each.name]
    if each.known.name in OWN_TRUTHS:
        return OWN_TRUTHS[each.known.name](landed.sellers[each.country], day, each.shop)
    lists = sample_rows(each.known.name, [each.shop], day)
    return lists[each.rows] if each.rows in lists else next(iter(lists.values()))


def _all_orders(seller: Simulator, day: date, shop: str) -> Rows:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return seller.partner.all_orders_lines(start, start + timedelta(days=1), [shop])


def _sales_and_traffic(seller: Simulator, day: date, shop: str) -> Rows:
    rows = seller.partner.sales_and_traffic_by_asin(day, shop)
    return [{"parent_asin": asin} for asin in {row["parent_asin"] for row in rows}]


def _settlements(seller: Simulator, _: date, shop: str) -> Rows:
    made = seller.settlements.made(seller.clock.now()).values()
    own = [each for each in made if each.marketplace.marketplace_id == shop]
    lines = [{"amount-description": line.description} for each in own for line in each.lines]
    return [*({"currency": each.marketplace.currency} for each in own), *lines]


OWN_TRUTHS: Mapping[str, Callable[[Simulator, date, str], Rows]] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _all_orders,
    "GET_SALES_AND_TRAFFIC_REPORT": _sales_and_traffic,
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": _settlements,
}
"""The types that follow from the simulated partner's sales."""


def _texts(value: Any) -> Iterator[str]:
    """Yield what is text to every reader, at any depth: no number, no date, no boolean."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and not value[:1].isdigit() and value not in {"", "true", "false"}:
        yield value


def test_nothing_fails(landed: Landed) -> None:
    """All types run, and none of them fails."""
    assert landed.failures == {}


@pytest.mark.parametrize("name", TABLES)
def test_type_becomes_a_table(landed: Landed, name: str) -> None:
    """As many rows land and are loaded as the report has, with each text as it was."""
    each = landed.declared[name]
    truth = _truth(each, landed)

    assert landed.metadata[f"raw_{each.name}"]["rows"] == len(truth)
    assert len(landed.rows(each.name)) == len(truth) > 0
    assert set(_texts(list(truth))) <= set(_texts(landed.values(each.name)))


@pytest.mark.parametrize("name", FILES)
def test_document_that_is_no_table_lands_as_a_file(landed: Landed, name: str) -> None:
    """A PDF is saved as Amazon sent it."""
    told = landed.metadata[landed.declared[name].name]

    assert Path(told["path"]).read_bytes().startswith(b"%PDF-")


def test_each_type_is_asked_for_once(landed: Landed) -> None:
    """Each type is asked for by one createReport, what cannot be asked for by none."""
    asked = Counter(
        report_type
        for seller in landed.sellers.values()
        for report_type in seller.requested_report_types
    )

    assert asked == Counter(known.name for known in CURRENT if known.made_by == "request")


def test_no_call_is_throttled(landed: Landed) -> None:
    """Amazon throttles none of the calls."""
    statuses = {call.status for seller in landed.sellers.values() for call in seller.calls}

    assert 429 not in statuses
