"""What identifies a record of an inferred table, and what tells the newer of two.

Here belongs finding these in a record, and the sentence about a record that lacks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asp_dagster.catalog.tables import InferredTable, RawFormat
from asp_dagster.warehouse.errors import RawFileError, TableSpecError
from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.memory import Place
from asp_dagster.warehouse.inferring.naming import nested_name
from asp_dagster.warehouse.inferring.values import as_text, is_nothing, keyed_hash

if TYPE_CHECKING:  # declarations ask for the identity, and load no reader
    from asp_dagster.warehouse.inferring.raw_records import RawRecord


@dataclass(frozen=True)
class Identity:
    """The places of a record's key and of its last change.

    Attributes:
        table: The table's name, for messages.
        key: The places of what identifies a record.
        order: The place of what tells the newer of two records; empty without one.
    """

    table: str
    key: tuple[Place, ...]
    order: Place

    @classmethod
    def of(cls, table: InferredTable, raw_format: RawFormat) -> Identity:
        """Return what a table declares.

        Raises:
            TableSpecError: The key is dropped, or the order is not as it was sent.
        """
        is_delimited = raw_format in {"tsv", "csv", "xlsx"}
        key = tuple(_place(text, is_delimited=is_delimited) for text in table.key)
        order = _place(table.newest_by, is_delimited=is_delimited) if table.newest_by else ()
        conceals = Concealer(table.columns)
        for place in key:
            if conceals.treatment(_nested(place)) == "drop":
                raise TableSpecError(
                    f"Table {table.name} drops {_nested(place)}, which is part of its key: hash it "
                    "instead, or let another field be the key."
                )
        if order and conceals.treatment(_nested(order)):
            raise TableSpecError(
                f"Table {table.name} conceals {_nested(order)}, which tells the newer of two "
                "records: keep it as it is."
            )
        return cls(table.name, key, order)

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that a record's shape must keep as they are."""
        return (*self.key, *([self.order] if self.order else []))

    def check(self, record: RawRecord) -> None:
        """Refuse a record that lacks a part of its key, or whose order is no single value.

        Raises:
            RawFileError: It is such a record.
        """
        for place in self.key:
            value = _found(record.value, place)
            if is_nothing(value) or isinstance(value, dict | list):
                raise RawFileError(
                    f"{record.label}: the record has no value at {_dotted(place)}, which is part "
                    f"of the key of table {self.table}: correct the key, or extract the file again."
                )
        for place in self.places:
            if not _is_reachable(record.value, place):
                raise RawFileError(
                    f"{record.label}: the record has something else than a single value at "
                    f"{_dotted(place)}, by which table {self.table} tells the newer of two: "
                    "correct the declaration, or extract the file again."
                )

    def values(self, record: RawRecord, concealer: Concealer) -> list[str]:
        """Return what identifies a record, as it is stored."""
        texts = [as_text(_found(record.value, place)) for place in self.key]
        return [
            keyed_hash(text, concealer.hash_key or "")
            if concealer.treatment(_nested(place)) == "hash"
            else text
            for place, text in zip(self.key, texts, strict=True)
        ]


def _place(text: str, *, is_delimited: bool) -> Place:
    """Return the place that is written with dots; in a delimited file, as a header."""
    return (text,) if is_delimited else tuple(text.split("."))


def _found(record: Mapping[str, Any], place: Place) -> Any:
    """Return what stands at a place, None if there is nothing."""
    value: Any = record
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is_reachable(record: Mapping[str, Any], place: Place) -> bool:
    """Return whether a place holds a single value or nothing, with objects only on the way."""
    value: Any = record
    for name in place:
        if not isinstance(value, dict):
            return is_nothing(value)
        value = value.get(name)
    return is_nothing(value) or not isinstance(value, dict | list)


def _dotted(place: Place) -> str:
    """Return a place as it is declared."""
    return ".".join(str(name) for name in place)


def _nested(place: Place) -> str:
    """Return the name that the column of a place has."""
    return nested_name(str(name) for name in place)
