"""What it means when a disk refuses: one sentence with the path, the space and the remedy.

Here belong: the system's errors about files and disks, and what to do about each. Python names no
file when a write fails, so whoever writes says which one it is.

https://docs.python.org/3/library/errno.html
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_READ_ONLY = "its file system may only be read. Mount it for writing, or set another path"
_FORBIDDEN = "the user who runs this may not. Give that user the right to it, or set another path"
_REMEDIES = {
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EFBIG: "a file may not grow that large here. Raise the limit (ulimit -f)",
    errno.EIO: "its disk is failing. Look at the machine's log, and set another path",
}
_FULL = {
    errno.ENOSPC: "no space is left",
    errno.EDQUOT: "the quota of the user who runs this is used up",
}
_THOUSAND = 1000


class DiskError(OSError):
    """A disk that refuses; its text is one sentence with the remedy."""


class DiskFullError(DiskError):
    """A disk, or a quota on it, that is full."""


@contextmanager
def clear_disk_errors(file: Path | None = None) -> Iterator[None]:
    """Let what a disk refuses in the block end in one sentence.

    Args:
        file: What is written in the block, wherever an error does not say; by default something
            temporary.

    Raises:
        DiskError: A disk refused.
    """
    try:
        yield
    except DiskError:
        raise
    except OSError as error:
        if error.errno in _FULL or error.errno in _REMEDIES:
            raise disk_error(error, file) from error
        raise


def disk_error(error: OSError, file: Path | None = None) -> DiskError:
    """Return what an error about a file means.

    Args:
        error: What the system said.
        file: What was used, if the error does not say; by default something temporary.
    """
    if isinstance(error, DiskError):
        return error
    path = _path(error, file)
    if error.errno in _FULL:
        return full_disk_error(path, _FULL[error.errno])
    remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror or error}. Check the path")
    return DiskError(f"{path} cannot be used: {remedy}, then run it again.")


def full_disk_error(path: Path, reason: str = _FULL[errno.ENOSPC]) -> DiskFullError:
    """Return the error of a disk on which there is no room for a path."""
    return DiskFullError(
        f"{path.absolute()} cannot be written: {reason} ({_space(path.absolute())}). Free some"
        " space, then run it again."
    )


def told_disk_error(message: str, file: Path) -> DiskError | None:
    """Return what a library's message says of a disk; none if it says nothing of one."""
    for number in (*_FULL, *_REMEDIES):
        if os.strerror(number) in message:
            return disk_error(OSError(number, os.strerror(number)), file)
    return None


def _path(error: OSError, file: Path | None) -> Path:
    """Return what an error is about; of a file that is written beside its place, that place."""
    named = error.filename if isinstance(error.filename, str | os.PathLike) else None
    if named is None or (file is not None and str(named).startswith(str(file))):
        return (file or Path(tempfile.gettempdir())).absolute()
    return Path(named).absolute()


def _space(path: Path) -> str:
    """Tell how large the disk of a path is, and how much of it is free."""
    folder = next(each for each in (path, *path.parents) if each.exists())
    usage = shutil.disk_usage(folder)
    return f"of {_size(usage.total)}, {_size(usage.free)} are free"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < _THOUSAND:
            return f"{count:.3g} {unit}"
        count /= _THOUSAND
    return f"{count:,.1f} GB"
