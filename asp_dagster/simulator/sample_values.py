"""What stands in a cell of a sample report, told by the name of its column.

Here belong: texts that are hard to read, in the language of the marketplace, and what looks like an
identifier, an amount or a date. Japan's texts have letters whose second byte in Shift-JIS is a
backslash or a vertical bar, and the letters that only Windows knows; Europe's have the signs that
Windows-1252 has and ISO-8859-1 has not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from asp_dagster.simulator.marketplaces import Marketplace


@dataclass(frozen=True)
class CellOf:
    """The row that a cell stands in.

    Attributes:
        number: The row's number, from 1; it tells rows apart.
        shop: The row's marketplace.
        home: The report's first marketplace, which decides the language.
        day: The day of the data.
        can_break: Whether a text may go on in a second line.
    """

    number: int
    shop: Marketplace
    home: Marketplace
    day: date
    can_break: bool = False

    def entry(self, number: int) -> "CellOf":
        """Return the same for an entry of a list in the row."""
        return replace(self, number=10 * self.number + number)


_IDENTIFYING = frozenset({"id", "sku", "msku", "fnsku", "asin", "asin1", "date", "marketplace"})
_TEXTS: Mapping[str, Sequence[str]] = {
    "JP": ('モニター 24" ①', "ソニー製ポスター 表示", "髙島屋 茶碗"),
    "EU": ('Bügeleisen 12" für Müller', "Kaffeemühle zu 100 €, „fein“", "Œuf façonné ™ …"),
    "": ('24" monitor, matte', "Crème brûlée dish, 6 pcs €", "'Best' \"gift\" & more"),
}


def language(shop: Marketplace) -> str:
    """Return which of the three kinds of text a marketplace has: `JP`, `EU`, or none of them."""
    if shop.country_code == "JP":
        return "JP"
    return "EU" if shop.region == "EU" else ""


def identifies(name: str) -> bool:
    """Tell whether a column is one of those that identify a row, by its name."""
    return not _IDENTIFYING.isdisjoint(_words(name))


def cell(name: str, of: CellOf) -> str:
    """Return the text of a column, by its name."""
    words = _words(name)
    for among, text in _TEXTS_BY_WORDS:
        if among & words:
            return text(of)
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-').lower()}-{of.number:03d}"


def typed(name: str, kind: str, of: CellOf) -> Any:
    """Return the value of a field.

    Args:
        name: The field's name.
        kind: `i`, `n`, `b`, `d`, `m`, or nothing for a text.
        of: The row it stands in.
    """
    values: Mapping[str, Callable[[], Any]] = {
        "i": lambda: of.number,
        "n": lambda: 0.25 + of.number / 100,
        "b": lambda: of.number % 2 == 0,
        "d": of.day.isoformat,
        "m": lambda: f"{of.day.isoformat()}T08:15:{of.number % 60:02d}Z",
    }
    return values[kind]() if kind else cell(name, of)


def _words(name: str) -> frozenset[str]:
    return frozenset(each.lower() for each in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name))


def _hard(of: CellOf) -> str:
    texts = _TEXTS[language(of.home)]
    text = texts[of.number % len(texts)]
    return f"{text},\n{text}" if of.can_break else text


def _moment(of: CellOf) -> str:
    return f"{of.day.isoformat()}T08:15:{of.number % 60:02d}+00:00"


def _town(part: str) -> Callable[[CellOf], str]:
    return lambda of: getattr(of.home.towns[of.number % len(of.home.towns)], part) or ""


_TEXTS_BY_WORDS: Sequence[tuple[frozenset[str], Callable[[CellOf], str]]] = [
    (frozenset(words.split()), text)
    for words, text in (
        ("fnsku", lambda of: f"X00{of.number:07d}"),
        ("sku msku", lambda of: f"{of.home.country_code}-{of.number:04d}"),
        ("asin asin1 asin2 asin3", lambda of: f"B0{of.number:08d}"),
        ("currency", lambda of: of.shop.currency),
        ("marketplace", lambda of: of.shop.marketplace_id),
        ("email", lambda of: f"synthetic-buyer-{of.number}@marketplace.example"),
        ("recipient buyer", lambda of: f"Synthetic Buyer {of.number}"),
        ("address", lambda of: f"{of.number} Synthetic Street"),
        ("name title description comments comment note message query term", _hard),
        ("date time period", _moment),
        ("country", lambda of: of.home.country_code),
        ("city", _town("city")),
        ("state", _town("state")),
        ("postal", _town("postal_code")),
        ("is has claim", lambda of: str(of.number % 2 == 0).lower()),
        ("quantity qty units count", lambda of: str(of.number)),
        ("id ean upc isbn number", lambda of: f"00{of.number:010d}"),
        (
            "price amount fee tax cost discount total charges rate text",
            lambda of: f"{of.number}.50",
        ),
    )
]
"""What a column holds by the words of its name: the first that has one of them."""
