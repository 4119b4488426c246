"""Typed values by Arrow, where the texts of a column are written the plainest way.

DuckDB's expressions in `columns` say which texts fit a type, and what they mean. They take longer
than everything else that is done to a delimited file, and most columns do not need them: numbers of
digits, points and minus signs, times of ISO 8601 with their zone. These mean the same to Arrow,
which is ten times as fast. Where a character is of another kind, or Arrow refuses a text, all texts
are left to DuckDB.

https://arrow.apache.org/docs/python/generated/pyarrow.compute.cast.html
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.reading.batches import ARROW_TYPES

# Arrow alone would read 0x1F as the integer 31, and take nan and inf for numbers.
_CHARACTERS: Mapping[ColumnType, bytes] = {
    "integer": b"0123456789-",
    "decimal": b"0123456789-.",
    "double": b"0123456789-.",
    "boolean": b"trueTRUEfalseFALSE01",
    "timestamp": b"0123456789-:.TZ+",
    "date": b"0123456789-",
}
# Arrow alone would take an hour without minutes for a time of day.
_SHORTEST_TIME = len("2026-11-01T10:20:30Z")


def plain_values(texts: pa.ChunkedArray, type_: ColumnType) -> pa.ChunkedArray | None:
    """Return the typed values of texts, none if one of them has to be looked at more closely."""
    if type_ == "text":
        return texts
    characters = _CHARACTERS.get(type_)
    if characters is None or not all(_has_only(characters, chunk) for chunk in texts.chunks):
        return None
    if type_ == "timestamp" and _shortest(texts) < _SHORTEST_TIME:
        return None
    try:
        return texts.cast(ARROW_TYPES[type_])
    except pa.ArrowInvalid:
        return None


def _shortest(texts: pa.ChunkedArray) -> int:
    """Return the length of the shortest text; what is missing is as long as need be."""
    shortest: int | None = pc.min(pc.binary_length(texts)).as_py()
    return _SHORTEST_TIME if shortest is None else shortest


def _has_only(characters: bytes, texts: pa.StringArray) -> bool:
    """Return whether texts hold no other than some characters of ASCII."""
    _, offsets, content = texts.buffers()
    if content is None:
        return True
    bounds = np.frombuffer(offsets, np.int32)
    begin, end = int(bounds[texts.offset]), int(bounds[texts.offset + len(texts)])
    return not content[begin:end].to_pybytes().translate(None, characters)
