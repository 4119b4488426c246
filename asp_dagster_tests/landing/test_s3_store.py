"""Objects on S3: large ones go in parts, encrypted as set, and are whole or not at all."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from asp_dagster.landing import (
    Encryption,
    RawStoreError,
    RawStoreUnavailableError,
    S3RawStore,
)

NAME = "raw_orders/2026-11-01.jsonl.gz"
KEY = f"landed/{NAME}"
MIB = 1024**2
PART = 5 * MIB

ENCRYPTIONS = [
    pytest.param(Encryption("AES256"), id="aes"),
    pytest.param(Encryption("aws:kms"), id="kms"),
    pytest.param(Encryption("aws:kms", "alias/raw"), id="kms-key"),
]


def _put(store: S3RawStore, content: bytes) -> None:
    with store.writing(NAME) as sink:
        sink.write(content)


def _failing_at_part(number: int, error: Exception) -> Callable[[], Any]:
    """Make a client whose connection breaks at a part."""

    def make() -> Any:
        def sent(params: dict[str, Any], **_: Any) -> None:
            if params["query_string"]["partNumber"] >= number:
                raise error

        client = boto3.client("s3")
        client.meta.events.register("before-call.s3.UploadPart", sent)
        return client

    return make


def _is_untouched(bucket: str, content: bytes) -> bool:
    """Tell whether a bucket holds one object of that content, and no upload that has begun."""
    client = boto3.client("s3")
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    body: bytes = client.get_object(Bucket=bucket, Key=KEY)["Body"].read()
    return keys == [KEY] and body == content


@pytest.mark.parametrize(
    ("size", "parts"),
    [pytest.param(PART - 1, None, id="one"), pytest.param(40 * MIB + 1, 9, id="many")],
)
def test_large_file_goes_in_parts(bucket: str, size: int, parts: int | None) -> None:
    """A file above the size of a part is uploaded in parts, and is the same file."""
    content = hashlib.shake_256(b"large").digest(size)
    store = S3RawStore(bucket, "landed", part_bytes=PART)

    _put(store, content)

    etag = boto3.client("s3").head_object(Bucket=bucket, Key=KEY)["ETag"].strip('"')
    assert etag.partition("-")[2] == (str(parts) if parts else "")
    with store.local(NAME) as path:
        assert path.read_bytes() == content


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(EndpointConnectionError(endpoint_url="http://hidden"), id="unreachable"),
        pytest.param(ReadTimeoutError(endpoint_url="http://hidden"), id="silent"),
    ],
)
def test_upload_that_breaks_leaves_the_earlier_object(bucket: str, error: Exception) -> None:
    """An upload that breaks after some parts leaves nothing of them, and the object before it."""
    _put(S3RawStore(bucket, "landed"), b"first")
    store = S3RawStore(bucket, "landed", _failing_at_part(3, error), part_bytes=PART)

    with pytest.raises(RawStoreUnavailableError, match="cannot be reached") as broken:
        _put(store, b"x" * 20 * MIB)

    assert "hidden" not in str(broken.value)
    assert _is_untouched(bucket, b"first")
    assert "Uploads" not in boto3.client("s3").list_multipart_uploads(Bucket=bucket)


def test_unforeseen_error_in_an_upload_leaves_the_earlier_object(bucket: str) -> None:
    """Also an error nobody foresaw, which is shown as itself, leaves no half object."""
    _put(S3RawStore(bucket, "landed"), b"first")
    broken = _failing_at_part(2, ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        _put(S3RawStore(bucket, "landed", broken, part_bytes=PART), b"x" * 20 * MIB)

    assert _is_untouched(bucket, b"first")


def test_killed_upload_leaves_the_earlier_object(bucket: str) -> None:
    """A process that is killed between two parts leaves the earlier object, whole and alone."""
    _put(S3RawStore(bucket, "landed"), b"first")
    program = (
        "import boto3, os\n"
        "from asp_dagster.landing import S3RawStore\n"
        "client = boto3.client('s3')\n"
        "def sent(params, **_):\n"
        "    if params['query_string']['partNumber'] == 3: os.kill(os.getpid(), 9)\n"
        "client.meta.events.register('before-call.s3.UploadPart', sent)\n"
        f"store = S3RawStore({bucket!r}, 'landed', lambda: client, part_bytes={PART})\n"
        f"with store.writing({NAME!r}) as sink: sink.write(b'x' * {20 * MIB})\n"
    )

    killed = subprocess.run([sys.executable, "-c", program], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert _is_untouched(bucket, b"first")
    assert S3RawStore(bucket, "landed").names("") == [NAME]


@pytest.mark.parametrize("size", [10, 2 * PART], ids=["one-part", "parts"])
@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_objects_are_encrypted_as_set(bucket: str, encryption: Encryption, size: int) -> None:
    """What is uploaded, at once or in parts, S3 is asked to encrypt as the setting says."""
    _put(S3RawStore(bucket, "landed", encryption=encryption, part_bytes=PART), b"x" * size)

    head = boto3.client("s3").head_object(Bucket=bucket, Key=KEY)
    assert head["ServerSideEncryption"] == encryption.algorithm
    assert head.get("SSEKMSKeyId", "").endswith(encryption.kms_key_id or "")


def test_client_is_made_once_and_late(bucket: str) -> None:
    """A store makes its client when it is first needed, and then keeps it."""
    made = []

    def make() -> Any:
        made.append(boto3.client("s3"))
        return made[-1]

    store = S3RawStore(bucket, "landed", make)
    store.location(NAME)
    assert not made

    for _ in range(2):
        _put(store, b"x")
        store.names("")

    assert len(made) == 1


def test_trial_leaves_nothing(bucket: str) -> None:
    """Finding out whether a bucket may be written leaves nothing in it."""
    with S3RawStore(bucket, "landed").writing(NAME):
        client = boto3.client("s3")

        assert "Contents" not in client.list_objects_v2(Bucket=bucket)
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_a_deletion_that_is_refused_is_told(bucket: str) -> None:
    """S3 answers 200 to a deletion in which it refuses single objects; that is an error too."""

    def make() -> Any:
        def refused(parsed: dict[str, Any], **_: Any) -> None:
            parsed["Errors"] = [{"Key": KEY, "Code": "AccessDenied", "Message": "No."}]

        client = boto3.client("s3")
        client.meta.events.register("after-call.s3.DeleteObjects", refused)
        return client

    store = S3RawStore(bucket, "landed", make)
    _put(store, b"x")

    with pytest.raises(RawStoreError, match=r"cannot be removed.*AccessDenied"):
        store.remove("raw_orders/")
