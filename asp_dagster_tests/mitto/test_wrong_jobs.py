"""A job file that cannot become an asset is refused with file, place and remedy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.mitto import MittoJobError, read_jobs

API = "amazon_selling_partner_api.io#AmazonSPApiInput"
REPORT = "amazon_selling_partner_api.io#AmazonSPApiReportInput"

INPUT = {"use": API, "path": "/orders/v0/orders"}
SPEC = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"}

WRONG = [
    pytest.param({"input": {"path": "/x"}}, ("input.use: is missing", API, REPORT), id="no-use"),
    pytest.param(
        {"input": {"use": "xsv.iov2#XsvInput2", "source": "a.csv"}},
        ("input.use: 'xsv.iov2#XsvInput2' is an input of another plugin", API),
        id="input-of-another-plugin",
    ),
    pytest.param(
        {"type": "sql", "conf": {"sql": "select 1"}},
        ("type: 'sql' is a job of another plugin", "asp_report", API),
        id="job-of-another-plugin",
    ),
    pytest.param(
        {"output": {"tablename": "t"}}, ("input: is missing; found: output",), id="no-input"
    ),
    pytest.param({"conf": {}}, ("conf.input: is missing; found: nothing",), id="empty-conf"),
    pytest.param({"conf": [INPUT]}, ("conf: must be an object, not a list",), id="list-as-conf"),
    pytest.param({"input": API}, ("input: must be an object, not text",), id="text-as-input"),
    pytest.param(
        {"conf": {"input": {**INPUT, "result_key": "Orders"}}},
        ("conf.input.result_key: unknown key; known: credentials, endpoint, path", "results_key"),
        id="misspelt-key",
    ),
    pytest.param(
        {"input": {**INPUT, "report_spec": SPEC}},
        ("input.report_spec: unknown key",),
        id="key-of-another-kind",
    ),
    pytest.param(
        {"input": {"use": API, "params": {}}},
        ("input.path: is missing; found: use, params",),
        id="no-path",
    ),
    pytest.param({"input": {**INPUT, "path": None}}, ("input.path: is missing",), id="null-path"),
    pytest.param(
        {"input": {"use": REPORT, "report_spec": SPEC}},
        ("input.file_format: is missing",),
        id="no-format",
    ),
    pytest.param(
        {"input": {"use": REPORT, "file_format": "TSV"}},
        ("input.report_spec: is missing",),
        id="no-report",
    ),
    pytest.param(
        {"type": "asp_report", "conf": {"report_spec": SPEC, "file_format": "TSV"}},
        ("conf.output: is missing; found: report_spec, file_format",),
        id="no-file",
    ),
    pytest.param(
        {"type": "asp_report", "conf": {"report_spec": SPEC, "outptu": "a.tsv"}},
        ("conf.outptu: unknown key", "output"),
        id="misspelt-key-of-report-file",
    ),
    pytest.param({"type": 7, "input": INPUT}, ("type: must be text, not a number",), id="type"),
    pytest.param({"name": ["a"], "input": INPUT}, ("name: must be text, not a list",), id="name"),
    pytest.param(
        {"title": {}, "input": INPUT}, ("title: must be text, not an object",), id="title"
    ),
    pytest.param({"title": "注文", "input": INPUT}, ("title: needs a letter",), id="no-letter"),
    pytest.param({"name": "", "input": INPUT}, ("name: needs a letter",), id="empty-name"),
    pytest.param({"markdown": True, "input": INPUT}, ("not true or false",), id="description"),
    pytest.param({"input": INPUT, "output": "t"}, ("output: must be an object",), id="output"),
    pytest.param(
        {"input": INPUT, "output": {"tablename": 2026}},
        ("output.tablename: must be text, not a number; put it in quotes",),
        id="number-as-table",
    ),
    pytest.param(
        {"input": {**INPUT, "params": {"ids": ["never-shown,"]}}},
        ("input.params.ids.0: ends in a comma",),
        id="swallowed-comma",
    ),
    pytest.param(
        {"input": INPUT, "output": {"schema": "never-shown,"}},
        ("output.schema: ends in a comma",),
        id="swallowed-comma-in-table",
    ),
]


@pytest.mark.parametrize(("content", "words"), WRONG)
def test_wrong_job(content: Mapping[str, Any], words: tuple[str, ...], tmp_path: Path) -> None:
    """The message names the file, the dotted place and what would have been right."""
    file = tmp_path / "job.json"
    file.write_text(json.dumps(content))

    with pytest.raises(MittoJobError) as refused:
        read_jobs(tmp_path)
    assert str(refused.value).startswith(f"{file}: ")
    assert all(word in str(refused.value) for word in words), refused.value
    assert "never-shown" not in str(refused.value)


def test_two_jobs_of_one_name_are_refused(tmp_path: Path) -> None:
    """Two jobs whose names become the same are both named."""
    (tmp_path / "a.json").write_text(json.dumps({"name": "Shop orders", "input": INPUT}))
    (tmp_path / "shop_orders.json").write_text(json.dumps({"input": INPUT}))

    with pytest.raises(MittoJobError, match=r"shop_orders\.json: name: .* name of .*a\.json too"):
        read_jobs(tmp_path)


def test_folder_without_jobs_is_refused(tmp_path: Path) -> None:
    """A folder that holds no job is a mistake, and so is one that does not exist."""
    (tmp_path / "README.md").write_text("# Jobs")

    with pytest.raises(MittoJobError, match="none ends in"):
        read_jobs(tmp_path)
    with pytest.raises(MittoJobError, match="there is no such folder"):
        read_jobs(tmp_path / "jobs")


def test_folders_inside_count_and_hidden_ones_do_not(tmp_path: Path) -> None:
    """Jobs may be sorted into folders; what begins with a dot is somebody else's."""
    for folder in ("seller", ".history", "folder.json"):
        (tmp_path / folder).mkdir()
    for file in ("seller/Orders.JSON", ".history/old.json", ".hidden.json"):
        (tmp_path / file).write_text(json.dumps({"input": INPUT}))

    assert [job.name for job in read_jobs(tmp_path)] == ["orders"]
