"""The page, and what Dagster's UI shows of it."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from asp_dagster.overview.figures import Figures, Overview
from asp_dagster.overview.page import html_page, markdown

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


class _Reader(HTMLParser):
    """Collects a page's elements, its texts, and its cells row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.rows and self.elements[-1][0] in {"td", "th"} and data.strip():
            self.rows[-1].append(data)


def test_page_refers_to_nothing_outside_it(overview: Callable[..., Overview]) -> None:
    """The page holds its picture, and neither scripts nor links."""
    page = _Reader(html_page(overview("Amazon.de"), b"<svg/>"))

    sources = [of["src"] for _, of in page.elements if "src" in of]
    assert sources == ["data:image/svg+xml;base64,PHN2Zy8+"]
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "a", "iframe"})


def test_page_can_be_read_without_seeing_it(overview: Callable[..., Overview]) -> None:
    """It has a language and a title, the picture is described, and each table has its caption."""
    page = _Reader(html_page(overview("Amazon.de"), b""))

    tags = [tag for tag, _ in page.elements]
    (image,) = (of for tag, of in page.elements if tag == "img")
    assert ("html", {"lang": "en"}) in page.elements
    assert "Sales overview" in page.texts
    assert "Amazon.de (EUR): 1,234.50 sales (before: 617.00)" in str(image["alt"])
    assert tags.count("caption") == tags.count("table") == 4


def test_page_has_all_figures(overview: Callable[..., Overview]) -> None:
    """Totals with their change, products, and each day beside its counterpart are tables."""
    rows = _Reader(html_page(overview("Amazon.de"), b"")).rows

    assert ["sales, EUR", "1,234.50", "617.00", "+100.1%"] in rows
    assert ["orders", "2", "2", "+0.0%"] in rows
    assert rows.count(["A kettle", "K-1", "B000000001", "3", "60.00"]) == 2
    assert ["2026-11-30", "1,234.50", "2", "3", "0.00", "1", "2"] in rows


def test_change_from_nothing_is_no_number(overview: Callable[..., Overview]) -> None:
    """Where nothing was sold before, no percentage is made up."""
    shown = overview("Amazon.de")
    new = replace(shown, sales=(replace(shown.sales[0], before=(Figures(), Figures())),))

    assert ["orders", "2", "0", "no figure before"] in _Reader(html_page(new, b"")).rows


def test_text_of_the_warehouse_stays_text(overview: Callable[..., Overview]) -> None:
    """A product's title, or a marketplace's name, with markup in it is shown as it is."""
    shown = overview(HOSTILE, title=HOSTILE)

    page = _Reader(html_page(shown, b""))

    assert [tag for tag, _ in page.elements].count("script") == 0
    assert [tag for tag, _ in page.elements].count("img") == 1
    assert HOSTILE in page.texts
    assert "<script" not in markdown(shown, b"")
    assert "<img" not in markdown(shown, b"")


def test_product_without_a_title_goes_by_its_sku(overview: Callable[..., Overview]) -> None:
    """A title that Amazon does not tell leaves no empty cell."""
    rows = _Reader(html_page(overview("Amazon.de", title=""), b"")).rows

    assert ["K-1", "K-1", "B000000001", "3", "60.00"] in rows


def test_markdown_holds_the_picture_and_the_totals(overview: Callable[..., Overview]) -> None:
    """A materialization shows the picture itself, and the totals in a table."""
    shown = markdown(overview("Amazon.de"), b"png")

    assert "](data:image/png;base64,cG5n)" in shown
    assert "| Amazon.de (EUR) | 1,234.50 | 617.00 | 2 | 2 | 3 | 3 |" in shown


def test_nothing_sold_is_a_sentence() -> None:
    """Without orders, page and Markdown say so."""
    empty, sentence = Overview(30, ()), "No orders of the last 60 days are in the warehouse."

    assert markdown(empty, b"") == sentence
    assert sentence in _Reader(html_page(empty, b"")).texts
