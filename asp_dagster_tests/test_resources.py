"""The resource is a door: it checks settings when a run needs them, and hides secrets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from asp_dagster.catalog.accounts import CredentialsSpec
from asp_dagster.catalog.feeds import Account
from asp_dagster.resources import AmazonSPResource, WarehouseResource
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.signatures import SecretKey, Signatures
from asp_dagster.spapi import ConfigurationError
from asp_dagster.state import State, StateURLError
from asp_dagster.state.tables import QUOTA_BUCKETS

SETTINGS = {
    "endpoint": "https://sellingpartnerapi-na.amazon.com",
    "client_id": "amzn1.application-oa2-client.test",
    "client_secret": "the-client-secret",
    "refresh_token": "the-refresh-token",
}


@pytest.mark.parametrize("field", SETTINGS)
def test_missing_setting_is_named(field: str) -> None:
    """A missing setting ends in one sentence that names its variable."""
    resource = AmazonSPResource(**{**SETTINGS, field: None})

    with pytest.raises(ConfigurationError, match=f"ASP_{field.upper()}"):
        resource.get_client()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"endpoint": "sellingpartnerapi-na"}, "sellingpartnerapi-na", id="no-url"),
        pytest.param({"endpoint": "http://example.com"}, "https", id="plain-http"),
        pytest.param({"lwa_url": "http://example.com"}, "https", id="plain-http-login"),
        pytest.param({"max_wait": "long"}, "ASP_MAX_WAIT: 'long' is no length", id="no-length"),
        pytest.param({"marketplace_ids": " , "}, "ASP_MARKETPLACE_IDS", id="no-marketplace"),
        pytest.param({"marketplace_ids": "A1PA6795UKMFR9"}, "A1PA6795UKMFR9", id="other-region"),
        pytest.param({"marketplace_ids": "ATVPDKIKX0DE"}, "ATVPDKIKX0DE", id="unknown-marketplace"),
    ],
)
def test_setting_that_cannot_be_meant_is_refused(changes: dict[str, str], words: str) -> None:
    """A setting that cannot be meant is refused before anything is sent."""
    resource = AmazonSPResource(**{**SETTINGS, **changes})

    with pytest.raises(ConfigurationError, match=words):
        _use(resource)


def _use(resource: AmazonSPResource) -> None:
    """Do what a run does first."""
    resource.get_client()
    resource.marketplaces_of(Account())


def test_secrets_are_hidden() -> None:
    """No printed form of a resource shows a secret."""
    resource = AmazonSPResource(
        **SETTINGS, aws_access_key_id="the-key-id", aws_secret_access_key="the-aws-secret"
    )
    warehouse = WarehouseResource(url="postgresql://user:the-password@localhost/db")

    printed = f"{resource!r} {resource} {warehouse!r} {warehouse}"

    for secret in ("the-client", "the-refresh", "the-key-id", "the-aws", "the-password"):
        assert secret not in printed


@pytest.fixture(scope="module")
def strict() -> Iterator[Simulator]:
    """A simulator that wants requests signed by one key."""
    partner = Partner.generate(seed=11, orders=5, until=datetime.now(UTC), days=1)
    signatures = Signatures({"AKIA1": SecretKey("the-aws-secret")}.get)
    with Simulator(partner, speed=1e6, signatures=signatures) as running:
        yield running


@pytest.mark.parametrize("place", ["settings", "inline", "named"])
def test_aws_keys_sign(
    place: str, strict: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Requests are signed by AWS keys wherever credentials are kept."""
    values = {
        "client_id": strict.client_id,
        "client_secret": strict.client_secret,
        "refresh_token": strict.refresh_token,
        "region": "us-east-1",
        "aws_access_key_id": "AKIA1",
        "aws_secret_access_key": "the-aws-secret",
    }
    for key, value in values.items():
        monkeypatch.setenv(f"ASP_CREDENTIALS_ACME_{key.upper()}", value)
    accounts = {
        "settings": Account(),
        "inline": Account(credentials=CredentialsSpec(**values)),
        "named": Account(credentials="acme"),
    }
    settings = {**values} if place == "settings" else {}
    settings |= {"endpoint": strict.url, "lwa_url": strict.lwa_url}
    resource = AmazonSPResource(**settings, state=f"sqlite:///{tmp_path / 'state.db'}")

    answer = resource.get_client(accounts[place]).request(
        "GET", "/sellers/v1/marketplaceParticipations"
    )

    assert answer.status == 200


def test_role_needs_its_sts() -> None:
    """A role's session is got from the STS of the settings."""
    keys = {"aws_access_key_id": "AKIA1", "aws_secret_access_key": "s", "sts_url": "ftp://x"}

    with pytest.raises(ConfigurationError, match="'ftp://x' is no URL"):
        AmazonSPResource(**SETTINGS, **keys).get_client()


@pytest.mark.parametrize("half", ["aws_access_key_id", "aws_secret_access_key"])
def test_half_a_key_is_refused(half: str) -> None:
    """One half of the AWS keys alone is a mistake, told before anything is sent."""
    (other,) = {"aws_access_key_id", "aws_secret_access_key"} - {half}

    with pytest.raises(ConfigurationError, match=f"{other} is needed too"):
        AmazonSPResource(**SETTINGS, **{half: "the-half"}).get_client()


def test_one_client_per_run(simulator: Simulator, tmp_path: Path) -> None:
    """The client is the same throughout a run, and asking for it makes no state."""
    resource = AmazonSPResource(
        endpoint=simulator.url,
        lwa_url=simulator.lwa_url,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        refresh_token=simulator.refresh_token,
        state=f"sqlite:///{tmp_path / 'state.db'}",
    )

    assert resource.get_client() is resource.get_client()
    assert list(tmp_path.iterdir()) == []


def test_all_who_use_the_resource_share_one_quota(simulator: Simulator, tmp_path: Path) -> None:
    """Two resources with the same state, as two processes have them, draw on one bucket."""
    state = f"sqlite:///{tmp_path / 'state.db'}"
    names = ("lwa_url", "client_id", "client_secret", "refresh_token")
    settings = {name: getattr(simulator, name) for name in names}
    for _ in range(2):
        resource = AmazonSPResource(endpoint=simulator.url, state=state, **settings)
        resource.get_client().request("GET", "/sellers/v1/marketplaceParticipations")
        resource.close()

    with State.from_url(state) as opened, opened._database.transaction() as connection:
        sent = connection.execute(select(QUOTA_BUCKETS.c.operation, QUOTA_BUCKETS.c.sent)).all()
    assert sent == [("GET /sellers/v1/marketplaceParticipations", 2)]


def test_wrong_state_is_refused() -> None:
    """A state that cannot be meant is refused before anything is sent."""
    with pytest.raises(StateURLError, match="mysql"):
        AmazonSPResource(**SETTINGS, state="mysql://host/db").get_client()


def test_marketplaces_are_split_at_commas() -> None:
    """Marketplace ids are separated by commas, with or without spaces."""
    resource = AmazonSPResource(**SETTINGS, marketplace_ids="ATVPDKIKX0DER, A2EUQ1WTGCTBG2,")

    assert resource.marketplaces_of(Account()) == ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
