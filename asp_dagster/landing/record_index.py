"""Records that are there already, found again by their id and last change.

Here belongs: an index of them in a temporary database of its own, which is on disk: memory does not
grow with the number of records.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

from asp_dagster.catalog.endpoints import RecordConfig
from asp_dagster.landing.extensions import Record
from asp_dagster.spapi.records import value_at


class RecordIndex:
    """An index of records; closed, it is gone."""

    def __init__(self, config: RecordConfig, kept: Sequence[str] = ()) -> None:
        """Make an empty index.

        Args:
            config: What identifies a record, and dates its last change.
            kept: The fields that are given back when a record is found.
        """
        self._places = config.fields
        self._kept = kept
        # An empty name is a temporary file, which SQLite removes:
        # https://www.sqlite.org/inmemorydb.html#temp_db
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE known (key BLOB PRIMARY KEY, kept TEXT) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, record: Record) -> None:
        """Note a record; one without id or last change is not noted."""
        key = self._key(record)
        if key is None:
            return
        kept = {name: record[name] for name in self._kept if record.get(name) is not None}
        self._database.execute(
            "INSERT OR REPLACE INTO known VALUES (?, ?)", (key, json.dumps(kept))
        )

    def add_all(self, records: Iterable[Record]) -> None:
        """Note many records."""
        for record in records:
            self.add(record)

    def find(self, record: Record) -> Mapping[str, Any] | None:
        """Return what was kept of the record with the same id and last change; None if unknown."""
        key = self._key(record)
        rows = self._database.execute("SELECT kept FROM known WHERE key = ?", (key,))
        row = rows.fetchone()
        kept: Mapping[str, Any] | None = row and json.loads(row[0])
        return kept

    def _key(self, record: Record) -> bytes | None:
        values = [value_at(record, place) for place in self._places]
        if None in values:
            return None
        return blake2b(json.dumps(values).encode(), digest_size=16).digest()
