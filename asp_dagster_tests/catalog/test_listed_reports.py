"""Listed reports that cannot be meant are refused, and so are sums that nothing can add up to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.feed_checks import check_listed_feed
from asp_dagster.catalog.feeds import Feed, PartitionsSpec
from asp_dagster.catalog.listed_reports import ListedReportSpec, sums_of
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec

SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
NUMBER = ColumnSpec(path="amount", type="decimal")
TEXT = ColumnSpec(path="id")
PAYMENTS = TableSpec(name="payments", key=("id",), columns={"id": TEXT, "total": NUMBER})
LINES = TableSpec(
    name="lines",
    parent="payments",
    columns={"id": TEXT, "amount": NUMBER, "count": ColumnSpec(path="count", type="integer")},
)
FEED = Feed(
    name="settlements",
    group="finance",
    source=ListedReportSpec(report_type=SETTLEMENTS).source,
    raw_format="tsv",
    tables=(PAYMENTS, LINES),
)
SUMS = {"lines.amount": "total"}


def _of(report_type: str, **changes: Any) -> Feed:
    return replace(FEED, source=ListedReportSpec(report_type=report_type).source, **changes)


WRONG: Mapping[str, tuple[Feed, Mapping[str, str], str]] = {
    "format": (
        replace(FEED, raw_format="json", tables=()),
        {},
        f"file_format: {SETTLEMENTS} is made as TSV, not as JSON",
    ),
    "partitions": (
        replace(FEED, partitions=PartitionsSpec(every="daily")),
        {},
        "partitions: each report is one by itself here",
    ),
    "any-mistake-of-a-feed": (replace(FEED, name="my feed"), {}, "name: 'my feed' is no name"),
    "sum-of-no-table": (
        FEED,
        {"rows.amount": "total"},
        "sums.rows.amount: is no column of a declared table with a `parent`; known: lines.…",
    ),
    "sum-without-a-table": (FEED, {"amount": "total"}, "sums.amount: is no column of a declared"),
    "sum-of-a-table-without-parent": (
        FEED,
        {"payments.total": "total"},
        "sums.payments.total: is no column of a declared table with a `parent`",
    ),
    "sum-of-inferred-tables": (
        replace(FEED, tables=(InferredTable(name="lines"),)),
        SUMS,
        "sums.lines.amount: is no column of a declared table",
    ),
    "sum-of-texts": (
        FEED,
        {"lines.id": "total"},
        "sums.lines.id: lines has no numbers 'id'; known: amount, count",
    ),
    "sum-to-a-text": (
        FEED,
        {"lines.amount": "id"},
        "sums.lines.amount: payments has no numbers 'id'; known: total",
    ),
}


@pytest.mark.parametrize(("feed", "sums", "words"), WRONG.values(), ids=WRONG)
def test_contradiction_is_refused(feed: Feed, sums: Mapping[str, str], words: str) -> None:
    """What cannot be meant is refused, naming the key and what would be right."""
    with pytest.raises(DeclarationError) as refused:
        check_listed_feed(feed, sums)

    assert words in str(refused.value)


RIGHT = {
    "settlements": FEED,
    "tables-by-themselves": replace(FEED, tables=(InferredTable(name="settlements"),)),
    "raw-only": replace(FEED, tables=()),
    "unknown-type-in-any-format": _of("GET_NEW_AT_AMAZON", raw_format="json"),
}


@pytest.mark.parametrize("feed", RIGHT.values(), ids=RIGHT)
def test_right_feed_passes(feed: Feed) -> None:
    """What can be meant passes, and there is nothing to say of it."""
    assert not check_listed_feed(feed, {})


@pytest.mark.parametrize(
    ("report_type", "successor"),
    [
        pytest.param("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", f"; use {SETTLEMENTS}", id="some"),
        pytest.param("GET_PRODUCT_EXCHANGE_DATA", "", id="none"),
    ],
)
def test_removed_type_is_told_of(report_type: str, successor: str) -> None:
    """A type that Amazon makes no more is named, with what came instead if anything did."""
    [warning] = check_listed_feed(_of(report_type), {})

    since = f"report_spec.reportType: Amazon makes no {report_type} since 20"
    assert warning.startswith(since)
    assert warning[len(since) + len("26-11-11") :] == successor


def test_sums_name_their_tables() -> None:
    """A declared sum is what is added up, and the parent's column that says it."""
    assert not check_listed_feed(FEED, SUMS)

    [found] = sums_of(FEED, SUMS)

    assert (found.table, found.column) == ("lines", "amount")
    assert (found.parent, found.total) == (PAYMENTS, "total")


def test_declaration_is_in_amazons_words() -> None:
    """The type and the marketplaces are written as getReports has them."""
    declared = {"reportType": SETTLEMENTS, "marketplaceIds": ["A1PA6795UKMFR9"]}

    spec = parse(ListedReportSpec, declared, place="report_spec")

    assert spec.source.report_type == SETTLEMENTS
    assert spec.source.marketplace_ids == ("A1PA6795UKMFR9",)
