"""Requests are signed if AWS keys are given, by a role's session if a role is given, else not."""

import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.sts.models import sts_backends

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.signatures import SecretKey, Signatures
from asp_dagster.spapi import (
    AwsKeys,
    ConfigurationError,
    Credentials,
    NotFoundError,
    RequestError,
    SellingPartnerClient,
    SellingPartnerError,
    SignatureRefusedError,
    Signer,
    UnavailableError,
    download_document,
)

KEYS = AwsKeys(access_key_id="AKIA1", secret_access_key="the-aws-secret", region="us-east-1")
ROLE = "arn:aws:iam::123456789012:role/selling-partner"
NOW = datetime.now(UTC)
REFUSAL = "<ErrorResponse><Error><Code>{0}</Code><Message>No.</Message></Error></ErrorResponse>"


def _secret_key(key_id: str) -> SecretKey | None:
    """Tell what belongs to a key: the user's, or one of the sessions that the STS gave out."""
    if key_id == KEYS.access_key_id:
        return SecretKey(KEYS.secret_access_key)
    session = sts_backends["123456789012"]["aws"].get_assumed_role_from_access_key(key_id)
    return session and SecretKey(session.secret_access_key, session.session_token)


@pytest.fixture(scope="module")
def strict() -> Iterator[Simulator]:
    """A simulator that wants requests signed."""
    partner = Partner.generate(seed=11, orders=20, until=NOW, days=1)
    signatures = Signatures(_secret_key, "us-east-1")
    with Simulator(partner, speed=1e6, report_seconds=0, signatures=signatures) as running:
        yield running


@pytest.fixture
def refusing_sts() -> Iterator[Callable[[int, str], str]]:
    """Start an STS that refuses everything: moto's has a session for everybody."""
    servers = []

    def start(status: int, code: str) -> str:
        class Refusal(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(REFUSAL.format(code).encode())

        server = HTTPServer(("127.0.0.1", 0), Refusal)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def connect(strict: Simulator) -> Iterator[Callable[..., SellingPartnerClient]]:
    """Open clients of the strict simulator, with these keys."""
    opened = []

    def connect_one(keys: AwsKeys | None = KEYS, **changes: Any) -> SellingPartnerClient:
        login = Credentials(strict.client_id, strict.client_secret, strict.refresh_token)
        signer = Signer(keys, strict.url, changes.get("clock")) if keys else None
        usual = {"lwa_url": strict.lwa_url, "signer": signer}
        opened.append(SellingPartnerClient(login, strict.url, **(usual | changes)))
        return opened[-1]

    yield connect_one
    for client in opened:
        client.close()


def _keys(**changes: Any) -> AwsKeys:
    return AwsKeys(
        access_key_id=changes.pop("access_key_id", KEYS.access_key_id),
        secret_access_key=changes.pop("secret_access_key", KEYS.secret_access_key),
        **{"region": "us-east-1", **changes},
    )


def _participations(client: SellingPartnerClient) -> int:
    return client.request("GET", "/sellers/v1/marketplaceParticipations").status


def test_keys_sign(connect: Callable[..., SellingPartnerClient]) -> None:
    """Without a role the keys sign by themselves."""
    assert _participations(connect()) == 200


def test_without_keys_nothing_is_signed(connect: Callable[..., SellingPartnerClient]) -> None:
    """A host that wants a signature refuses a request without one, and the error says so."""
    with pytest.raises(SellingPartnerError, match="Missing Authentication Token"):
        _participations(connect(None))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.text(max_size=20), max_size=3), order_id=st.text(min_size=1, max_size=20))
def test_every_request_is_signed_as_it_arrives(
    connect: Callable[..., SellingPartnerClient], values: list[str], order_id: str
) -> None:
    """Whatever stands in path and query, both sides agree on the signature: no 403."""
    path = f"/orders/v0/orders/{quote(order_id.replace('.', 'x'), safe='')}"

    with pytest.raises((NotFoundError, RequestError)):
        connect().request("GET", path, params={f"key {i}": value for i, value in enumerate(values)})


def test_bodies_are_signed(strict: Simulator, connect: Callable[..., SellingPartnerClient]) -> None:
    """A body is part of the signature, and documents and logins never see one."""
    client, body = connect(), {"reportType": "GET_SALES_AND_TRAFFIC_REPORT"}
    marketplaces = {"marketplaceIds": ["ATVPDKIKX0DER"]}
    created = client.request("POST", "/reports/2021-06-30/reports", body=body | marketplaces)
    report = client.request("GET", f"/reports/2021-06-30/reports/{created.body['reportId']}").body

    download_document(client, report["reportDocumentId"], io.BytesIO())

    assert strict.count("downloadDocument", 200) == 1
    assert strict.tokens_seen_at_documents == []


def test_logins_are_not_signed(make_client: Callable[..., Any], server: Any) -> None:
    """Only what goes to the Selling Partner API is signed."""
    make_client(signer=Signer(KEYS, server.url)).request("GET", server.answer({"a": 1}) and "/x")

    assert "Authorization" not in server.logins[0].headers
    signed = server.calls[0].headers["Authorization"]
    assert "SignedHeaders=host;x-amz-access-token;x-amz-date," in signed
    assert "/us-east-1/execute-api/aws4_request" in signed


def test_a_roles_session_signs_and_is_renewed_before_it_ends(
    connect: Callable[..., SellingPartnerClient], aws_endpoint: str, clock: Any
) -> None:
    """One session lasts for nearly an hour, whatever the number of requests."""
    sessions = sts_backends["123456789012"]["aws"].assumed_roles
    client, before = connect(_keys(role_arn=ROLE, sts_url=aws_endpoint), clock=clock), len(sessions)
    counts = []
    for wait_seconds in (0, 3500, 50, 3500):
        clock.sleep(wait_seconds)
        assert _participations(client) == 200
        counts.append(len(sessions) - before)

    assert counts == [1, 1, 2, 2]
    assert sessions[-1].session_name == "asp_dagster"


def test_an_expired_session_is_renewed(
    make_client: Callable[..., Any], server: Any, aws_endpoint: str
) -> None:
    """A session that Amazon takes for expired, as after a suspended machine, is renewed once."""
    said = "The security token included in the request is expired"
    server.refuse(403, "ExpiredToken", said).answer({"a": 1})
    signer = Signer(_keys(role_arn=ROLE, sts_url=aws_endpoint), server.url)

    make_client(signer=signer).request("GET", "/x")

    first, second = (call.headers["X-Amz-Security-Token"] for call in server.calls)
    assert first != second


def test_keys_have_nothing_to_renew(make_client: Callable[..., Any], server: Any) -> None:
    """A refused access token is renewed as ever when the keys sign by themselves."""
    server.refuse(403, "Unauthorized", "The access token has expired.").answer({"a": 1})

    make_client(signer=Signer(KEYS, server.url)).request("GET", "/x")

    assert len(server.logins) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"secret_access_key": "wrong"}, "does not match", id="secret"),
        pytest.param({"access_key_id": "AKIA2"}, "included in the request is invalid", id="id"),
        pytest.param({"region": "eu-west-1"}, "scoped to a valid region", id="region"),
    ],
)
def test_wrong_keys_are_told(
    strict: Simulator,
    connect: Callable[..., SellingPartnerClient],
    changes: dict[str, str],
    words: str,
) -> None:
    """A refused signature is not sent again, and the error has a remedy and none of the tokens."""
    before = strict.count("getMarketplaceParticipations")
    with pytest.raises(SignatureRefusedError, match=words) as refused:
        _participations(connect(_keys(**changes)))

    assert strict.count("getMarketplaceParticipations") == before + 1
    assert "remove the AWS keys" in str(refused.value)
    assert "Atza|" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(403, "AccessDenied", SignatureRefusedError, id="refused"),
        pytest.param(503, "ServiceUnavailable", UnavailableError, id="trouble"),
        pytest.param(400, "Throttling", UnavailableError, id="throttled"),
    ],
)
def test_refused_session_is_told(
    refusing_sts: Callable[[int, str], str], status: int, code: str, error: type[Exception]
) -> None:
    """What STS refuses is told with its code, and whether waiting can cure it."""
    signer = Signer(_keys(role_arn=ROLE, sts_url=refusing_sts(status, code)), "http://127.0.0.1")

    with pytest.raises(error, match=f"AWS STS AssumeRole: Amazon answered {status} {code}, No"):
        signer.prepare()


def test_unreachable_sts_is_told() -> None:
    """An STS that does not answer can be waited for."""
    signer = Signer(_keys(role_arn=ROLE, sts_url="http://127.0.0.1:1"), "http://127.0.0.1")

    with pytest.raises(UnavailableError, match="no answer from AWS STS"):
        signer.prepare()


def test_what_is_no_role_is_told(aws_endpoint: str) -> None:
    """A role that can be none is a mistake in the settings."""
    with pytest.raises(ConfigurationError, match="RoleArn"):
        Signer(_keys(role_arn="x", sts_url=aws_endpoint), "http://127.0.0.1").prepare()


@pytest.mark.parametrize(
    ("region", "endpoint", "expected"),
    [
        pytest.param(None, "https://sellingpartnerapi-eu.amazon.com", "eu-west-1", id="amazon"),
        pytest.param(None, "http://127.0.0.1", "us-east-1", id="another"),
        pytest.param("us-west-2", "http://127.0.0.1", "us-west-2", id="given"),
    ],
)
def test_region_comes_from_the_endpoint(region: str | None, endpoint: str, expected: str) -> None:
    """Amazon's endpoints tell their region; of another host it is the usual one, or given."""
    assert Signer(_keys(region=region), endpoint)._region == expected


def test_without_a_session_requests_go_unsigned(
    make_client: Callable[..., Any],
    server: Any,
    refusing_sts: Callable[[int, str], str],
    clock: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A dead role stops nobody: Amazon needs no signature. It is told, and asked again later."""
    keys = _keys(role_arn=ROLE, sts_url=refusing_sts(403, "AccessDenied"))
    client = make_client(signer=Signer(keys, server.url, clock))
    for _ in range(3):
        server.answer({"a": 1})

    client.request("GET", "/x")
    client.request("GET", "/x")
    told = caplog.text.count("Requests go unsigned")
    clock.sleep(901)
    client.request("GET", "/x")

    assert not any("Authorization" in call.headers for call in server.calls)
    assert (told, caplog.text.count("Requests go unsigned")) == (1, 2)


def test_botocore_is_imported_to_sign_only() -> None:
    """Who signs nothing does not wait for botocore."""
    code = "import sys, asp_dagster.spapi; print('botocore.auth' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout

    assert printed.strip() == b"False"


def test_sts_is_asked_encrypted() -> None:
    """The keys' requests leave this machine by https only."""
    with pytest.raises(ConfigurationError, match="unencrypted"):
        Signer(_keys(role_arn=ROLE, sts_url="http://sts.example.com"), "http://127.0.0.1")


def test_nothing_of_it_is_logged(
    connect: Callable[..., SellingPartnerClient],
    aws_endpoint: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At DEBUG, neither keys nor sessions nor what is signed reach a log, an error or a `repr`."""
    caplog.set_level(logging.DEBUG)
    keys = _keys(role_arn=ROLE, sts_url=aws_endpoint)
    client = connect(keys)
    _participations(client)
    session = sts_backends["123456789012"]["aws"].assumed_roles[-1]
    with pytest.raises(SignatureRefusedError) as refused:
        _participations(connect(_keys(role_arn=ROLE, sts_url=aws_endpoint, region="eu-west-1")))

    ours = (record for record in caplog.records if record.name != "werkzeug")
    shown = [*map(caplog.handler.format, ours), str(refused.value), repr(keys)]
    written = "\n".join([*shown, repr(client._signer._last)])  # type: ignore[attr-defined] # a Signer
    for secret in (
        *(keys.access_key_id, keys.secret_access_key, session.secret_access_key),
        *(session.session_token, "Atza|"),
    ):
        assert secret not in written


def test_others_logs_stay(caplog: pytest.LogCaptureFixture, aws_endpoint: str) -> None:
    """What botocore logs for somebody else in the process is logged as before."""
    caplog.set_level(logging.DEBUG)
    Signer(_keys(role_arn=ROLE, sts_url=aws_endpoint), "http://127.0.0.1").prepare()
    logging.getLogger("botocore.parsers").debug("another's")

    assert "another's" in caplog.text


def test_secrets_are_known_before_the_first_session() -> None:
    """What must never be shown is known before anything is sent."""
    signer = Signer(KEYS, "https://sellingpartnerapi-na.amazon.com")

    assert set(signer.secrets) == {"the-aws-secret", ""}
