"""Credentials in a declaration: what is refused, what is warned of, and what is never shown."""

from datetime import date

import pytest

from asp_dagster.catalog.accounts import CredentialsSpec, literal_secrets_warning
from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.spapi import ConfigurationError

DAY = date(2026, 6, 1)
RIGHT = {"client_id": "app", "client_secret": "the-secret", "refresh_token": "the-token"}
AWS = {
    "region": "eu-west-1",
    "role_arn": "arn:aws:iam::1:role/x",
    "aws_access_key_id": "the-key",
    "aws_secret_access_key": "the-key-secret",
}

WRONG = [
    pytest.param({}, "credentials.client_id: is missing", id="nothing"),
    pytest.param({**RIGHT, "client_id": ""}, "credentials.client_id: is empty", id="empty"),
    pytest.param(
        {**RIGHT, "client_secret": None}, "credentials.client_secret: is empty", id="null"
    ),
    pytest.param(
        {**RIGHT, "refresh_token": " "}, "credentials.refresh_token: is empty", id="blank"
    ),
    pytest.param(
        {**RIGHT, "client_id": 123}, "credentials.client_id: Input should be", id="number"
    ),
    pytest.param({**RIGHT, "role_arn": 5}, "credentials.role_arn: Input should be", id="role"),
    pytest.param(
        {**RIGHT, "clientid": "app"},
        r"credentials\.clientid: unknown key; known: .*client_id.*role_arn",
        id="misspelt",
    ),
]

LITERAL = [
    pytest.param(RIGHT, ["credentials.client_secret, credentials.refresh_token:"], id="both"),
    pytest.param(
        {**RIGHT, "client_secret": "{{ env.ASP_X }}"}, ["credentials.refresh_token:"], id="one"
    ),
    pytest.param({"aws_secret_access_key": "x"}, ["credentials.aws_secret_access_key"], id="aws"),
    pytest.param({"client_secret": "x{{ env.X }}"}, ["credentials.client_secret:"], id="mixed"),
    pytest.param({"client_secret": "{{ x }}"}, ["credentials.client_secret:"], id="no-environment"),
    pytest.param({"client_secret": 12345}, ["credentials.client_secret:"], id="number"),
]

HARMLESS = [
    pytest.param("acme", id="name"),
    pytest.param(None, id="none"),
    pytest.param({"client_id": "app"}, id="no-secret"),
    pytest.param({"client_secret": "", "refresh_token": None}, id="empty"),
    pytest.param({"client_secret": "{{ env.X }}", "refresh_token": "{{env.Y}}"}, id="environment"),
    pytest.param({"client_secret": "{{ env('X') }}"}, id="environment-as-a-call"),
]


@pytest.mark.parametrize(("value", "words"), WRONG)
def test_wrong_credentials_name_their_place(value: dict[str, object], words: str) -> None:
    """A missing, empty, misspelt or mistyped key is refused with its dotted place."""
    with pytest.raises(DeclarationError, match=words):
        parse(CredentialsSpec, value, place="credentials")


def test_refused_credentials_are_not_shown() -> None:
    """A refusal does not repeat the secrets that stand beside the mistake."""
    with pytest.raises(DeclarationError) as refused:
        parse(CredentialsSpec, {**RIGHT, **AWS, "client_id": 1, "x": 2}, place="credentials")

    assert not [word for word in ("the-secret", "the-token", "the-key") if word in str(refused)]


def test_empty_aws_keys_are_none() -> None:
    """The AWS keys, which Amazon ignores, may be left out or left empty."""
    found = parse(CredentialsSpec, {**RIGHT, **dict.fromkeys(AWS, "")}, place="credentials")

    assert found == parse(CredentialsSpec, RIGHT, place="credentials")
    assert found.role_arn is None


def test_credentials_hide_their_secrets() -> None:
    """All seven of Mitto's keys are taken, and no secret is shown where the value is printed."""
    found = parse(CredentialsSpec, {**RIGHT, **AWS}, place="credentials")

    assert found.aws_secret_access_key == "the-key-secret"
    assert "eu-west-1" in repr(found)
    assert "the-" not in repr(found)


def test_credentials_log_in() -> None:
    """What the client logs in with is taken from the credentials."""
    login = CredentialsSpec(**RIGHT).login

    assert (login.client_id, *login.secrets) == tuple(RIGHT.values())


@pytest.mark.parametrize(
    ("issued", "day"),
    [(None, None), ("", None), ("2026-06-01", DAY), (DAY, DAY)],
    ids=["not-said", "empty", "text", "date"],
)
def test_day_of_the_client_secret(issued: object, day: date | None) -> None:
    """The day the client secret was issued may be left out, or be a text or YAML's date."""
    found = parse(CredentialsSpec, {**RIGHT, "client_secret_issued": issued}, place="credentials")

    assert found.secret_issued_on == day


def test_day_that_is_no_date() -> None:
    """Another text is refused when it is asked for, with the way to write it."""
    with pytest.raises(ConfigurationError, match="'June', which is no date; write it as 2026"):
        _ = CredentialsSpec(**RIGHT, client_secret_issued="June").secret_issued_on


def test_credentials_sign() -> None:
    """With both halves of an AWS key requests are signed, without any they are not."""
    keys = CredentialsSpec(**RIGHT, **AWS).aws_keys

    assert keys is not None
    assert [keys.access_key_id, keys.secret_access_key] == ["the-key", "the-key-secret"]
    assert (keys.role_arn, keys.region) == (AWS["role_arn"], AWS["region"])
    assert CredentialsSpec(**RIGHT).aws_keys is None


@pytest.mark.parametrize(
    ("half", "missing"),
    [
        ("aws_access_key_id", "aws_secret_access_key"),
        ("aws_secret_access_key", "aws_access_key_id"),
    ],
)
def test_half_an_aws_key_signs_nothing(half: str, missing: str) -> None:
    """Half a key is refused, and the other half named."""
    with pytest.raises(ConfigurationError, match=f"{missing} is needed too"):
        _ = CredentialsSpec(**RIGHT, **{half: "the-half"}).aws_keys


@pytest.mark.parametrize(("value", "words"), LITERAL)
def test_literal_secrets_are_warned_of(value: dict[str, object], words: list[str]) -> None:
    """A secret that stands in the file itself is warned of by its key, never by its value."""
    sentence = literal_secrets_warning(value) or ""

    assert all(word in sentence for word in words)
    assert "{{ env.ASP_" in sentence
    assert "the-secret" not in sentence


@pytest.mark.parametrize("value", HARMLESS)
def test_names_and_templates_are_not_warned_of(value: object) -> None:
    """A name, and secrets that come from the environment, are no reason to warn."""
    assert literal_secrets_warning(value) is None
