"""Makes files and folders that only their owner can read: they hold customers' data, and state.

Here belongs making them. What exists already keeps the mode that its owner gave it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = 0o077


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner only."""
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Make an empty file for its owner only, if it is not there."""
    file.touch(mode=0o600)


@contextmanager
def files_like(file: Path) -> Iterator[None]:
    """Let what is made during the block be for its owner only, unless a file is for others too.

    It is for a library that makes files by itself. The mask is the process's, so what other threads
    make meanwhile is private as well.

    Args:
        file: The file that the new ones belong to; if it is missing, all are private.
    """
    if file.exists() and file.stat().st_mode & _OTHERS:
        yield
    else:
        with _MASK.tightened():
            yield


class _Mask:
    """The process's mask of modes, tightened as long as anybody needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._usual = 0

    @contextmanager
    def tightened(self) -> Iterator[None]:
        with self._lock:
            if self._users == 0:
                self._usual = os.umask(_OTHERS)
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    os.umask(self._usual)


_MASK = _Mask()
