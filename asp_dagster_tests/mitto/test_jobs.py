"""A Mitto job becomes what our components declare; what has no meaning here is listed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.mitto import MittoJob, read_jobs

EXAMPLES = Path(__file__).parents[2] / "examples" / "mitto"

API = "amazon_selling_partner_api.io#AmazonSPApiInput"
REPORT = "amazon_selling_partner_api.io#AmazonSPApiReportInput"

API_INPUT = {"use": API, "path": "/sellers/v1/marketplaceParticipations"}
REPORT_KEYS = {
    "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    "file_format": "TSV",
}
REPORT_INPUT = {"use": REPORT, **REPORT_KEYS}
REPORT_FILE = {**REPORT_KEYS, "output": "listings.tsv"}

DATABASE = "postgresql://localhost/never-shown"


def _read(folder: Path, content: Mapping[str, Any], file: str = "job.json") -> MittoJob:
    (folder / file).write_text(json.dumps(content))
    (job,) = read_jobs(folder)
    return job


def test_examples_are_one_of_each_kind() -> None:
    """The examples hold one job of each kind, by path."""
    jobs = read_jobs(EXAMPLES)

    assert [(job.file.name, job.name, job.component) for job in jobs] == [
        ("all_orders_file.hjson", "all_orders_as_a_file", "AmazonSPReportFile"),
        ("daily_sales.json", "daily_sales", "AmazonSPReport"),
        ("orders.json", "orders_with_items", "AmazonSPApi"),
    ]


def test_example_of_an_endpoint_is_translated_whole() -> None:
    """Every key of the input, the table and its schema stand where the component expects them."""
    job = {job.name: job for job in read_jobs(EXAMPLES)}["orders_with_items"]

    assert job.place == "conf.input"
    assert job.attributes == {
        "name": "orders_with_items",
        "description": "[Amazon] Orders with their items",
        "credentials": "my_seller",
        "endpoint": "https://sellingpartnerapi-na.amazon.com",
        "path": "/orders/v0/orders",
        "params": {
            "LastUpdatedAfter": "2022-02-22",
            "MarketplaceIds": "ATVPDKIKX0DER",
            "MaxResultsPerPage": "100",
        },
        "results_key": "Orders",
        "updated_at_param": "LastUpdatedAfter",
        "record_config": {
            "id_field": "AmazonOrderId",
            "last_modified_field": "LastUpdateDate",
        },
        "extend_resources": [
            {
                "new_field_name": "OrderItems",
                "path": "/orders/v0/orders/{}/orderItems",
                "path_variable_name": "AmazonOrderId",
                "results_key": "OrderItems",
            }
        ],
        "table": "amazon_selling_partner.orders",
    }


def test_example_of_a_report_file_is_translated_whole() -> None:
    """A report saved as a file has no table, and its output is the file."""
    job = {job.name: job for job in read_jobs(EXAMPLES)}["all_orders_as_a_file"]

    assert job.attributes == {
        "name": "all_orders_as_a_file",
        "description": "All orders as a file",
        "credentials": "my_seller",
        "endpoint": "https://sellingpartnerapi-na.amazon.com",
        "version": "2021-06-30",
        "report_spec": {
            "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            "dataStartTime": "2026-11-01T00:00:00Z",
            "marketplaceIds": ["ATVPDKIKX0DER"],
        },
        "file_format": "TSV",
        "output": "all_orders.tsv",
    }


SHAPES = [
    pytest.param({"input": API_INPUT}, "AmazonSPApi", "input", id="conf-of-endpoint"),
    pytest.param({"input": REPORT_INPUT}, "AmazonSPReport", "input", id="conf-of-report"),
    pytest.param(REPORT_FILE, "AmazonSPReportFile", "", id="conf-of-report-file"),
    pytest.param(
        {"conf": {"input": API_INPUT}}, "AmazonSPApi", "conf.input", id="job-without-type"
    ),
    pytest.param(
        {"type": "io", "conf": {"input": REPORT_INPUT}},
        "AmazonSPReport",
        "conf.input",
        id="job-of-report",
    ),
    pytest.param(
        {"type": "asp_report", "conf": REPORT_FILE}, "AmazonSPReportFile", "conf", id="asp-report"
    ),
    pytest.param(
        {"type": "asp_report", **REPORT_FILE}, "AmazonSPReportFile", "", id="asp-report-in-one"
    ),
    pytest.param(
        {"input": API_INPUT, "output": None, "sdl": None}, "AmazonSPApi", "input", id="nulls"
    ),
]


@pytest.mark.parametrize(("content", "component", "place"), SHAPES)
def test_shape(content: Mapping[str, Any], component: str, place: str, tmp_path: Path) -> None:
    """A job is recognised with its name and conf around it, and as a conf alone."""
    job = _read(tmp_path, content)

    assert (job.component, job.place, job.name) == (component, place, "job")
    assert job.warning is None


@pytest.mark.parametrize(
    ("called", "name"),
    [
        pytest.param({"name": "b", "title": "c"}, "b", id="name"),
        pytest.param({"title": "C d"}, "c_d", id="title"),
        pytest.param({}, "file_a", id="file"),
    ],
)
def test_name_is_of_job_title_or_file(called: Mapping[str, str], name: str, tmp_path: Path) -> None:
    """The job's name goes before its title, and the title before the file's name."""
    job = _read(tmp_path, {**called, "conf": {"input": API_INPUT}}, "File A.json")

    assert job.name == job.attributes["name"] == name


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"input": {**API_INPUT, "credentials": "shop"}}, id="in-input"),
        pytest.param({"credentials": "shop", "input": API_INPUT}, id="beside-input"),
        pytest.param({"credentials": "shop", "conf": {"input": API_INPUT}}, id="beside-conf"),
    ],
)
def test_credentials_are_found_where_they_stand(content: Mapping[str, Any], tmp_path: Path) -> None:
    """Credentials in the input or beside it are those of the job."""
    job = _read(tmp_path, content)

    assert (job.attributes["credentials"], job.ignored) == ("shop", ())


def test_title_and_notes_describe_the_asset(tmp_path: Path) -> None:
    """What Mitto shows of a job is shown of the asset."""
    job = _read(tmp_path, {"title": "Shops", "markdown": "All of them.", "input": API_INPUT})

    assert job.attributes["description"] == "Shops\n\nAll of them."


def test_empty_schema_leaves_the_default(tmp_path: Path) -> None:
    """Mitto writes an empty schema where none was chosen."""
    job = _read(tmp_path, {"input": API_INPUT, "output": {"tablename": "shops", "schema": ""}})

    assert job.attributes["table"] == "shops"


def test_table_is_called_as_a_database_without_quotes_reads_it(tmp_path: Path) -> None:
    """Capital letters and spaces are no part of a table's name; without any, the job's is taken."""
    named = {"tablename": "Shop Orders", "schema": "Amazon"}
    job = _read(tmp_path, {"input": API_INPUT, "output": named})
    nameless = _read(
        tmp_path, {"name": "shops", "conf": {"input": API_INPUT, "output": {"schema": "amazon"}}}
    )

    assert job.attributes["table"] == "amazon.shop_orders"
    assert nameless.attributes["table"] == "amazon.shops"


OWN_STEP = {"use": "mitto.iov2.steps#CreateTable"}
IGNORED = [
    pytest.param({"schedule": {"type": "daily"}}, ["schedule (schedules are Dagster's)"], id="job"),
    pytest.param({"steps": [OWN_STEP]}, ["steps (1 step of Mitto's own)"], id="step"),
    pytest.param({"steps": [OWN_STEP] * 6}, ["steps (6 steps of Mitto's own)"], id="steps"),
    pytest.param(
        {"steps": [{"use": "runner.iov2.steps.builtin#CollectMeta"}]},
        ["steps (1 step of Mitto's own)"],
        id="steps-by-the-new-name",
    ),
    pytest.param(
        {"steps": [OWN_STEP, {"use": "shop.steps#Notify"}]},
        ["steps (1 step of Mitto's own)", "steps.1 (shop.steps#Notify has no counterpart)"],
        id="steps-of-others",
    ),
    pytest.param(
        {"steps": [{**OWN_STEP, "transforms": [{"use": "mitto.iov2.transform#RenameTransform"}]}]},
        [
            "steps (1 step of Mitto's own)",
            "steps.0.transforms.0 (mitto.iov2.transform#RenameTransform has no counterpart)",
        ],
        id="transforms",
    ),
    pytest.param(
        {"steps": [{**OWN_STEP, "transforms": 7}, "x", {"use": DATABASE}]},
        ["steps (1 step of Mitto's own)", "steps.1 (no counterpart)", "steps.2 (no counterpart)"],
        id="odd-steps",
    ),
    pytest.param(
        {"conf": {"input": API_INPUT}, "input": {}, "output": {}, "timeout": 0},
        [
            "input (no meaning here)",
            "output (no meaning here)",
            "timeout (run limits are Dagster's)",
        ],
        id="input-beside-conf",
    ),
    pytest.param(
        {"steps": [{"use": "mitto.iov2.steps#Sql"}]},
        ["steps.0 (mitto.iov2.steps#Sql has no counterpart)"],
        id="step-of-mitto-not-done-here",
    ),
    pytest.param({"steps": "all"}, ["steps (no meaning here)"], id="text-as-steps"),
    pytest.param(
        {"output": {"dbo": DATABASE, "tablename": "t", "mode": "x"}},
        [
            "output.dbo (tables go to the warehouse of this code location)",
            "output.mode (no meaning here)",
        ],
        id="database",
    ),
    pytest.param(
        {"conf": {"input": {**API_INPUT, "credentials": "a"}, "credentials": "b", "store": {}}},
        ["conf.credentials (the input has its own)", "conf.store (raw files are always kept)"],
        id="conf",
    ),
]


@pytest.mark.parametrize(("added", "ignored"), IGNORED)
def test_nothing_is_dropped_in_silence(
    added: Mapping[str, Any], ignored: list[str], tmp_path: Path
) -> None:
    """What has no meaning here is listed with its place and the reason, and no value is shown."""
    content = added if "conf" in added else {"input": API_INPUT, **added}
    job = _read(tmp_path, content)

    assert list(job.ignored) == ignored
    listed = "; ".join(ignored)
    assert job.warning == f"{job.file}: ignored, having no meaning here: {listed}."
    assert "never-shown" not in job.warning
