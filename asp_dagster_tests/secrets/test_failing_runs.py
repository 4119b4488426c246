"""No secret reaches a log, Dagster's event log, or a file, whatever goes wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from asp_dagster.components import AmazonSPReport
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.signatures import SecretKey, Signatures
from asp_dagster_tests.conftest import UNTIL, RunFeed, RunJob
from asp_dagster_tests.secret_search import secrets_of

DAY = (UNTIL - timedelta(days=1)).date().isoformat()

PERSONAL = {
    "name": "to_ship",
    "report": "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
    "pii": "include",
}
HTML = "<html><body>Service Unavailable</body></html>"
CURED = [
    {"operation": "requestToken", "status": 500, "body": HTML},
    {"operation": "searchOrders", "status": 503, "body": HTML},
    {"operation": "searchOrders", "drop": True},
    {"operation": "searchOrders", "truncate": True},
    {"operation": "downloadDocument", "drop": True},
]
FAULTS = {
    "none": [],
    "cured": CURED,
    "orders": [{"operation": "searchOrders", "times": 20, "status": 403}],
    "report": [{"operation": "createReport", "times": 20, "status": 400}],
    "document": [{"operation": "getReportDocument", "times": 20, "status": 403}],
    "download": [{"operation": "downloadDocument", "times": 2, "status": 403}],
    "half-download": [{"operation": "downloadDocument", "times": 2, "truncate": True}],
    "login": [{"operation": "requestToken", "times": 20, "status": 401}],
    "restricted": [{"operation": "createRestrictedDataToken", "times": 2, "status": 403}],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_no_secret_is_written(
    faults: list[dict[str, Any]],
    amazon: Simulator,
    run_job: RunJob,
    run_feed: RunFeed,
    written: Callable[[], str],
) -> None:
    """Run everything at DEBUG with a failure of each kind: secrets and signatures stay inside."""
    for fault in faults:
        amazon.fault(**fault)
    for job in ("orders_job", "reports_job"):
        run_job(amazon, job, DAY)
    run_feed(amazon, AmazonSPReport, PERSONAL)

    everything = written()

    assert DAY in everything
    assert faults or amazon.count("createRestrictedDataToken") == 1
    assert [secret for secret in secrets_of(amazon) if secret in everything] == []


@pytest.mark.parametrize("secret", ["the-aws-secret", "another"], ids=["right", "refused"])
def test_no_secret_of_aws_is_written(
    secret: str, run_job: RunJob, written: Callable[[], str]
) -> None:
    """Signed requests, and refusals that quote what was to be signed, leave no secret either."""
    keys = {
        "ASP_REGION": "us-east-1",
        "ASP_AWS_ACCESS_KEY_ID": "AKIA1",
        "ASP_AWS_SECRET_ACCESS_KEY": "the-aws-secret",
    }
    partner = Partner.generate(seed=11, orders=20, until=UNTIL, days=1)
    signatures = Signatures({"AKIA1": SecretKey(secret)}.get)
    with Simulator(partner, speed=1e6, signatures=signatures) as amazon:
        done = run_job(amazon, "orders_job", DAY, **keys)

    everything = written()
    assert done.success == (secret == "the-aws-secret")
    assert done.success or "does not match the signature" in everything
    sought = (*secrets_of(amazon), "the-aws-secret")
    assert [shown for shown in sought if shown in everything] == []


@pytest.mark.parametrize(
    "setting",
    [
        {"ASP_WAREHOUSE": "postgresql://asp:the-password@127.0.0.1:1/warehouse"},
        {"ASP_STATE": "postgresql://asp:the-password@127.0.0.1:1/state"},
        {"ASP_WAREHOUSE": "mysql://asp:the-password@127.0.0.1:1/warehouse"},
        {"ASP_STATE": "postgresql://asp:the-password@127.0.0.1:port/state"},
        {"ASP_ENDPOINT": "http://asp:the-password@example.com"},
        {"ASP_LWA_URL": "https://asp:the-password@127.0.0.1:1/auth/o2/token"},
    ],
    ids="-".join,
)
def test_no_password_of_a_setting_is_written(
    setting: dict[str, str], amazon: Simulator, run_job: RunJob, written: Callable[[], str]
) -> None:
    """A URL with a password that leads nowhere, or is wrong, fails without telling the password."""
    run_job(amazon, "orders_job", DAY, **setting)

    everything = written()
    assert "STEP_FAILURE" in everything
    sought = (*secrets_of(amazon), "the-password")
    assert [shown for shown in sought if shown in everything] == []
