"""What every extraction gives: files still to be written, and what was seen while writing them.

Here belong: the values that endpoint and report extractions share.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

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
    """

    rows: int
    preview: Sequence[Mapping[str, Any]]
    missing: int = 0
    is_empty: bool = False
    charset: str | None = None


@dataclass(frozen=True)
class FileToLand:
    """One raw file that has not been written yet.

    Attributes:
        name: The file's stem within its partition; none where the partition is one file.
        write: Asks Amazon and writes what comes to an empty, seekable file.
        landed: Told once the file is in its place.
        extension: The file's extension, where it is not the feed's.
    """

    name: str | None
    write: Callable[[BinaryIO], Landed]
    landed: Callable[[Landed], None] = lambda _landed: None
    extension: str | None = None


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
