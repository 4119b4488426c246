"""Where raw files are kept: a folder, or a bucket behind one path setting.

Here belong: which of the two a path means, and the folder: writing a file so that nobody sees half
of it, finding it, and lending it as a local file. The bucket is `s3_store`'s. What a file is called
is the IO manager's choice.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import SplitResult, urlsplit

from asp_dagster.catalog.charset_notes import CharsetNote, is_note, note_name
from asp_dagster.disks import clear_disk_errors
from asp_dagster.landing.errors import SettingError
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.landing.s3_store import Encryption, S3RawStore, boto3_client
from asp_dagster.private_files import make_private_folder

_PART = ".part"
_BUCKET = re.compile(r"[\w.-]+", re.ASCII)
# Who writes locks its file, at once. Where there are no locks, it has touched the file today.
_LOCKED_AFTER_SECONDS = 10
_ABANDONED_AFTER_SECONDS = 24 * 3600


class RawStore(Protocol):
    """A place for raw files, addressed by names such as `raw_orders/2026-11-01.jsonl.gz`."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Lend an empty, seekable file; it takes the name's place when the block ends well."""
        ...

    def names(self, prefix: str) -> list[str]:
        """List the names that begin with a prefix, in order; without the notes beside them."""
        ...

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Lend the file as a local path, its note beside it, for as long as the block runs."""
        ...

    def read(self, name: str) -> bytes:
        """Return a small file's content."""
        ...

    def remove(self, prefix: str) -> None:
        """Remove all whose names begin with a prefix, which ends in a slash, in their order."""
        ...

    def files(self, prefix: str) -> list[RawFile]:
        """Return the same as `names`, with what tells one state of a file from another."""
        ...

    def state(self, name: str) -> RawFile | None:
        """Return one of these by its name; None if there is none."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file, and the note beside it."""
        ...

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what killed runs had begun to write before a moment; return how many files."""
        ...

    def location(self, name: str) -> str:
        """Tell the file's path or URL, for people."""
        ...


def open_store(
    base_path: str,
    *,
    s3_client: Callable[[], Any] = boto3_client,
    encryption: Encryption | None = None,
) -> RawStore:
    """Open the store that a base path names: a folder, or `s3://bucket/prefix`.

    Args:
        base_path: Where raw files go.
        s3_client: What makes a boto3 client for S3, if that is where; asked when it is needed.
        encryption: How S3 encrypts what is uploaded; by default as the bucket is set.

    Raises:
        SettingError: When the path is neither, or is to be encrypted by S3 and is not on S3.
    """
    address = urlsplit(base_path)
    if address.scheme == "s3":
        return S3RawStore(*_bucket_and_prefix(address), s3_client, encryption or Encryption())
    if "://" in base_path or not base_path:
        # Told without what follows: it may hold a password, or a signature.
        raise SettingError(
            f"The raw path {address.scheme and f'{address.scheme}://…'!r} is neither a folder nor"
            " s3://bucket/prefix. Correct ASP_RAW_PATH."
        )
    if encryption and encryption.arguments():
        raise SettingError(
            f"ASP_RAW_ENCRYPTION is for s3:// only, and the raw path {base_path!r} is a folder:"
            " unset it, and encrypt the disk instead."
        )
    return LocalRawStore(Path(base_path))


def _bucket_and_prefix(address: SplitResult) -> tuple[str, str]:
    if not _BUCKET.fullmatch(address.netloc) or address.query or address.fragment:
        raise SettingError(
            "ASP_RAW_PATH begins with s3:// and is no s3://bucket/prefix: behind s3:// stands the"
            " bucket's name alone, without credentials, host or port, and the prefix has no ? or #."
        )
    return address.netloc, address.path.strip("/")


def note_charset(store: RawStore, name: str, charset: str, size_bytes: int) -> None:
    """Write down beside a raw file how its characters are encoded.

    Args:
        store: Where the file is.
        name: The file's name; it is in its place already.
        charset: Python's name of the character set.
        size_bytes: The file's size, by which the note is known to be this file's.
    """
    write_note(store, name, CharsetNote(charset, size_bytes))


def write_note(store: RawStore, name: str, note: CharsetNote) -> None:
    """Write a note beside a raw file."""
    with store.writing(note_name(name)) as sink:
        sink.write(note.text().encode())


@dataclass(frozen=True)
class LocalRawStore:
    """Raw files below a local folder, for their owner only."""

    base: Path

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Write beside the target and move in place at the end, on the same file system.

        Raises:
            DiskError: The disk refuses.
        """
        target = self.base / name
        with clear_disk_errors(target):
            make_private_folder(target.parent)
            with _written_beside(target) as file:
                yield file

    def names(self, prefix: str) -> list[str]:
        """List the complete files whose name begins with a prefix."""
        folder = self.base / prefix.rpartition("/")[0]
        # Unlike `rglob`, it passes over a folder that another run removes meanwhile.
        found = (Path(place, file) for place, _, files in os.walk(folder) for file in files)
        names = (path.relative_to(self.base).as_posix() for path in found if path.suffix != _PART)
        return sorted(name for name in names if name.startswith(prefix) and not is_note(name))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Lend the file itself."""
        yield self.base / name

    def read(self, name: str) -> bytes:
        """Read the file."""
        return (self.base / name).read_bytes()

    def remove(self, prefix: str) -> None:
        """Remove the files of a folder, then the folder."""
        for name in self.names(prefix):
            (self.base / name).unlink(missing_ok=True)
        # Another run may be writing there at this moment; then it stays.
        shutil.rmtree(self.base / prefix, ignore_errors=True)

    def files(self, prefix: str) -> list[RawFile]:
        """List the complete files whose name begins with a prefix, as they are now."""
        return list(filter(None, map(self.state, self.names(prefix))))

    def state(self, name: str) -> RawFile | None:
        """Return a file as it is now; None if it is not there, or not any more."""
        try:
            state = (self.base / name).stat()
        except FileNotFoundError:
            return None
        written_at = datetime.fromtimestamp(state.st_mtime, UTC)
        return RawFile(name, state.st_size, written_at, str(state.st_mtime_ns))

    def delete(self, name: str) -> None:
        """Delete the file, then its note."""
        for each in (name, note_name(name)):
            (self.base / each).unlink(missing_ok=True)

    def remove_unfinished(self, before: datetime) -> int:
        """Remove the parts of killed runs, whatever file they were to become."""
        removed = 0
        for part in self.base.rglob(f"*{_PART}"):
            with suppress(FileNotFoundError):  # its run ends at this moment
                if part.stat().st_mtime < before.timestamp():
                    part.unlink()
                    removed += 1
        return removed

    def location(self, name: str) -> str:
        """Tell the file's absolute path."""
        return str((self.base / name).resolve())


@contextmanager
def _written_beside(target: Path) -> Iterator[BinaryIO]:
    """Lend a file that takes its place when the block ends well, and goes when it does not."""
    handle, part = tempfile.mkstemp(prefix=f"{target.name}.", suffix=_PART, dir=target.parent)
    try:
        with clear_disk_errors(target), os.fdopen(handle, "w+b") as file:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(file, fcntl.LOCK_EX)
            _remove_abandoned(target, Path(part).stat().st_mtime)
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _remove_abandoned(target: Path, now: float) -> None:
    """Remove what killed runs left behind.

    Args:
        target: The file the parts were to become.
        now: The file system's own time, in seconds.
    """
    for part in target.parent.glob(f"{target.name}.*{_PART}"):
        with suppress(FileNotFoundError):  # its run ends at this moment
            if _is_abandoned(part, now - part.stat().st_mtime):
                part.unlink()


def _is_abandoned(part: Path, age_seconds: float) -> bool:
    """Tell whether nobody writes a file any more."""
    if age_seconds < _LOCKED_AFTER_SECONDS:
        return False
    try:
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return age_seconds > _ABANDONED_AFTER_SECONDS
    return True
