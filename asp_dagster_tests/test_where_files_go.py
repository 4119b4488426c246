"""Raw files are where the settings say, under the names that are declared: in folders and on S3."""

import runpy
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest
from dagster_aws.s3 import S3Resource

from asp_dagster.catalog.charset_notes import CharsetNote, note_name
from asp_dagster.components import AmazonSPReportFile
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.landing import RawStore, open_store
from asp_dagster.landing.raw_store import note_charset
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.outcomes import failure_of
from asp_dagster_tests.shown import shown_on

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
START = UNTIL - timedelta(days=1)
DAY = START.date().isoformat()
MARKETPLACES = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
ORDERS_FILE = {
    "name": "orders_file",
    "group": "files",
    "report_spec": {"reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"},
    "file_format": "TSV",
    "partitions": "daily",
    "output": "reports/orders-{partition}.tsv",
}
OUTPUTS = [
    pytest.param({}, [f"reports/orders-{DAY}.tsv"], id="partition"),
    pytest.param(
        {"output": "{start}/to/{end}"},
        [f"{START:%Y%m%d}T000000.000Z/to/{UNTIL:%Y%m%d}T000000.000Z.tsv"],
        id="window",
    ),
    pytest.param(
        {
            "output": "{marketplace_id}/{partition}.txt",
            "marketplaces": list(MARKETPLACES),
            "one_marketplace_per_report": True,
        },
        sorted(f"{marketplace}/{DAY}.txt" for marketplace in MARKETPLACES),
        id="marketplace",
    ),
    pytest.param(
        {
            "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
            "partitions": "none",
            "output": "listings.tsv",
        },
        ["listings.tsv"],
        id="plain",
    ),
]

RunFeed = Callable[..., dg.ExecuteInProcessResult]
RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def base_path(bucket: str) -> str:
    """A prefix of an empty bucket."""
    return f"s3://{bucket}/landed"


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner in two marketplaces."""
    partner = Partner.generate(seed=11, orders=40, until=UNTIL, days=2, marketplaces=MARKETPLACES)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


def _save(run_feed: RunFeed, amazon: Simulator, path: str, **keys: Any) -> dict[str, Any]:
    """Run the report file's job, and return what Dagster is told about the file."""
    declared = {**ORDERS_FILE, **keys}
    day = DAY if declared["partitions"] == "daily" else None
    result = run_feed(amazon, AmazonSPReportFile, declared, day, ASP_RAW_PATH=path)
    assert result.success
    [event] = result.get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    return {name: entry.value for name, entry in metadata.items()}


def _lines(store: RawStore, name: str) -> list[str]:
    with store.local(name) as path:
        return path.read_text("utf-8").splitlines()


@pytest.mark.parametrize(("keys", "names"), OUTPUTS)
def test_report_is_saved_under_its_output(
    amazon: Simulator, run_feed: RunFeed, anywhere: str, keys: Mapping[str, Any], names: list[str]
) -> None:
    """A report's file has the declared name, its folders and what is filled in, in both places."""
    _save(run_feed, amazon, anywhere, **keys)

    store = open_store(anywhere)
    assert store.names("") == names
    assert all("sku\t" in _lines(store, name)[0] for name in names)


def test_saving_again_replaces(amazon: Simulator, run_feed: RunFeed, anywhere: str) -> None:
    """A file that is there is replaced by the whole report, and stays the only one."""
    store = open_store(anywhere)
    name = f"reports/orders-{DAY}.tsv"
    with store.writing(name) as sink:
        sink.write(b"an earlier, longer file\n" * 10_000)

    for _ in range(2):
        told = _save(run_feed, amazon, anywhere)

    truth = amazon.partner.all_orders_lines(START, UNTIL, ["ATVPDKIKX0DER"])
    ids = sorted(line.partition("\t")[0] for line in _lines(store, name)[1:])
    assert ids == sorted(line["amazon-order-id"] for line in truth)
    assert store.names("") == [name]
    assert store.location(name) in str(told)


def test_job_with_its_files_on_s3(
    amazon: Simulator, run_job: RunJob, base_path: str, tmp_path: Path
) -> None:
    """With an s3:// path the raw files are objects, and the tables are loaded from them."""
    days = [(START - timedelta(days=1)).date().isoformat(), DAY]
    changes = {"ASP_RAW_PATH": base_path, "ASP_MARKETPLACE_IDS": ",".join(MARKETPLACES)}

    for day in days:
        assert run_job(amazon, "orders_job", day, **changes).success

    assert open_store(base_path).names("") == [f"raw_orders/{day}.jsonl.gz" for day in days]
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    loaded = warehouse.query("SELECT order_id FROM amazon.orders ORDER BY 1").column(0).to_pylist()
    assert loaded == sorted(row["order_id"] for row in amazon.partner.order_rows())


def test_objects_are_encrypted_as_set(
    amazon: Simulator, run_job: RunJob, base_path: str, tmp_path: Path
) -> None:
    """With a KMS key in the settings every object of a run is encrypted with it, and loads."""
    bucket = base_path.split("/")[2]
    encryption = {"ASP_RAW_ENCRYPTION": "aws:kms", "ASP_RAW_KMS_KEY_ID": "alias/raw"}

    assert run_job(amazon, "reports_job", DAY, ASP_RAW_PATH=base_path, **encryption).success

    client = boto3.client("s3")
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    heads = [client.head_object(Bucket=bucket, Key=key) for key in keys]
    assert len(heads) >= 2
    assert {head["ServerSideEncryption"] for head in heads} == {"aws:kms"}
    assert all(head["SSEKMSKeyId"].endswith("alias/raw") for head in heads)
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    assert warehouse.query("SELECT 1 FROM amazon.all_orders").num_rows


def test_character_set_is_noted_on_s3(
    amazon: Simulator, run_job: RunJob, base_path: str, tmp_path: Path
) -> None:
    """The note of a report's character set is an object beside it, and the load goes by it."""
    store, name = open_store(base_path), f"raw_all_orders/{DAY}.tsv"
    assert run_job(amazon, "reports_job", DAY, ASP_RAW_PATH=base_path).success
    with store.local(name) as path:
        text = path.read_text("utf-8").replace("Amazon.com", "Amazonië")
        assert CharsetNote.parse(path.with_name(note_name(path.name)).read_text())
    content = text.encode("cp850", "replace")
    with store.writing(name) as sink:
        sink.write(content)
    note_charset(store, name, "cp850", len(content))

    tables = [dg.AssetKey("all_orders")]
    again = run_job(amazon, "reports_job", DAY, asset_selection=tables, ASP_RAW_PATH=base_path)

    assert again.success
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    rows = warehouse.query("SELECT DISTINCT sales_channel FROM amazon.all_orders").to_pylist()
    assert "Amazonië" in {row["sales_channel"] for row in rows}


@pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run")  # Dagster's own use
def test_s3_is_reached_as_the_resource_says(
    amazon: Simulator,
    instance: dg.DagsterInstance,
    settings: Callable[[Simulator], Mapping[str, str]],
    base_path: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The module that the page shows reaches S3 as it says."""
    endpoint = boto3.client("s3").meta.endpoint_url
    [program] = shown_on("docs/raw_files.md", "python")
    program = program.replace("https://s3.acme.example", endpoint)
    module = tmp_path / "acme.py"
    module.write_text(program.replace("s3://acme-amazon/raw", base_path))
    there = {"ACME_S3_KEY_ID": "testing", "ACME_S3_SECRET": "testing"}
    elsewhere = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_SECRET_ACCESS_KEY": ""}
    for name, value in {**settings(amazon), **there, **elsewhere}.items():
        monkeypatch.setenv(name, value)

    shown = runpy.run_path(str(module))
    job = shown["defs"].resolve_job_def("orders_job")
    assert job.execute_in_process(partition_key=DAY, instance=instance).success

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    assert open_store(base_path).names("") == [f"raw_orders/{DAY}.jsonl.gz"]


def test_credentials_of_s3_are_hidden() -> None:
    """No printed form of the IO manager shows how S3 is reached."""
    raw = RawFileIOManager(base_path="s3://bucket", s3=S3Resource(aws_secret_access_key="hidden"))

    assert "hidden" not in f"{raw!r} {raw}"


def test_missing_bucket_fails_before_amazon_is_asked(
    amazon: Simulator, run_feed: RunFeed, base_path: str
) -> None:
    """A bucket that is not there fails the run with one sentence, and costs no call."""
    result = run_feed(
        amazon,
        AmazonSPReportFile,
        ORDERS_FILE,
        DAY,
        ASP_RAW_PATH=base_path.replace("bucket", "other"),
    )

    assert "s3://other-" in failure_of(result)
    assert "create it, or correct ASP_RAW_PATH" in failure_of(result)
    assert not amazon.calls
