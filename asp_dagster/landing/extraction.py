"""What every extraction gives: files still to be written, and what was seen while writing them.

Here belong: the values that endpoint and report extractions share, and the filling of
`{placeholders}`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import SellingPartnerClient
from asp_dagster.spapi.wire import timestamp

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class Landed:
    """What went into one raw file.

    Attributes:
        rows: Records or rows in the file.
        preview: The first few rows, reduced to fields without personal data.
    """

    rows: int
    preview: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class FileToLand:
    """One raw file that has not been written yet.

    Attributes:
        name: The file's stem within its partition; none where the partition is one file.
        write: Asks Amazon and writes what comes to an empty, seekable file.
    """

    name: str | None
    write: Callable[[BinaryIO], Landed]


class Extraction(Protocol):
    """Anything that can say which files a window consists of."""

    @property
    def client(self) -> SellingPartnerClient:
        """Who asks Amazon."""
        ...

    def files(self, window: DataWindow) -> Iterator[FileToLand]:
        """Yield the window's files; nothing is asked of Amazon before a file is written."""
        ...


@dataclass(frozen=True)
class Placeholders:
    """The values that a declaration's `{placeholders}` stand for in one request."""

    window: DataWindow
    marketplace_ids: Sequence[str]

    def fill(self, value: Any) -> Any:
        """Fill the placeholders of a parameter; anything without one stays as it is."""
        if value == "{marketplace_ids}":
            return list(self.marketplace_ids)
        if isinstance(value, str):
            return self._fill_text(value)
        if isinstance(value, list | tuple):
            return [self.fill(entry) for entry in value]
        return value

    def _fill_text(self, text: str) -> str:
        return text.replace("{window_start}", timestamp(self.window.start)).replace(
            "{window_end}", timestamp(self.window.last_instant)
        )
