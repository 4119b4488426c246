"""The note beside a raw file that tells how its characters are encoded.

A raw file holds what Amazon sent, byte for byte. How its characters are encoded was said in the
answer's header, which is no part of it: so the landing half writes it down in a small file of its
own beside the raw file, `.2026-11-01.tsv.charset`, and the loading half reads it there. Tools that
read whole folders pass over names that begin with a dot. On S3 the note is an object like any
other, so that both come along when a folder is copied.

Here belong the note's name, its content and reading it; writing it is the raw store's work.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

_SUFFIX = ".charset"


@dataclass(frozen=True)
class CharsetNote:
    """How the characters of one raw file are encoded.

    Attributes:
        charset: Python's name of the character set.
        size_bytes: The size of the raw file. A note of another size is of an earlier file: a run
            was killed between the two.
        becomes_bytes: The size that the file is about to have, once personal data are erased in it.
    """

    charset: str
    size_bytes: int
    becomes_bytes: int | None = None

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

    def is_of(self, size_bytes: int) -> bool:
        """Return whether the note is that of a file of a size."""
        return size_bytes in {self.size_bytes, self.becomes_bytes}


def note_name(raw_name: str) -> str:
    """Return the name of the note beside a raw file."""
    path = PurePosixPath(raw_name)
    return str(path.with_name(f".{path.name}{_SUFFIX}"))


def noted_charset(file: Path) -> str | None:
    """Return the character set that the note beside a local file tells, if it is this file's."""
    note_file = file.with_name(note_name(file.name))
    if not note_file.is_file():
        return None
    note = CharsetNote.parse(note_file.read_text("utf-8"))
    return note.charset if note and note.is_of(file.stat().st_size) else None


def is_note(name: str) -> bool:
    """Return whether a file's name is that of a note."""
    return PurePosixPath(name).name.startswith(".") and name.endswith(_SUFFIX)
