"""What leaves this machine is encrypted, for a host that proves who it is, always."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from asp_dagster.spapi import ConfigurationError
from asp_dagster.spapi.transport import Transport

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in VARIABLES:
        monkeypatch.delenv(each, raising=False)


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport."""
    made = Transport("test")
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody trusts by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated Amazon")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture(scope="module")
def encrypted_url(certificate: Path) -> Iterator[str]:
    """A server of that certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay out of the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment] # refusals
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("value", [None, "", "0", "false"], ids=str)
@pytest.mark.parametrize("variable", VARIABLES)
def test_no_variable_turns_verification_off(
    transport: Transport,
    encrypted_url: str,
    variable: str,
    value: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate that nobody vouches for is refused, whatever the variables hold."""
    if value is not None:
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")

    with pytest.raises(ConfigurationError, match="certificate"):
        transport.send("getThing", requests.Request("GET", encrypted_url))


@pytest.mark.parametrize("variable", VARIABLES)
def test_certificates_of_ones_own_are_trusted(
    transport: Transport,
    encrypted_url: str,
    certificate: Path,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file of certificates may add whom to trust, such as a proxy of the company."""
    monkeypatch.setenv(variable, str(certificate))

    assert transport.send("getThing", requests.Request("GET", encrypted_url)).status_code == 200


@pytest.mark.parametrize(
    "url", ["http://example.com/x?X-Amz-Signature=SECRET", "http://10.0.0.1/", "http://[::2]/"]
)
def test_nothing_unencrypted_leaves_this_machine(transport: Transport, url: str) -> None:
    """A plain URL, whoever named it, is refused before a connection is made, unquoted."""
    with pytest.raises(ConfigurationError, match="is not encrypted") as refused:
        transport.send("downloadDocument", requests.Request("GET", url))

    assert "SECRET" not in str(refused.value)


def test_no_proxy_sees_what_is_not_encrypted(
    transport: Transport, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain URL of this machine does not go through a proxy, which is another one."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.answer()

    transport.send("getThing", requests.Request("GET", server.url))

    assert len(server.calls) == 1
