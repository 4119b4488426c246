"""Mitto's job files keep what they took of people, with one warning."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.components import MittoJobs
from asp_dagster.simulator import Simulator
from asp_dagster_tests.declaring import definitions_of
from asp_dagster_tests.personal_data.conftest import Run
from asp_dagster_tests.personal_data.feeds import V2026
from asp_dagster_tests.personal_data.looking import warehouse_text


def _mitto(folder: Path, **keys: Any) -> dg.Definitions:
    job = {"input": {"use": "amazon_selling_partner_api.io#AmazonSPApiReportInput", **keys}}
    (folder / "orders.json").write_text(json.dumps({"conf": job}))
    return definitions_of(MittoJobs, {"folder": str(folder)})


def test_mitto_job_of_a_restricted_report_is_accepted(tmp_path: Path) -> None:
    """It keeps what it took in Mitto, and one warning says how to hash or drop it."""
    kind = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"

    with pytest.warns(DeclarationWarning) as told:
        _mitto(tmp_path, report_spec={"reportType": kind}, file_format="TSV")

    [warning] = [str(each.message) for each in told]
    assert str(tmp_path / "orders.json") in warning
    assert "personal_columns: hash" in warning


def test_mitto_job_keeps_the_buyers(amazon: Simulator, run: Run, tmp_path: Path) -> None:
    """A job that asks for buyers lands and loads them, as in Mitto."""
    (tmp_path / "jobs").mkdir()
    job = {
        "use": "amazon_selling_partner_api.io#AmazonSPApiInput",
        "path": V2026["path"],
        "params": {"marketplaceIds": "ATVPDKIKX0DER", "includedData": "BUYER"}
        | {"lastUpdatedAfter": "2024-12-01T00:00:00Z"},
        "results_key": "orders",
        "updated_at_param": "lastUpdatedAfter",
        "record_config": V2026["record_config"],
    }
    (tmp_path / "jobs" / "buyers.json").write_text(json.dumps({"conf": {"input": job}}))

    with pytest.warns(DeclarationWarning, match="asks for personal data, which is kept"):
        result = run(amazon, MittoJobs, {"folder": str(tmp_path / "jobs")})

    assert result.success
    assert "Synthetic Buyer" in warehouse_text(tmp_path)


def test_mitto_job_without_personal_data_is_not_warned_of(tmp_path: Path) -> None:
    """Other jobs load without a word."""
    kind = "GET_MERCHANT_LISTINGS_ALL_DATA"

    definitions = _mitto(tmp_path, report_spec={"reportType": kind}, file_format="TSV")

    assert definitions.assets
