"""Headers in other languages have the canonical names that the catalogue gives them."""

import csv
from collections import defaultdict
from importlib.resources import files

import pytest

from asp_dagster.catalog.report_headers import HeaderNames, ReportHeaders, plain
from asp_dagster.catalog.report_types import ReportTypes

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
TABLE = (files("asp_dagster.catalog") / "report_headers.csv").read_text("utf-8").splitlines()
ROWS = list(csv.DictReader(TABLE))


@pytest.mark.parametrize(
    ("header", "canonical"),
    [
        ("出品者SKU", "seller-sku"),
        ("出品者ＳＫＵ", "seller-sku"),
        (" Händler-SKU ", "seller-sku"),
        ("HÄNDLER-SKU:", "seller-sku"),
        ("Artikelbezeichnung", "item-name"),
        ("état", "status"),
        ("Quantità", "quantity"),
        ("卖家 SKU", "seller-sku"),
        ("Seller-SKU", "seller-sku"),
        ("fulfilment-channel", "fulfillment-channel"),
        ("Neue Spalte: ", "Neue Spalte: "),
    ],
)
def test_canonical_header(header: str, canonical: str) -> None:
    """A known header has its canonical name, however it is written; another keeps its own."""
    assert ReportHeaders.load().of(LISTINGS).canonical(header) == canonical


@pytest.mark.parametrize(
    "report_type",
    [
        "GET_MERCHANT_LISTINGS_DATA",
        "GET_MERCHANT_LISTINGS_INACTIVE_DATA",
        "GET_MERCHANT_LISTINGS_DATA_BACK_COMPAT",
        "GET_MERCHANT_CANCELLED_LISTINGS_DATA",
    ],
)
def test_family_of_types(report_type: str) -> None:
    """The types of a family have their headers in common."""
    assert ReportHeaders.load().of(report_type).canonical("価格") == "price"


def test_unknown_type() -> None:
    """A type of which no header is known keeps all of them."""
    names = ReportHeaders.load().of("GET_VAT_TRANSACTION_DATA")

    assert names == HeaderNames()
    assert names.translated(["価格", "ASIN"]) == ("価格", "ASIN")


@pytest.mark.parametrize(
    ("headers", "canonical"),
    [
        pytest.param(("a", "x"), ("A1", "x"), id="one"),
        pytest.param(("a", "b"), ("a", "b"), id="both become the same"),
        pytest.param(("a", "A1"), ("a", "A1"), id="it is there already"),
        pytest.param(("a", "a\t2"), ("A1", "a\t2"), id="the second of a kind"),
        pytest.param((), (), id="none"),
    ],
)
def test_translated(headers: tuple[str, ...], canonical: tuple[str, ...]) -> None:
    """Headers are translated unless that would make two of them alike."""
    assert HeaderNames({"a": "A1", "b": "A1"}).translated(headers) == canonical


@pytest.mark.parametrize(
    ("headers", "canonical"),
    [
        pytest.param("1 2 3", "Date Rating Note", id="unknown ones"),
        pytest.param("date 2 3", "Date Rating Note", id="a known one in its place"),
        pytest.param("1 Date 3", "1 Date 3", id="a known one elsewhere"),
        pytest.param("1 2 3 4", "1 2 3 4", id="one more"),
    ],
)
def test_headers_known_by_their_order(headers: str, canonical: str) -> None:
    """Where the columns are known in order, any headers are theirs unless one says otherwise."""
    in_order = ("Date", "Rating", "Note")
    names = HeaderNames({plain(name): name for name in in_order}, in_order)

    assert names.translated(headers.split()) == tuple(canonical.split())


def test_seller_feedback() -> None:
    """Of seller feedback the order of the columns is known, in whichever language it comes."""
    names = ReportHeaders.load().of(FEEDBACK)

    assert names.in_order == (
        *("Date", "Rating", "Comments"),
        *("Response", "Order ID", "Rater Email"),
    )
    assert (
        names.translated(["日付", "評価", "コメント", "返信", "注文番号", "Eメール"])
        == names.in_order
    )


def test_table_is_in_order() -> None:
    """Each header of the table has one meaning, a source, and a type that is known."""
    meanings = defaultdict(set)
    for row in ROWS:
        meanings[row["report_types"], plain(row["header"])].add(row["canonical"])

    known = {report_type.name for report_type in ReportTypes.load().all}
    assert {key: each for key, each in meanings.items() if len(each) > 1} == {}
    assert [row for row in ROWS if not row["source"].startswith("https://")] == []
    assert {LISTINGS, FEEDBACK} <= known
    assert all(row["report_types"] in {"GET_MERCHANT_*LISTINGS_*", FEEDBACK} for row in ROWS)
    assert all(row["canonical"] for row in ROWS)
