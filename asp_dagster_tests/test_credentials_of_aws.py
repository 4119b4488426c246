"""Named credentials in AWS Secrets Manager are found, or well missed."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from asp_dagster.credentials import (
    CredentialsError,
    CredentialsStore,
    CredentialsUnavailableError,
    _refused,
)
from asp_dagster.spapi import ConfigurationError

VALUES = {"client_id": "app", "client_secret": "the-secret", "refresh_token": "the-token"}

SECRETS = [
    pytest.param("the-secret", ["no JSON object"], id="no-json"),
    pytest.param('["the-secret"]', ["no JSON object", "client_id, client_secret"], id="list"),
    pytest.param(json.dumps({**VALUES, "client_id": ""}), ["client_id: is empty"], id="empty"),
    pytest.param(json.dumps({**VALUES, "x": 1}), ["secret.x: unknown key"], id="unknown-key"),
]


@pytest.fixture
def aws(aws_settings: None) -> Any:  # noqa: ARG001 - they lead there
    """A client of the Secrets Manager that the settings lead to."""
    return boto3.client("secretsmanager")


@pytest.fixture
def refuse() -> Iterator[Callable[[str], str]]:
    """Start a Secrets Manager that refuses everything with a code of AWS's: moto has one only.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
    """
    with ExitStack() as started:

        def start(code: str) -> str:
            class Refusal(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    self.rfile.read(int(self.headers["Content-Length"]))
                    answer = {"__type": code, "Message": "user/nobody may not."}
                    self.send_response(400)
                    self.end_headers()
                    self.wfile.write(json.dumps(answer).encode())

            server = started.enter_context(HTTPServer(("127.0.0.1", 0), Refusal))
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            started.callback(thread.join)
            started.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


def _mistake(store: CredentialsStore, name: str) -> str:
    with pytest.raises(CredentialsError) as missed:
        store.find(name)
    assert "the-secret" not in str(missed.value)
    assert "the-token" not in str(missed.value)
    return str(missed.value)


def test_secrets_manager_has_credentials(aws: Any) -> None:
    """A name that begins with `aws-secretsmanager:` is a secret's id, or its ARN in any region."""
    aws.create_secret(Name="amazon/acme", SecretString=json.dumps(VALUES))
    elsewhere = boto3.client("secretsmanager", region_name="us-west-2")
    answer = elsewhere.create_secret(
        Name="acme", SecretString=json.dumps({**VALUES, "client_id": "west"})
    )
    store = CredentialsStore({})

    assert store.find("aws-secretsmanager:amazon/acme").client_id == "app"
    assert store.find(f"aws-secretsmanager:{answer['ARN']}").client_id == "west"


@pytest.mark.parametrize(("text", "words"), SECRETS)
def test_wrong_secret_is_told_without_its_value(text: str, words: list[str]) -> None:
    """A secret that holds no credentials is told by its id and key, never by value."""
    store = CredentialsStore({}, secrets_manager={"amazon/acme": text}.__getitem__)

    mistake = _mistake(store, "aws-secretsmanager:amazon/acme")

    assert [word for word in ["'amazon/acme'", *words] if word not in mistake] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "none", ["'none'", "ResourceNotFound", "check its id, the AWS region"], id="none"
        ),
        pytest.param("gone", ["'gone'", "deleted", "restore it"], id="deleted"),
        pytest.param(
            "binary",
            ["'binary' in AWS Secrets Manager is binary", "store a JSON object"],
            id="binary",
        ),
        pytest.param("", ["names no secret"], id="no-id"),
    ],
)
def test_secret_that_is_not_there(aws: Any, name: str, words: list[str]) -> None:
    """A secret that cannot be read is told in one sentence with what AWS said and the remedy."""
    aws.create_secret(Name=f"{name}-other", SecretString="{}")
    if name == "gone":
        aws.create_secret(Name="gone", SecretString=json.dumps(VALUES))
        aws.delete_secret(SecretId="gone")
    if name == "binary":
        aws.create_secret(Name="binary", SecretBinary=b"the-secret")

    mistake = _mistake(CredentialsStore({}), f"aws-secretsmanager:{name}")

    assert [word for word in words if word not in mistake] == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "allow the run's role secretsmanager:GetSecretValue"),
        ("DecryptionFailure", "allow the run's role kms:Decrypt"),
        ("UnrecognizedClientException", "check AWS's settings"),
    ],
)
def test_secret_that_aws_refuses(
    aws: Any, refuse: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    """What AWS refuses is told in its words, with the permission that is missing."""
    assert aws
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", refuse(code))

    mistake = _mistake(CredentialsStore({}), "aws-secretsmanager:acme")

    assert mistake.startswith("The secret 'acme' in AWS Secrets Manager cannot be read: ")
    assert [word for word in (code, "user/nobody may not", words) if word not in mistake] == []


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError"])
def test_passing_trouble_at_aws_is_curable(code: str) -> None:
    """Throttling and trouble at AWS's end are worth another try later."""
    answer = {"Error": {"Code": code, "Message": "Later."}}

    refused = _refused("acme", ClientError(answer, "GetSecretValue"))

    assert refused.is_curable_by_waiting


def test_a_secret_is_not_logged(aws: Any, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, boto would log AWS's answer, which is the secret itself."""
    aws.create_secret(Name="quiet", SecretString=json.dumps(VALUES))
    caplog.clear()
    caplog.set_level(logging.DEBUG)

    found = CredentialsStore({}).find("aws-secretsmanager:quiet")

    assert (found.client_secret, found.refresh_token) == ("the-secret", "the-token")
    assert "botocore" in caplog.text
    assert "the-secret" not in caplog.text
    assert "the-token" not in caplog.text


def test_secrets_manager_without_credentials_of_aws(
    aws: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without any credentials of AWS's own, that is what is told."""
    aws.create_secret(Name="unreachable", SecretString=json.dumps(VALUES))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    mistake = _mistake(CredentialsStore({}), "aws-secretsmanager:unreachable")

    assert "Unable to locate credentials" in mistake


def test_secrets_manager_that_is_not_there(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Secrets Manager that cannot be reached is a trouble that waiting may cure."""
    assert aws
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")

    with pytest.raises(CredentialsUnavailableError) as missed:
        CredentialsStore({}).find("aws-secretsmanager:acme")

    assert missed.value.is_curable_by_waiting
    assert not CredentialsError.is_curable_by_waiting
    assert isinstance(missed.value, ConfigurationError)
