"""Leaves out a record that Amazon sends once more on the next page.

Here belongs: telling a repeated record from two that look alike. Rows come once into a table by its
key; but a repeated record would also be counted twice, kept twice, and extended by requests twice.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from asp_dagster.spapi.records import value_at

Record = Mapping[str, Any]

_ORDER_ITEMS = re.compile(r"/orders/v0/orders/[^/]+/orderItems")


class Unrepeated:
    """Remembers the last page of one walk, and no more: a page has a bounded size.

    Only a record with a declared id can be told; if anything but the id differs, it is another
    state of the same thing, and stays.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self._last_page: Mapping[str, Record] = {}

    def of(self, page: Sequence[Record]) -> list[Record]:
        """Return the records of a page that are not those of the page before."""
        before, keys = self._last_page, [self._key(record) for record in page]
        self._last_page = {key: record for key, record in zip(keys, page, strict=True) if key}
        return [record for key, record in zip(keys, page, strict=True) if before.get(key) != record]

    def _key(self, record: Record) -> str:
        """Return what stands for the record's id; empty if it has none."""
        values = [value_at(record, place) for place in self._ids]
        return "" if not values or None in values else repr(values)


def known_ids(path: str) -> Sequence[str]:
    """Return the id of the records of an extension, where it is known."""
    return ("OrderItemId",) if _ORDER_ITEMS.fullmatch(path) else ()
