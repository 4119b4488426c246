"""One selling partner's failure stops no other, and one's quota keeps no other waiting."""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.credentials import CredentialsError
from asp_dagster.declared import feeds_of
from asp_dagster.resources import AmazonSPResource
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.outcomes import failure_of, materialized
from asp_dagster_tests.partners.several import (
    DAY,
    UNTIL,
    Amazons,
    Run,
    credentials_of,
    declared,
    login_of,
)

SHOPS = {
    "type": "asp_dagster.AmazonSPApi",
    "name": "shops",
    "path": "/sellers/v1/marketplaceParticipations",
    "results_key": "payload",
    "partitions": "daily",
}
PARTICIPATIONS_AT_ONCE = 15


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param("REFRESH_TOKEN", "Atzr|revoked", "invalid_grant", id="revoked"),
        pytest.param("CLIENT_SECRET", "amzn1.oa2-cs.v1.old", "invalid_client", id="secret"),
        pytest.param("CLIENT_SECRET", "", "not whole", id="missing"),
    ],
)
def test_failure_of_one_stops_no_other(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """In a run of all selling partners' assets the steps of the others go on to their end."""
    monkeypatch.setenv(f"ASP_CREDENTIALS_ACME_{variable}", value)

    result = run(["orders"], shared_tables=True)

    assert not result.success
    assert words in failure_of(result)
    assert materialized(result) == ["globex/raw_orders", "globex/orders", "globex/order_items"]


def test_job_of_another_knows_nothing_of_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs are separate: that of one runs, whatever the other's credentials are."""
    monkeypatch.delenv("ASP_CREDENTIALS_ACME_REFRESH_TOKEN")

    assert run(["orders"], job="globex_orders_job").success
    assert not run(["orders"], job="acme_orders_job").success


def test_quota_is_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has used up a quota keeps nobody else waiting, and none is throttled."""
    one, other = (Partner.generate(seed=s, orders=1, until=UNTIL, days=1) for s in (11, 12))
    with Simulator(one) as acme, Simulator(other) as globex, login_of([acme, globex]) as login:
        for account, simulated in (("acme", acme), ("globex", globex)):
            for variable, value in credentials_of(account, simulated).items():
                monkeypatch.setenv(variable, value)
        amazon = AmazonSPResource(lwa_url=login, state=f"sqlite:///{tmp_path / 'quota.db'}")
        with declared(
            {
                "accounts": [
                    {"name": "acme", "endpoint": acme.url},
                    {"name": "globex", "endpoint": globex.url},
                ],
                "feeds": [SHOPS],
            }
        ) as (_, folder):
            clients = [amazon.get_client(feed.account) for feed in feeds_of(folder)]

        for client in clients:
            for _number in range(PARTICIPATIONS_AT_ONCE):
                client.request("GET", SHOPS["path"])

        used = [client.statistics.snapshot() for client in clients]
        amazon.close()
    assert [(each.calls, each.throttled) for each in used] == [(PARTICIPATIONS_AT_ONCE, 0)] * 2
    assert sum(each.wait_seconds for each in used) < 1


# Dagster says so of the sensors of any component.
@pytest.mark.filterwarnings("ignore:Parameter `owners` of initializer `SensorDefinition")
def test_sensor_of_another_knows_nothing_of_it(
    amazons: Amazons,
    environment: None,  # noqa: ARG001 - the settings stand
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reports that are waited for are fetched, whatever the credentials of others are."""
    accounts = [{"name": name, "endpoint": each.url} for name, each in amazons.items()]
    feeds = [{"feed": "all_orders", "wait": "sensor"}]
    with declared({"accounts": accounts, "feeds": feeds}) as (defs, _):
        for account in amazons:
            job = defs.resolve_job_def(f"{account}_all_orders_job")
            assert job.execute_in_process(partition_key=DAY, instance=instance).success
        monkeypatch.delenv("ASP_CREDENTIALS_ACME_REFRESH_TOKEN")

        acme, globex = (
            _ticks(defs, f"{account}_all_orders_reports_sensor", instance) for account in amazons
        )

    assert [each.partition_key or each.tags["dagster/partition"] for each in globex] == [DAY]
    assert "ASP_CREDENTIALS_ACME_REFRESH_TOKEN" in str(acme)


def _ticks(
    defs: dg.Definitions, sensor: str, instance: dg.DagsterInstance
) -> Sequence[dg.RunRequest] | Exception:
    """What a sensor asks for, or why it cannot."""
    context = dg.build_sensor_context(instance=instance, resources=build_resources())
    try:
        with context:
            return defs.resolve_sensor_def(sensor).evaluate_tick(context).run_requests or ()
    except CredentialsError as error:
        return error
