"""What S3 refuses is told in one sentence, before Amazon is asked, and without a secret."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import IncompleteReadError
from dagster_aws.s3 import S3Resource

from asp_dagster.landing import RawStoreError, RawStoreUnavailableError, S3RawStore

NAME = "raw_orders/2026-11-01.jsonl.gz"
KEY = f"landed/{NAME}"

BAD = [
    pytest.param("AccessDenied", ["s3:PutObject", "raw_orders/*", "s3:ListBucket"], id="denied"),
    pytest.param("InvalidAccessKeyId", ["renew them"], id="unknown-key"),
    pytest.param("SignatureDoesNotMatch", ["renew them"], id="wrong-secret"),
    pytest.param("ExpiredToken", ["renew them"], id="expired"),
    pytest.param("RequestTimeTooSkewed", ["clock"], id="clock"),
    pytest.param("PermanentRedirect", ["another AWS region"], id="other-region"),
    pytest.param("KMS.NotFoundException", ["ASP_RAW_KMS_KEY_ID"], id="no-kms-key"),
    pytest.param("SomethingNew", ["look the code up"], id="unknown-code"),
]
PASSING = ["SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted"]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Start an S3 that refuses everything with a code of AWS's, and says more than it should."""
    with ExitStack() as started:

        def start(code: str) -> None:
            class Refusal(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    self.rfile.read(int(self.headers["Content-Length"] or 0))
                    body = f"<Error><Code>{code}</Code><Message>hidden</Message></Error>".encode()
                    self.send_response(503 if code in PASSING else 400)
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("x-amz-request-id", "REQUEST1")
                    self.end_headers()
                    self.wfile.write(body)

            server = started.enter_context(HTTPServer(("127.0.0.1", 0), Refusal))
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            started.callback(thread.join)
            started.callback(server.shutdown)
            url = f"http://127.0.0.1:{server.server_port}"
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)

        yield start


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let boto neither repeat nor find anything on this machine."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for file in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(file, str(tmp_path / "none"))


def _refusal(store: S3RawStore, kind: type[RawStoreError] = RawStoreError) -> str:
    """Return why a store cannot be written; Amazon would not have been asked by then."""
    with pytest.raises(kind) as refused, store.writing(NAME):
        raise AssertionError("the extraction began")
    assert type(refused.value) is kind
    assert refused.value.__suppress_context__
    assert "hidden" not in str(refused.value)
    return str(refused.value)


def test_closed_bucket_is_told_before_amazon_is_asked(bucket: str) -> None:
    """A bucket that is not there is named before the extraction begins."""
    told = _refusal(S3RawStore(f"{bucket}-other", "landed"))

    assert f"s3://{bucket}-other/{KEY} cannot be written" in told
    assert "create it, or correct ASP_RAW_PATH" in told


@pytest.mark.parametrize(("code", "words"), BAD)
def test_refusal_is_one_sentence(
    bucket: str, refuse: Callable[[str], None], code: str, words: list[str]
) -> None:
    """What S3 refuses is told with its code, its request id and the remedy, without its words."""
    refuse(code)

    told = _refusal(S3RawStore(bucket, "landed"))

    wanted = [f"s3://{bucket}/{KEY}", f"{code} to CreateMultipartUpload", "REQUEST1", *words]
    assert [each for each in wanted if each not in told] == []


@pytest.mark.parametrize("code", PASSING)
def test_trouble_that_passes_may_be_tried_again(
    bucket: str, refuse: Callable[[str], None], code: str
) -> None:
    """Trouble of S3's own is told as what passes."""
    refuse(code)

    assert "run it again" in _refusal(S3RawStore(bucket, "landed"), RawStoreUnavailableError)


def test_unreachable_endpoint_is_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint where nobody listens is told, without its URL."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv(
            "AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{unused.getsockname()[1]}/hidden"
        )

        told = _refusal(S3RawStore(bucket, "landed"), RawStoreUnavailableError)

    assert "AWS_ENDPOINT_URL_S3" in told


def test_endpoint_that_is_no_url_is_told(bucket: str) -> None:
    """An endpoint without a scheme is told, without its text."""
    resource = S3Resource(endpoint_url="localhost:9000/hidden")

    assert "no URL" in _refusal(S3RawStore(bucket, "landed", resource.get_client))


@pytest.mark.parametrize("profile", [None, "nobody"], ids=["no-credentials", "no-profile"])
def test_missing_credentials_are_told(
    bucket: str, monkeypatch: pytest.MonkeyPatch, profile: str | None
) -> None:
    """Without any AWS credentials, or with a profile that is not there, it is said what to set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    resource = S3Resource(profile_name=profile)

    assert "AWS_PROFILE" in _refusal(S3RawStore(bucket, "landed", resource.get_client))


def test_object_that_is_gone_is_told(bucket: str) -> None:
    """An object that was deleted after it was listed is named."""
    store = S3RawStore(bucket, "landed")

    with pytest.raises(RawStoreError, match=r"cannot be read.*materialize"), store.local(NAME):
        pass


def test_download_that_breaks_is_told(bucket: str) -> None:
    """A download that breaks again and again may be tried again later."""

    def broken(**_: Any) -> None:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

    def make() -> Any:
        client = boto3.client("s3")
        client.meta.events.register("before-call.s3.GetObject", broken)
        return client

    store = S3RawStore(bucket, "landed", make)
    with store.writing(NAME) as sink:
        sink.write(b"whole")

    with pytest.raises(RawStoreUnavailableError, match="broke again"), store.local(NAME):
        pass
