"""Raw files in a bucket of Amazon S3, or of a service that speaks as S3 does.

Here belong: uploading and downloading whole objects, and how they are encrypted. What a refusal
means stands in `s3_refusals`; where the client's settings come from is the caller's business.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from asp_dagster.catalog.charset_notes import is_note, note_name
from asp_dagster.disks import clear_disk_errors
from asp_dagster.landing.errors import RawStoreError, SettingError
from asp_dagster.landing.raw_file import RawFile

_AES, _KMS = "AES256", "aws:kms"
_PART_BYTES = 8 * 1024**2
_TRIAL = ".trial"
_DELETED_AT_ONCE = 1000


@dataclass(frozen=True)
class Encryption:
    """How S3 is asked to encrypt what is uploaded.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html

    Attributes:
        algorithm: `AES256` (a key of S3's own) or `aws:kms`; None for what the bucket is set to.
        kms_key_id: Id, ARN or alias of the KMS key; None for the account's `aws/s3`.

    Raises:
        SettingError: When there is no such algorithm, or a key without `aws:kms`.
    """

    algorithm: str | None = None
    kms_key_id: str | None = None

    def __post_init__(self) -> None:
        if self.algorithm and self.algorithm not in {_AES, _KMS}:
            raise SettingError(
                f"ASP_RAW_ENCRYPTION is {self.algorithm!r}, which S3 does not know: set {_AES} or"
                f" {_KMS}, or nothing for what the bucket is set to."
            )
        if self.kms_key_id and self.algorithm != _KMS:
            raise SettingError(
                f"ASP_RAW_KMS_KEY_ID names a key, which only {_KMS} uses: set"
                f" ASP_RAW_ENCRYPTION={_KMS}, or no key."
            )

    def arguments(self) -> dict[str, str]:
        """Return what goes along with every upload."""
        given = {"ServerSideEncryption": self.algorithm, "SSEKMSKeyId": self.kms_key_id}
        return {name: value for name, value in given.items() if value}


def boto3_client() -> Any:
    """Return an S3 client by boto3's own settings."""
    # Imported here: only who keeps raw files on S3 pays for loading it.
    import boto3  # type: ignore[import-untyped] # noqa: PLC0415

    return boto3.client("s3")


@dataclass(frozen=True)
class S3RawStore:
    """Raw files below a prefix of an S3 bucket.

    An object appears when its upload is complete, so nobody ever sees half of one. A large file is
    uploaded in parts; when one fails, the parts before it are given up too.

    Attributes:
        bucket: The bucket's name.
        prefix: What all keys begin with, without a slash at its ends; empty for none.
        new_client: What makes a boto3 client for S3; asked once, when it is first needed.
        encryption: How S3 encrypts what is uploaded.
        part_bytes: The size of a part, and what a file must exceed to be uploaded in parts; at
            least 5 MiB, by S3's rule. boto3 takes larger ones if there were more than 10,000, and
            holds about ten in memory.
    """

    bucket: str
    prefix: str
    new_client: Callable[[], Any] = field(default=boto3_client, repr=False)
    encryption: Encryption = field(default_factory=Encryption)
    part_bytes: int = _PART_BYTES

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Write to a temporary local file and upload it, in parts if large, at the end.

        Raises:
            RawStoreError: When S3 refuses; if it would in any case, before the block begins.
            DiskError: When the temporary file cannot be written.
        """
        key = self._key(name)
        with _clear_refusals("written", self.bucket, key):
            _ = self._may_write
        with clear_disk_errors(), tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            with (
                _clear_refusals("written", self.bucket, key),
                # boto3 closes what it uploads.
                os.fdopen(os.dup(file.fileno()), "rb") as upload,
            ):
                self._client.upload_fileobj(
                    upload,
                    self.bucket,
                    key,
                    ExtraArgs=self.encryption.arguments(),
                    Config=self._transfer,
                )

    def names(self, prefix: str) -> list[str]:
        """List the objects whose name begins with a prefix.

        Raises:
            RawStoreError: When S3 refuses.
        """
        return [file.name for file in self.files(prefix)]

    def files(self, prefix: str) -> list[RawFile]:
        """List the same objects as they are now.

        Raises:
            RawStoreError: When S3 refuses.
        """
        root = self._key("")
        found = (
            RawFile(
                entry["Key"].removeprefix(root),
                entry["Size"],
                entry["LastModified"],
                entry["ETag"].strip('"'),
            )
            for entry in self._entries(self._key(prefix))
        )
        return sorted(
            (file for file in found if not is_note(file.name)), key=lambda file: file.name
        )

    def state(self, name: str) -> RawFile | None:
        """Return an object as it is now; None if it is not there.

        Raises:
            RawStoreError: When S3 refuses.
        """
        return next((file for file in self.files(name) if file.name == name), None)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Download the object, and the note beside it, to a temporary folder and lend that.

        Raises:
            RawStoreError: When S3 refuses.
        """
        with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
            path = Path(folder) / Path(name).name
            self._download(self._key(name), path)
            note = self._key(note_name(name))
            if note in self._keys(note):
                self._download(note, Path(folder) / Path(note).name)
            yield path

    def read(self, name: str) -> bytes:
        """Fetch the object.

        Raises:
            RawStoreError: When S3 refuses.
        """
        key = self._key(name)
        with _clear_refusals("read", self.bucket, key):
            content: bytes = self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def remove(self, prefix: str) -> None:
        """Delete the objects, a thousand at a time.

        Raises:
            RawStoreError: When S3 refuses.
        """
        self._delete(sorted(self._keys(self._key(prefix))), self._key(prefix))

    def delete(self, name: str) -> None:
        """Delete the object, and its note with it.

        Raises:
            RawStoreError: When S3 refuses.
        """
        self._delete([self._key(name), self._key(note_name(name))], self._key(name))

    def remove_unfinished(self, before: datetime) -> int:
        """Give up the uploads that killed runs had begun.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html

        Raises:
            RawStoreError: When S3 refuses.
        """
        prefix = self._key("")
        with _clear_refusals("removed", self.bucket, prefix):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.bucket, Prefix=prefix
            )
            uploads = [
                upload
                for page in pages
                for upload in page.get("Uploads", [])
                if upload["Initiated"] < before
            ]
            for upload in uploads:
                self._client.abort_multipart_upload(
                    Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(uploads)

    def _delete(self, names: Sequence[str], what: str) -> None:
        keys = [{"Key": name} for name in names]
        with _clear_refusals("removed", self.bucket, what):
            for first in range(0, len(keys), _DELETED_AT_ONCE):
                some = {"Objects": keys[first : first + _DELETED_AT_ONCE], "Quiet": True}
                answer = self._client.delete_objects(Bucket=self.bucket, Delete=some)
                for refused in answer.get("Errors", ())[:1]:
                    raise self._client.exceptions.ClientError({"Error": refused}, "DeleteObjects")

    def location(self, name: str) -> str:
        """Tell the object's URL."""
        return f"s3://{self.bucket}/{self._key(name)}"

    def _keys(self, prefix: str) -> list[str]:
        return [entry["Key"] for entry in self._entries(prefix)]

    def _entries(self, prefix: str) -> list[dict[str, Any]]:
        with _clear_refusals("listed", self.bucket, prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix
            )
            return [entry for page in pages for entry in page.get("Contents", [])]

    def _download(self, key: str, path: Path) -> None:
        with _clear_refusals("read", self.bucket, key), path.open("wb") as file:
            self._client.download_fileobj(self.bucket, key, file, Config=self._transfer)

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    @cached_property
    def _may_write(self) -> bool:
        """Begin an upload and give it up, which leaves nothing and shows whether one would do.

        Amazon's quota is scarce: a run is not to ask for hours and then find the bucket closed.
        """
        begun = self._client.create_multipart_upload(
            Bucket=self.bucket, Key=self._key(_TRIAL), **self.encryption.arguments()
        )
        self._client.abort_multipart_upload(
            Bucket=self.bucket, Key=self._key(_TRIAL), UploadId=begun["UploadId"]
        )
        return True

    @cached_property
    def _transfer(self) -> Any:
        from boto3.s3 import transfer  # type: ignore[import-untyped] # noqa: PLC0415 - as above

        return transfer.TransferConfig(
            multipart_threshold=self.part_bytes,
            multipart_chunksize=self.part_bytes,
            max_concurrency=4,
            preferred_transfer_client="classic",  # the other one has its own idea of memory
        )

    @cached_property
    def _client(self) -> Any:
        try:
            return self.new_client()
        except ValueError:
            # boto's own words repeat the endpoint, which may hold a password.
            raise RawStoreError(
                "The S3 endpoint that is set is no URL. Correct AWS_ENDPOINT_URL_S3, or the S3"
                " resource's endpoint_url: https://host:port."
            ) from None


def _clear_refusals(doing: str, bucket: str, key: str) -> AbstractContextManager[None]:
    """Let what S3 and boto refuse in the block end in one sentence."""
    from asp_dagster.landing.s3_refusals import clear_refusals  # noqa: PLC0415 - it loads botocore

    return clear_refusals(doing, bucket, key)
