"""The raw files that were searched for personal data, so that none is read again for nothing.

A file that was searched is known by its version. It need not be read again before the earliest of
the values it holds is due; never, if it holds none. It tells also when a file was first written,
which an erasure in it would otherwise make forgotten. Here belongs keeping that; what is due is
decided above.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select

from asp_dagster.state.databases import Database
from asp_dagster.state.tables import ERASURES

_AT_ONCE = 500


@dataclass(frozen=True)
class SearchedFile:
    """What is known of a raw file.

    Attributes:
        version: The state of the file that was searched.
        known: A text that stands for what was known to be personal then.
        written_at: When a run wrote the file, aware.
        earliest: The earliest moment from which personal values in it count; None without any.
    """

    version: str
    known: str
    written_at: datetime
    earliest: datetime | None = None


class Erasures:
    """The files in a shared state. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, SearchedFile]:
        """Return what is known of files, by their names."""
        with self._database.transaction() as connection:
            rows = connection.execute(select(ERASURES)).all()
        return {
            row.file: SearchedFile(row.version, row.known, row.written_at, row.earliest)
            for row in rows
        }

    def note(self, file: str, searched: SearchedFile) -> None:
        """Note that a file was searched."""
        values = asdict(searched)
        with self._database.transaction() as connection:
            connection.execute(
                self._database.insert(ERASURES)
                .values(file=file, **values)
                .on_conflict_do_update(index_elements=["file"], set_=values)
            )

    def forget(self, files: Collection[str]) -> None:
        """Forget files that are not there any more."""
        names = list(files)
        with self._database.transaction() as connection:
            for first in range(0, len(names), _AT_ONCE):
                some = names[first : first + _AT_ONCE]
                connection.execute(delete(ERASURES).where(ERASURES.c.file.in_(some)))
