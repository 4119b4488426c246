"""What every extraction gives: files still to be written, and what was seen while writing them.

Here belong: the values that endpoint and report extractions share.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from asp_dagster.landing.raw_store import RawStore
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import SellingPartnerClient

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class Landed:
    """What went into one raw file.

    Attributes:
        rows: Records or rows in the file.
        preview: The first few rows, reduced to fields without personal data.
        missing: Extension requests that Amazon answered 404: it does not know the id.
        is_empty: Whether Amazon says that there are no data; the file is empty then.
        charset: Python's name of the file's character set, if it is delimited text.
        resumed: How many of the rows an earlier run had asked for, which ended early.
        extensions_reused: How many extensions were taken from an earlier file.
        lacks_personal_data: Whether personal data was asked for, and came with none of the records.
    """

    rows: int
    preview: Sequence[Mapping[str, Any]]
    missing: int = 0
    is_empty: bool = False
    charset: str | None = None
    resumed: int = 0
    extensions_reused: int = 0
    lacks_personal_data: bool = False


@dataclass(frozen=True)
class Place:
    """Where a raw file goes.

    Attributes:
        store: Where raw files are kept.
        name: What the file is called there.
    """

    store: RawStore
    name: str

    @property
    def folder(self) -> str:
        """What stands before the last slash of the name."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True)
class FileToLand:
    """One raw file that has not been written yet.

    Attributes:
        name: The file's stem within its partition; none where the partition is one file.
        write: Asks Amazon and writes what comes to an empty, seekable file.
        landed: Told once the file is in its place.
        extension: The file's extension, where it is not the feed's.
        placed: Returns the file that knows its place, if that makes a difference.
        over: Told once all files of the run are in their places.
    """

    name: str | None
    write: Callable[[BinaryIO], Landed]
    landed: Callable[[Landed], None] = lambda _landed: None
    extension: str | None = None
    placed: "Callable[[Place], FileToLand] | None" = None
    over: Callable[[], None] = lambda: None

    def at(self, place: Place) -> "FileToLand":
        """Return the file that knows its place: it may go on from what an earlier run left."""
        return self.placed(place) if self.placed else self


class Extraction(Protocol):
    """Anything that can say which files a window consists of."""

    @property
    def client(self) -> SellingPartnerClient:
        """Who asks Amazon."""
        ...

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's files; nothing is asked of Amazon before a file is written.

        Args:
            window: What is asked for; none for a feed that has no window at all.

        Raises:
            SettingError: When a placeholder of the declaration stands for nothing.
        """
        ...
