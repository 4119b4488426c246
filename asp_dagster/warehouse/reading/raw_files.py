"""Raw files as they lie on the disk, whatever their format.

Here belongs how a raw file is opened. What is inside is the business of the formats: `records`,
`documents` and `delimited`.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from asp_dagster.catalog.tables import RawFormat
from asp_dagster.warehouse.errors import RawFileError, TableSpecError

_GZIP_MAGIC = b"\x1f\x8b"


def is_gzip(file: Path) -> bool:
    """Return whether the file is compressed, told by its first bytes and not by its name."""
    with file.open("rb") as stream:
        return stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


@contextmanager
def open_raw(file: Path) -> Iterator[IO[bytes]]:
    """Open the file for reading, decompressed and past a byte order mark.

    Raises:
        RawFileError: The compressed data is damaged or breaks off.
    """
    with _opened(file) as stream:
        try:
            if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
                stream.seek(0)
            yield stream
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RawFileError(
                f"{file.name} is compressed with gzip, but damaged or broken off: extract it again."
            ) from error


def no_rows(table: str, raw_format: RawFormat) -> TableSpecError:
    """Return the error of a table that is to be made of a format without rows."""
    return TableSpecError(
        f"Table {table} cannot be made of a {raw_format.upper()}, which has no rows: declare "
        "`table: false`."
    )


def _opened(file: Path) -> IO[bytes]:
    """Open the file, decompressed."""
    return cast("IO[bytes]", gzip.open(file)) if is_gzip(file) else file.open("rb")
