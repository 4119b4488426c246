"""The real servers that many tests share, as fixtures: AWS and PostgreSQL, one of each a process.

Here belong what they lend for one test, an empty bucket, queue or database, and places of each
kind in turn. The root `conftest` hands them to all tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from asp_dagster_tests.postgres import Server, running


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """AWS on loopback: its S3, SQS, STS and Secrets Manager."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - few tests need it, and it is slow

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws_settings(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead boto3's own settings to AWS on loopback."""
    for service in ("S3", "SECRETS_MANAGER"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def bucket(aws_settings: None) -> str:  # noqa: ARG001 - they lead boto3 there
    """An empty bucket, which boto3's own settings lead to."""
    name = f"bucket-{os.urandom(4).hex()}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def queue(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty queue of SQS, as boto3 knows it; whoever reads it has to be told where it is."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    service = boto3.resource("sqs", endpoint_url=aws_endpoint, region_name="us-east-1")
    made = service.create_queue(QueueName=f"queue-{os.urandom(4).hex()}")
    yield made
    made.delete()


@pytest.fixture(params=["folder", "s3"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where files may go, of each kind in turn: a folder, or a prefix of a bucket."""
    if request.param == "folder":
        return str(tmp_path / "files")
    return f"s3://{request.getfixturevalue('bucket')}/files"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """PostgreSQL, as long as the session."""
    with running() as server:
        yield server


@pytest.fixture
def new_postgres_url(postgres: Server) -> str:
    """The URL of a new, empty database of PostgreSQL."""
    return postgres.new_database()


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new warehouse, of each kind in turn."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    return str(request.getfixturevalue("new_postgres_url"))
