"""Numbers and dates in the manner of any marketplace are read right, or not at all."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import RawFileError, TableSpecError
from asp_dagster.warehouse.reading.locales import mark_of
from asp_dagster.warehouse.reading.rows import raw_rows

MONEY = ColumnSpec(path="amount", type="decimal", locale="any", currency="currency")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Any]]:
    """Read the amounts of a report's lines."""

    def amounts(texts: Sequence[str], currency: str = "", column: ColumnSpec = MONEY) -> list[Any]:
        lines = ["amount\tcurrency", *(f"{text}\t{currency}" for text in texts)]
        file = tmp_path / "report.tsv"
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return _column(TableSpec(name="lines", columns={"amount": column}), file)

    return amounts


def _column(table: TableSpec, file: Path) -> list[Any]:
    with raw_rows(table, [file], "tsv") as rows:
        return list(rows.reader().read_all().column(2).to_pylist())


@pytest.mark.parametrize(
    ("texts", "amounts"),
    [
        pytest.param(["95,00", "1.234", "-3"], ["95", "1234", "-3"], id="comma"),
        pytest.param(["1.234,56", "1.234.567,00"], ["1234.56", "1234567"], id="comma-thousands"),
        pytest.param(["95.00", "1,234", ""], ["95", "1234", None], id="point"),
        pytest.param(["1,234.56", "+.5"], ["1234.56", "0.5"], id="point-thousands"),
        pytest.param(["1.234.567", "1.234"], ["1234567", "1234"], id="two-points"),
        pytest.param(["1,234,567"], ["1234567"], id="two-commas"),
        pytest.param(["0,123"], ["0.123"], id="zero-begins-no-thousands"),
        pytest.param(["1234,567"], ["1234.567"], id="four-digits-are-no-group"),
        pytest.param(["1\u202f234,56", "\u00a05,00 "], ["1234.56", "5"], id="narrow-spaces"),
        pytest.param(["1 234,56", "1\u00a0234"], ["1234.56", "1234"], id="spaces"),
        pytest.param(["1'234.56"], ["1234.56"], id="apostrophe"),
        pytest.param(["\u22125,00"], ["-5"], id="minus-sign"),
        pytest.param(["1,23,456.78"], ["123456.78"], id="lakhs"),
        pytest.param(["5", "-12"], ["5", "-12"], id="neither"),
    ],
)
def test_amounts(read: Callable[..., list[Any]], texts: list[str], amounts: list[Any]) -> None:
    """The clear numbers of a file tell its manner, and all of them are read in it."""
    assert read(texts) == [text if text is None else Decimal(text) for text in amounts]


@pytest.mark.parametrize(
    ("currency", "text"),
    [("EUR", "1.234"), ("USD", "1,234"), ("JPY", "12,345"), ("SEK", "-1.234")],
)
def test_currency_tells_what_numbers_do_not(
    read: Callable[..., list[Any]], currency: str, text: str
) -> None:
    """Money of a currency with two decimals or none is not written with three."""
    thousands = Decimal(text.replace(".", "").replace(",", ""))

    assert read([text, "5"], currency) == [thousands, Decimal(5)]


@pytest.mark.parametrize("currency", ["", "KWD", "euros"])
def test_nothing_is_guessed(read: Callable[..., list[Any]], currency: str) -> None:
    """Where nothing tells the manner, the file is refused, with the place and the remedy."""
    with pytest.raises(RawFileError, match=r"line 2 holds '1\.234'.*`locale: point`"):
        read(["1.234"], currency)


def test_file_of_two_manners_is_refused(read: Callable[..., list[Any]]) -> None:
    """Two numbers that say the opposite are named, both."""
    with pytest.raises(RawFileError, match=r"line 3 holds '95,00', and line 2 holds '95\.00'"):
        read(["95.00", "95,00"])


@pytest.mark.parametrize("text", ["1,23,45", "1.2.3,00", "--5", "12.34,5.6", "5 EUR", "1e5"])
def test_what_is_no_number_is_refused(read: Callable[..., list[Any]], text: str) -> None:
    """A number that is not of the file's manner is never read as another."""
    with pytest.raises(RawFileError):
        read(["95,00", text])


@pytest.mark.parametrize(("locale", "amount"), [("point", "1.234"), ("comma", "1234")])
def test_manner_can_be_said(read: Callable[..., list[Any]], locale: Any, amount: str) -> None:
    """A declared manner needs no clear number."""
    column = ColumnSpec(path="amount", type="decimal", locale=locale)

    assert read(["1.234"], column=column) == [Decimal(amount)]


def test_only_a_delimited_file_tells_its_manner(tmp_path: Path) -> None:
    """Elsewhere the manner has to be said."""
    file = tmp_path / "records.jsonl"
    file.write_text('{"amount": "1,5"}\n')
    table = TableSpec(name="lines", columns={"amount": MONEY})

    with (
        pytest.raises(TableSpecError, match="only a delimited file"),
        raw_rows(table, [file], "jsonl") as rows,
    ):
        rows.reader().read_all()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("01.11.2026 08:24:50 UTC", "2026-11-01T08:24:50", id="day-first"),
        pytest.param("2026-11-01 08:24:50 UTC", "2026-11-01T08:24:50", id="year-first"),
        pytest.param("2026-11-01T08:24:50+01:00", "2026-11-01T07:24:50", id="iso"),
        pytest.param("2026/11/01 08:24:50 JST", "2026-10-31T23:24:50", id="Japan"),
        pytest.param("2026-07-01 00:00:00 PST", "2026-07-01T08:00:00", id="winter-in-summer"),
        pytest.param("1.2.2026", "2026-02-01T00:00:00", id="day"),
        pytest.param("", None, id="none"),
    ],
)
def test_moments(read: Callable[..., list[Any]], text: str, moment: str | None) -> None:
    """A moment is read in the manner it is written in, with its zone."""
    column = ColumnSpec(path="amount", type="timestamp", locale="any")

    assert read([text], column=column) == [moment and datetime.fromisoformat(f"{moment}+00:00")]


def test_days(read: Callable[..., list[Any]]) -> None:
    """Of a moment, a date is the day as it is written."""
    column = ColumnSpec(path="amount", type="date", locale="any")

    assert read(["01.11.2026", "2026-11-02 23:00:00 PST"], column=column) == [
        date(2026, 11, 1),
        date(2026, 11, 2),
    ]


@pytest.mark.parametrize("text", ["01/11/2026", "31.02.2026", "2026-11-01 00:00:00 XYZ", "soon"])
def test_what_is_no_date_is_refused(read: Callable[..., list[Any]], text: str) -> None:
    """A date that could be two days, or is none, is refused."""
    column = ColumnSpec(path="amount", type="timestamp", locale="any")

    with pytest.raises(RawFileError, match="line 2: column amount"):
        read([text], column=column)


GROUPS = {"comma": [".", "\u00a0", "\u202f", " ", ""], "point": [",", "'", " ", ""]}


@st.composite
def _manners(draw: st.DrawFn) -> tuple[str, str]:
    mark = draw(st.sampled_from(["comma", "point"]))
    return ("," if mark == "comma" else "."), draw(st.sampled_from(GROUPS[mark]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    manner=_manners(),
    amounts=st.lists(
        st.decimals(-(10**12), 10**12, places=2, allow_nan=False), min_size=1, max_size=20
    ),
)
def test_every_amount_of_every_manner(
    read: Callable[..., list[Any]], manner: tuple[str, str], amounts: list[Decimal]
) -> None:
    """Whatever amounts a file holds, in whatever manner, they come out as they are."""
    decimal, group = manner
    texts = [
        f"{amount:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", group)
        for amount in amounts
    ]

    assert read(texts) == [amount.quantize(Decimal("0.0001")) for amount in amounts]


@given(st.integers(1, 999), st.integers(0, 999))
def test_one_group_of_three_tells_nothing(whole: int, rest: int) -> None:
    """A number that is right in both manners is taken for neither."""
    assert mark_of(f"{whole}.{rest:03d}") == mark_of(f"-{whole},{rest:03d}") == "either"
