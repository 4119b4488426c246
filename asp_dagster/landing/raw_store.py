"""Where raw files are kept: a folder, or a bucket behind one path setting.

Here belong: writing a file so that nobody sees half of it, finding it, and lending it as a local
file. What a file is called is the IO manager's choice.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

from asp_dagster.landing.errors import SettingError

_PART = ".part"
_ABANDONED_AFTER_SECONDS = 24 * 3600


class RawStore(Protocol):
    """A place for raw files, addressed by names such as `raw_orders/2026-11-01.jsonl.gz`."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Lend an empty, seekable file; it takes the name's place when the block ends well."""
        ...

    def names(self, prefix: str) -> list[str]:
        """List the names that begin with a prefix, in order."""
        ...

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Lend the file as a local path, for as long as the block runs."""
        ...

    def location(self, name: str) -> str:
        """Tell the file's path or URL, for people."""
        ...


def open_store(base_path: str) -> RawStore:
    """Open the store that a base path names: a folder, or `s3://bucket/prefix`.

    Raises:
        SettingError: When the path is neither.
    """
    address = urlsplit(base_path)
    if address.scheme == "s3" and address.netloc:
        return S3RawStore(address.netloc, address.path.strip("/"))
    if "://" in base_path or not base_path:
        raise SettingError(
            f"The raw path {base_path!r} is neither a folder nor s3://bucket/prefix. Correct"
            " ASP_RAW_PATH."
        )
    return LocalRawStore(Path(base_path))


@dataclass(frozen=True)
class LocalRawStore:
    """Raw files below a local folder."""

    base: Path

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Write beside the target and move in place at the end, on the same file system."""
        target = self.base / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f"{target.name}.", suffix=_PART, dir=target.parent)
        _remove_abandoned(target, Path(part).stat().st_mtime)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def names(self, prefix: str) -> list[str]:
        """List the complete files whose name begins with a prefix."""
        folder = (self.base / prefix).parent
        found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != _PART)
        names = (path.relative_to(self.base).as_posix() for path in found)
        return sorted(name for name in names if name.startswith(prefix))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Lend the file itself."""
        yield self.base / name

    def location(self, name: str) -> str:
        """Tell the file's absolute path."""
        return str((self.base / name).resolve())


def _remove_abandoned(target: Path, now: float) -> None:
    """Remove what killed runs left behind; a run still writing has touched its part today.

    Args:
        target: The file the parts were to become.
        now: The file system's own time, in seconds.
    """
    for part in target.parent.glob(f"{target.name}.*{_PART}"):
        if now - part.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
            part.unlink(missing_ok=True)


@dataclass(frozen=True)
class S3RawStore:
    """Raw files below a prefix of an S3 bucket, through dagster-aws's S3 resource.

    Credentials, region and endpoint are boto3's own (environment, profile or role). An object
    appears when its upload is complete, so nobody ever sees half of one.
    """

    bucket: str
    prefix: str

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Write to a temporary local file and upload it, in parts if large, at the end."""
        with tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            # boto3 closes what it uploads.
            with os.fdopen(os.dup(file.fileno()), "rb") as upload:
                self._client().upload_fileobj(upload, self.bucket, self._key(name))

    def names(self, prefix: str) -> list[str]:
        """List the objects whose name begins with a prefix."""
        pages = (
            self._client()
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.bucket, Prefix=self._key(prefix))
        )
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return sorted(key.removeprefix(self._key("")) for key in keys)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Download the object to a temporary file and lend that."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(name).name
            self._client().download_file(self.bucket, self._key(name), str(path))
            yield path

    def location(self, name: str) -> str:
        """Tell the object's URL."""
        return f"s3://{self.bucket}/{self._key(name)}"

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    def _client(self) -> Any:
        # Imported here: only who keeps raw files on S3 pays for loading boto3.
        from dagster_aws.s3 import S3Resource  # noqa: PLC0415

        return S3Resource().get_client()
