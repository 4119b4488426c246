"""No secret reaches a log, Dagster's event log, or a file, whatever goes wrong."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._serdes import serialize_value

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.signatures import SecretKey, Signatures

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

RunJob = Callable[..., dg.ExecuteInProcessResult]

FAULTS = [
    {},
    {"operation": "searchOrders", "times": 20, "status": 403},
    {"operation": "createReport", "times": 20, "status": 400},
    {"operation": "downloadDocument", "times": 2, "status": 403},
    {"operation": "downloadDocument", "times": 2, "truncate": True},
    {"operation": "requestToken", "times": 20, "status": 401},
    {"operation": "createRestrictedDataToken", "times": 2, "status": 403},
]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose quota never binds, with a report of personal data."""
    partner = Partner.generate(seed=11, orders=20, until=UNTIL, days=1)
    restricted = {"GET_SALES_AND_TRAFFIC_REPORT"}
    settings = {"speed": 1e6, "report_seconds": 0.05, "restricted_report_types": restricted}
    with Simulator(partner, **settings) as running:
        yield running


@pytest.fixture
def written(
    instance: dg.DagsterInstance,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[], str]:
    """Collect everything that was written: logs, output, Dagster's storage, files."""
    caplog.set_level(logging.DEBUG)

    def collect() -> str:
        runs = [record.dagster_run for record in instance.get_run_records()]
        events = [event for run in runs for event in instance.all_logs(run.run_id)]
        files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        stored = map(serialize_value, [*runs, *events])
        contents = (content.decode(errors="replace") for content in files)
        # The simulator's server sees the URLs that it signed itself; its log is nobody's.
        ours = (record for record in caplog.records if record.name != "uvicorn.access")
        logged = map(caplog.handler.format, ours)
        return "\n".join([*logged, *capfd.readouterr(), *stored, *contents])

    return collect


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.get("operation", "none"))
def test_no_secret_is_written(
    fault: dict[str, object],
    amazon: Simulator,
    run_job: RunJob,
    written: Callable[[], str],
) -> None:
    """Run everything at DEBUG with a failure of each kind: secrets and signatures stay inside."""
    if fault:
        amazon.fault(**fault)  # type: ignore[arg-type] - the table holds its arguments
    for job in ("orders_job", "reports_job"):
        run_job(amazon, job, DAY)

    everything = written()

    assert DAY in everything
    tokens = ("Atza|", "Atz.sprdt|", "X-Amz-Signature=")
    for secret in (amazon.client_secret, amazon.refresh_token, *tokens):
        assert secret not in everything


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
    for shown in (amazon.client_secret, amazon.refresh_token, "the-aws-secret", "Atza|"):
        assert shown not in everything
