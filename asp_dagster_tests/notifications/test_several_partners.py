"""One queue serves several selling partners, and the orders of both versions."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.notifications.sensor import build_sensors
from asp_dagster.notifications.subscribing import Subscribing
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials, SellingPartnerClient
from asp_dagster.state import State
from asp_dagster_tests.notifications.ticking import Location, depth
from asp_dagster_tests.partners.several import credentials_of, declared, login_of

Amazons = Mapping[str, Simulator]
FEEDS = ["orders", {"feed": "orders_v0", "notifications": True}]


@pytest.fixture
def amazons(monkeypatch: pytest.MonkeyPatch) -> Iterator[Amazons]:
    """Three selling partners behind one Login with Amazon."""
    until = datetime.now(UTC) - timedelta(hours=30)
    acme, globex, other = (
        Partner.generate(seed=seed, orders=40, until=until, days=1) for seed in (11, 12, 13)
    )
    with (
        Simulator(acme, speed=1e7) as first,
        Simulator(globex, speed=1e7) as second,
        Simulator(other, speed=1e7) as third,
        login_of([first, second, third]) as login,
    ):
        found = {"acme": first, "globex": second, "other": third}
        monkeypatch.setenv("ASP_LWA_URL", login)
        for account, amazon in found.items():
            for variable, value in credentials_of(account, amazon).items():
                monkeypatch.setenv(variable, value)
        yield found


@pytest.fixture
def definitions(amazons: Amazons, environment: None) -> Iterator[dg.Definitions]:  # noqa: ARG001 - the settings stand
    """Two of the partners with both feeds of orders, one of them without those of v0."""
    accounts = [
        {"name": name, "endpoint": amazon.url, "seller_id": amazon.notifications.seller_id}
        for name, amazon in amazons.items()
        if name != "other"
    ]
    accounts[1]["without"] = ["orders_v0"]
    with declared({"accounts": accounts, "feeds": FEEDS}) as (defs, _):
        yield dg.Definitions.merge(defs, dg.Definitions(sensors=build_sensors(defs)))


@pytest.fixture
def locations(
    amazons: Amazons,
    definitions: dg.Definitions,
    arn: str,
    aws_endpoint: str,
    instance: dg.DagsterInstance,
    tmp_path: Path,
) -> Mapping[str, Location]:
    """One code location, seen by each partner, all of them subscribed to one queue."""
    for amazon in amazons.values():
        login = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)
        with SellingPartnerClient(login, amazon.url, lwa_url=amazon.lwa_url) as client:
            assert {part.state for part in Subscribing(client, arn).set_up()} == {"made"}
    return {
        name: Location(amazon, "", aws_endpoint, instance, tmp_path, lambda: definitions)
        for name, amazon in amazons.items()
    }


def test_each_partner_fetches_its_own(
    locations: Mapping[str, Location], amazons: Amazons, queue: Any, arn: str, tmp_path: Path
) -> None:
    """Each account's feeds fetch what changed at it, v0 too; who is nobody's is noted."""
    changed = {name: len(each.change()) for name, each in locations.items()}
    for each in locations.values():
        each.notify()

    started = [locations["acme"].tick(), locations["acme"].tick()]

    assert started == [3, 0]
    asked = {name: amazon.count("getOrder") for name, amazon in amazons.items()}
    assert asked == {"acme": 2 * changed["acme"], "globex": changed["globex"], "other": 0}
    assert depth(queue) == 0
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        [nobodys] = state.notifications.all_unserved(arn)
    assert nobodys.seller_id == amazons["other"].notifications.seller_id
    assert nobodys.messages == changed["other"]


def test_partner_that_fails_keeps_no_other_waiting(
    locations: Mapping[str, Location], amazons: Amazons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that are gone fail the run of that account; the other's orders come."""
    locations["acme"].change()
    changed = locations["globex"].change()
    for each in locations.values():
        each.notify()
    monkeypatch.delenv("ASP_CREDENTIALS_ACME_REFRESH_TOKEN")
    requests = locations["acme"].evaluated().run_requests or []

    ended = {
        str(each.job_name): locations["acme"].run(dict(each.tags), str(each.job_name)).success
        for each in requests
    }

    assert ended == {
        "acme_orders_job": False,
        "acme_orders_v0_job": False,
        "globex_orders_job": True,
    }
    assert amazons["globex"].count("getOrder") == len(changed)
