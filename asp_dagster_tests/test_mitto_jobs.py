"""What is said of a job file when it is loaded names the file, be it a mistake or a warning."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.components import MittoJobs
from asp_dagster.mitto import MittoJobError
from asp_dagster_tests.declaring import definitions_of

INPUT = {
    "use": "amazon_selling_partner_api.io#AmazonSPApiInput",
    "path": "/sellers/v1/marketplaceParticipations",
}
LITERAL = {"client_id": "app", "client_secret": "never-shown", "refresh_token": "never-shown"}


def _load(folder: Path, **keys: Any) -> dg.Definitions:
    """Load a folder with one job file that has some keys more in its input."""
    job: Mapping[str, Any] = {"conf": {"input": {**INPUT, **keys}}}
    (folder / "shops.json").write_text(json.dumps(job))
    return definitions_of(MittoJobs, {"folder": str(folder)})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param({"params": {"page": 1}}, "params.page: ", id="parameter"),
        pytest.param({"params": 7}, "params: Input should be", id="kind"),
        pytest.param(
            {"record_config": {"id": "x"}}, "record_config.id_field: is missing", id="key"
        ),
        pytest.param({"credentials": ""}, "credentials: is empty", id="credentials"),
    ],
)
def test_mistake_names_the_job_file(keys: Mapping[str, Any], words: str, tmp_path: Path) -> None:
    """What is wrong below a job's keys is told with its file and where in it they stand."""
    with pytest.raises(MittoJobError) as refused:
        _load(tmp_path, **keys)

    assert str(refused.value).startswith(f"{tmp_path / 'shops.json'}: conf.input: {words}")


def test_warning_names_the_job_file(tmp_path: Path) -> None:
    """Of many job files the one that holds a secret is named, and the secret is not."""
    with pytest.warns(DeclarationWarning) as told:
        _load(tmp_path, credentials=LITERAL)

    [warning] = [str(each.message) for each in told]
    assert warning.startswith(f"{tmp_path / 'shops.json'}: conf.input: credentials.client_secret")
    assert "never-shown" not in warning
