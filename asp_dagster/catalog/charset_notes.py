"""The note beside a raw file that tells how its characters are encoded.

A raw file holds what Amazon sent, byte for byte. How its characters are encoded was said in the
answer's header, which is no part of it: so the landing half writes it down in a small file of its
own beside the raw file, `.2026-11-01.tsv.charset`, and the loading half reads it there. Tools that
read whole folders pass over names that begin with a dot. On S3 the note is an object like any
other, so that both come along when a folder is copied.

Here belong the note's name and its content; writing it is the raw store's work.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

_SUFFIX = ".charset"


@dataclass(frozen=True)
class CharsetNote:
    """How the characters of one raw file are encoded.

    Attributes:
        charset: Python's name of the character set.
        size_bytes: The size of the raw file. A note of another size is of an earlier file: a run
            was killed between the two.
    """

    charset: str
    size_bytes: int

    def text(self) -> str:
        """Return what the note's file holds."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def parse(cls, text: str) -> "CharsetNote | None":
        """Return the note that a file holds, None if it holds none."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


def note_name(raw_name: str) -> str:
    """Return the name of the note beside a raw file."""
    path = PurePosixPath(raw_name)
    return str(path.with_name(f".{path.name}{_SUFFIX}"))


def is_note(name: str) -> bool:
    """Return whether a file's name is that of a note."""
    return PurePosixPath(name).name.startswith(".") and name.endswith(_SUFFIX)
