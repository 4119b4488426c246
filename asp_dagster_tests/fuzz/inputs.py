"""What is let in at the doors: a corpus that is kept, and what comes of it by edits.

Here belong: reading the corpus, adding to it, and editing it. A file of the corpus is a right
input, a hostile one that somebody thought of, or one that went wrong once (`found-…`).
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"

PIECES = (
    *(
        b"",
        b"\0",
        b"\n",
        b"\r\n",
        b"\r",
        b"\t",
        b",",
        b'"',
        b'""',
        b"'",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *(b"null", b"NaN", b"1e999", b"-", b"9" * 400, b"\\ud800", b"\xed\xa0\x80", b"\\u0000", b"{}"),
    *(b"[" * 2000, b'{"a":' * 2000, b"<a>" * 2000, b"<![CDATA[", b"<!--", b"&x;", b"../../x"),
    *(
        b"'; DROP TABLE rows; --",
        b"{{ env.HOME }}",
        b"{window_start}",
        b"=1+1",
        b"*a",
        b"&a",
        b"? ",
    ),
    *(b"\x1f\x8b\x08", b"PK\x03\x04", b"nextToken", b"payload", b"a" * 5000, b"\xe2\x80\xae"),
)
"""What tends to hurt parsers."""

Edit = tuple[float, int, bytes]

EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)),
    ),
    max_size=6,
)


def corpus(door: str) -> Sequence[Path]:
    """Return the files that are kept for a door."""
    return sorted((CORPUS / door).iterdir())


def edited(door: str) -> st.SearchStrategy[bytes]:
    """Return a strategy of bytes that come of a door's corpus by a few edits."""
    files = [file.read_bytes() for file in corpus(door)]
    return st.builds(_apply, st.sampled_from(files), EDITS)


def keep(door: str, content: bytes) -> Path:
    """Add an input that went wrong to the corpus."""
    file = CORPUS / door / f"found-{sha256(content).hexdigest()[:12]}"
    file.write_bytes(content)
    return file


def _apply(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Return bytes with pieces put in place of some, each at its share of the length."""
    for share, length, piece in edits:
        at = int(share * len(content))
        content = content[:at] + piece + content[at + length :]
    return content
