"""S3 answers 503 for a while, or for good: objects are whole or absent, and the end is bounded."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from asp_dagster.landing import RawStoreUnavailableError, S3RawStore
from asp_dagster.simulator import Simulator
from asp_dagster_tests.machine.slow_s3 import SlowS3, slow_s3
from asp_dagster_tests.machine.truth import assert_truth
from asp_dagster_tests.outcomes import failure_of

REPETITIONS = 5
FOR_EVER = 10**6
PART = 5 * 1024**2
NAME = "raw_orders/2026-11-01.jsonl.gz"


@pytest.fixture
def s3(
    bucket: str,  # noqa: ARG001 - made while S3 is quick
    aws_endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SlowS3]:
    """An S3 that can be slow, which boto3's own settings lead to."""
    with slow_s3(aws_endpoint) as slow:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", slow.url)
        monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
        yield slow


def _written(store: S3RawStore, content: bytes) -> None:
    with store.writing(NAME) as sink:
        sink.write(content)


def test_passing_trouble_is_repeated(
    s3: SlowS3,
    bucket: str,
    amazon: Simulator,
    run_job: Callable[..., Any],
    day: str,
    tmp_path: Path,
) -> None:
    """A bucket that answers 503 a few times costs time and nothing else."""
    s3.refuses, s3.left = lambda method, path: "raw_orders" in path and method != "DELETE", 2

    result = run_job(amazon, "orders_job", day, ASP_RAW_PATH=f"s3://{bucket}/raw")

    assert result.success
    assert s3.refused == 2
    assert_truth(f"duckdb:///{tmp_path / 'warehouse.duckdb'}", amazon.partner)


def test_lasting_trouble_ends_before_amazon_is_asked(
    s3: SlowS3, bucket: str, amazon: Simulator, run_job: Callable[..., Any], day: str
) -> None:
    """A bucket that answers 503 for good ends the run in one sentence; Amazon is not asked."""
    s3.left = FOR_EVER

    result = run_job(amazon, "orders_job", day, ASP_RAW_PATH=f"s3://{bucket}/raw")

    said = failure_of(result)
    assert f"s3://{bucket}/raw/" in said
    assert "S3 answers SlowDown" in said
    assert said.endswith("that passes, so run it again.")
    assert amazon.count("searchOrders") == 0
    assert s3.refused == 1 + REPETITIONS


def test_trouble_in_the_middle_of_an_upload_leaves_nothing(s3: SlowS3, bucket: str) -> None:
    """An upload of which a part is answered 503 for good is given up; what was there stays."""
    store = S3RawStore(bucket, "landed", part_bytes=PART)
    _written(store, b"first")
    s3.refuses, s3.left = lambda _, path: "partNumber=3" in path, FOR_EVER

    with pytest.raises(RawStoreUnavailableError, match="SlowDown to UploadPart"):
        _written(store, b"x" * 4 * PART)

    client = boto3.client("s3")
    assert client.get_object(Bucket=bucket, Key=f"landed/{NAME}")["Body"].read() == b"first"
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    assert s3.refused <= 1 + REPETITIONS
