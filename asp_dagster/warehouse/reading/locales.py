"""Numbers and dates as a marketplace writes them: `1.234,56`, `01.11.2026 00:00:00 UTC`.

The same report type comes in the manner of each marketplace, and nothing in it says which. Whether
a point or a comma stands before the decimals is found out from the whole file, before its first row
is read:

    95,00   1.234,56   1.234.567      a comma
    95.00   1,234.56   1,234,567      a point
    1.234   1,234                     either: says nothing
    95      -3                        neither

A file whose numbers say both is refused. One whose numbers say nothing, though there are points or
commas in them, is told by its currency: money is never written with three decimals where the
currency has two or none, so `1.234` euros are a thousand and more. Without a currency it is
refused: nothing is guessed. Then each number must be of the manner found, or is refused.

A date is year first, or day first with points between; with slashes and the year last it could be
either day or month first, and is refused. Here belong these manners, as DuckDB expressions. Finding
the file's is the work of `found_locales`.
"""

import re
from collections.abc import Mapping
from typing import Literal

from asp_dagster.warehouse.sql import literal

Mark = Literal["point", "comma"]

_SIGN = r"[+\-\x{2212}]?"
_SPACES = r" \x{00a0}\x{202f}'\x{2019}"
_SPACE = re.compile("[ \u00a0\u202f'\u2019]")
_MARKS: Mapping[Mark, tuple[str, str]] = {"point": (".", ","), "comma": (",", ".")}
_SIGNS = "+-\u2212"

_DAY_FIRST = r"([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})(.*)"
_YEAR_FIRST = r"\3-\2-\1\4"
_DATE = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_ZONES = {"JST": "+09", "PST": "-08", "PDT": "-07", "CET": "+01", "CEST": "+02", "BST": "+01"}
"""Zones by their fixed distance from UTC: DuckDB would take PST for summer time in summer."""

_ZONE = r" ?(UTC|GMT|Z|[+\-][0-9]{2}(:?[0-9]{2})?)"


def neutral_number(text: str, mark: Mark) -> str:
    """Return the expression of a number with a point before its decimals, NULL if it is none.

    Args:
        text: The expression of the number's text.
        mark: What stands before its decimals.
    """
    decimal, group = _MARKS[mark]
    thousands = rf"[0-9]{{1,3}}([{group}{_SPACES}][0-9]{{3}})+"
    lakhs = rf"[0-9]{{1,2}}([{group}][0-9]{{2}})+[{group}][0-9]{{3}}"  # as India writes them
    pattern = rf"{_SIGN}({thousands}|{lakhs}|[0-9]+)([{decimal}][0-9]*)?|{_SIGN}[{decimal}][0-9]+"
    trimmed = _trimmed(text)
    bare = f"regexp_replace({trimmed}, {literal(f'[{group}{_SPACES}]')}, '', 'g')"
    signed = f"replace({bare}, chr(8722), '-')"
    pointed = f"replace({signed}, {literal(decimal)}, '.')"
    return f"CASE WHEN regexp_full_match({trimmed}, {literal(pattern)}) THEN {pointed} END"


def neutral_date(text: str) -> str:
    """Return the expression of a date or time as ISO 8601 has it, NULL if it is none.

    Args:
        text: The expression of its text.
    """
    trimmed = _trimmed(text)
    year_first = f"regexp_replace({trimmed}, {literal(_DAY_FIRST)}, {literal(_YEAR_FIRST)})"
    zoned = year_first
    for zone, offset in _ZONES.items():
        zoned = f"regexp_replace({zoned}, {literal(f' {zone}$')}, {literal(offset)})"
    pattern = rf"{_DATE}([T ]{_TIME}({_ZONE})?)?"
    slashed = f"replace({zoned}, '/', '-')"
    return f"CASE WHEN regexp_full_match({zoned}, {literal(pattern)}) THEN {slashed} END"


def mark_of(number: str) -> Mark | Literal["either"] | None:
    """Return what stands before a number's decimals, as far as the number alone tells.

    Returns:
        None where it has neither point nor comma, or is no number.
    """
    digits = _SPACE.sub("", number).lstrip(_SIGNS)
    found = re.sub("[0-9]", "", digits)
    if not found or set(found) - {".", ","}:
        return None
    last = found[-1]
    written: Mark = "point" if last == "." else "comma"
    other: Mark = "comma" if last == "." else "point"
    if len(set(found)) > 1:  # 1.234,56: decimals stand last
        return written
    if len(found) > 1:  # 1.234.567: only thousands come twice
        return other
    whole, _, decimals = digits.partition(last)
    is_group = len(decimals) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")  # noqa: PLR2004 - thousands
    return "either" if is_group else written


def _trimmed(text: str) -> str:
    """Return the expression of a text without spaces around it, of any kind."""
    return f"trim(replace(replace({text}, chr(160), ' '), chr(8239), ' '))"
