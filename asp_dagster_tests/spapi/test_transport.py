"""A request goes out with limits, without cookies, and its failures name no URL."""

import logging
import re
import ssl
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
import requests

from asp_dagster.spapi import ConfigurationError, UnavailableError
from asp_dagster.spapi import transport as transport_module
from asp_dagster.spapi.transport import Transport, default_user_agent


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport."""
    made = Transport("test/1 (a)")
    yield made
    made.close()


def test_says_who_we_are(transport: Transport, server: Any) -> None:
    """The user agent is on every request."""
    server.answer()

    transport.send("getThing", requests.Request("GET", server.url))

    assert server.calls[0].headers["User-Agent"] == "test/1 (a)"


def test_user_agent_has_amazons_form() -> None:
    """Name, version, language and platform stand where Amazon looks for them."""
    form = r"asp_dagster/\S+ \(Language=Python/3\.\d+\.\S+; Platform=\w+/.+\)"

    assert re.fullmatch(form, default_user_agent())
    assert len(default_user_agent()) < 500


def test_user_agent_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that is not installed has no version, and still a user agent."""

    def not_installed(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(transport_module, "version", not_installed)

    assert default_user_agent().startswith("asp_dagster/0 (")


def test_user_agent_escapes_what_separates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon's separators inside a value are escaped."""
    monkeypatch.setattr(transport_module.platform, "release", lambda: r"6.1 (a=b;c/d\e)")

    assert default_user_agent().endswith(r"/6.1 \(a\=b\;c\/d\\e\))")


def test_reads_no_netrc(
    transport: Transport, server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Credentials that lie about on the computer are not added to a request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer()

    transport.send("getThing", requests.Request("GET", server.url))

    assert "Authorization" not in server.calls[0].headers


def test_keeps_no_cookies(transport: Transport, server: Any) -> None:
    """Nothing of one answer finds its way into the next request."""
    server.answer(Set_Cookie="session=1").answer()
    request = requests.Request("GET", server.url)

    transport.send("getThing", request)
    transport.send("getThing", request)

    assert "Cookie" not in server.calls[1].headers


def test_does_not_wait_for_ever(server: Any) -> None:
    """A server that says nothing is given up on, and can be asked again later."""
    server.stay_silent()
    transport = Transport("test", read_seconds=0.05)

    with pytest.raises(UnavailableError, match=r"getThing: no answer from Amazon \(.*[Tt]ime") as c:
        transport.send("getThing", requests.Request("GET", server.url))

    assert c.value.is_curable_by_waiting


def test_names_the_reason_of_a_broken_connection(transport: Transport) -> None:
    """The operating system's word for the trouble reaches the message."""
    with pytest.raises(UnavailableError, match="Connection refused"):
        transport.send("getThing", requests.Request("GET", "http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    "request_",
    [
        requests.Request("GET", "no-scheme/x"),
        requests.Request("GET", "http://127.0.0.1", {"x-amz-access-token": "bad\nsecret"}),
    ],
    ids=["url", "header"],
)
def test_a_request_that_cannot_be_sent_is_a_wrong_setting(
    transport: Transport, request_: requests.Request
) -> None:
    """What cannot go out points to a setting, and quotes none."""
    with pytest.raises(ConfigurationError, match="getThing: the request cannot be sent") as caught:
        transport.send("getThing", request_)

    assert "secret" not in str(caught.value)


def test_an_untrusted_certificate_is_a_wrong_setting(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking again does not make a certificate trusted."""
    distrust = ssl.SSLCertVerificationError(1, "certificate verify failed")
    distrust.verify_message = "self-signed certificate"

    def refuse(*_: object, **__: object) -> None:
        raise requests.exceptions.SSLError(
            "Max retries exceeded: /?X-Amz-Signature=s"
        ) from distrust

    monkeypatch.setattr(requests.Session, "send", refuse)

    with pytest.raises(ConfigurationError, match=r"not trusted .self-signed certificate"):
        transport.send("getThing", requests.Request("GET", "https://127.0.0.1"))


def test_urllib3_logs_our_requests_without_query(
    transport: Transport, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The query of a request, which may be a presigned URL's, is not logged at any level."""
    server.answer()

    with caplog.at_level(logging.DEBUG):
        transport.send("getThing", requests.Request("GET", f"{server.url}/a?Signature=secret"))

    assert '"GET /a?… HTTP/1.1" 200' in caplog.text
    assert "secret" not in caplog.text


def test_urllib3_logs_other_requests_as_before(
    transport: Transport, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Other libraries' requests in the same process keep their log lines."""
    server.answer().answer()
    transport.send("getThing", requests.Request("GET", server.url))

    with caplog.at_level(logging.DEBUG):
        requests.get(f"{server.url}/theirs?q=theirs", timeout=5)

    assert "/theirs?q=theirs" in caplog.text
