"""A raw file as it lies in its store.

Here belongs the value that tells one state of a file from another. Stores make it.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RawFile:
    """A raw file in one state.

    Attributes:
        name: Its name in the store.
        size_bytes: Its size.
        written_at: When it was written, aware.
        version: What changes each time it is written: its time to the nanosecond, or S3's ETag.
    """

    name: str
    size_bytes: int
    written_at: datetime
    version: str
