"""A JSON document of any size, walked without being held in memory, whatever it holds.

Here belongs what ijson leaves open: that a document which is no JSON, and one that is no UTF-8, is
one kind of error; and that a number without end is refused. Python converts whole numbers of 4,300
digits at most, and ijson's C code, which does not expect its refusal, ends the process.

https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import ijson

_MOST_DIGITS = 4000
_DIGITS = bytes.maketrans(b"0123456789", b"0000000000")
_TOO_LONG = b"0" * (_MOST_DIGITS + 1)


class BrokenJSONError(Exception):
    """The document is no JSON; the message says why and quotes nothing of it."""


def json_events(document: IO[bytes]) -> Iterator[tuple[str, str, Any]]:
    """Yield the place, the kind and the value of everything in a document, as ijson does.

    Raises:
        BrokenJSONError: It is no JSON, or breaks off.
    """
    with _told_apart():
        yield from ijson.parse(_Bounded(document))


def json_values(document: IO[bytes], place: str) -> Iterator[Any]:
    """Yield the values at a place of a document: `rows.item`.

    Raises:
        BrokenJSONError: It is no JSON, or breaks off.
    """
    with _told_apart():
        yield from ijson.items(_Bounded(document), place)


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except ijson.JSONError as error:
        # What follows the first line is quoted from the document.
        raise BrokenJSONError(str(error).partition("\n")[0].strip()) from None
    except UnicodeDecodeError:
        raise BrokenJSONError("it is not written in UTF-8") from None


class _Bounded:
    """A document that ends in an error where more digits follow each other than any number has."""

    def __init__(self, document: IO[bytes]) -> None:
        self._document = document
        self._before = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            BrokenJSONError: There is a number without end in them.
        """
        block = self._document.read(size)
        digits = self._before + block.translate(_DIGITS)
        if _TOO_LONG in digits:
            raise BrokenJSONError(f"it has a number of more than {_MOST_DIGITS} digits")
        self._before = digits[-_MOST_DIGITS:]
        return block
