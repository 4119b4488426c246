"""Where alerts are told: a webhook and e-mail.

Here belongs the delivery. An error says what went wrong, and never a URL or a password, which are
secrets of the targets.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from asp_dagster.spapi.errors import ConfigurationError
from asp_dagster.spapi.regions import is_loopback
from asp_dagster.spapi.silent_logs import URLLIB3, without_logs

_TIMEOUT_SECONDS = 10.0
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_PORTS = {"smtp": 587, "smtps": 465}


class DeliveryError(Exception):
    """A message that could not be delivered; it may be tried again."""


class Target(Protocol):
    """Where messages go."""

    def send(self, subject: str, text: str) -> None:
        """Deliver a message.

        Raises:
            DeliveryError: It could not be delivered.
        """


@dataclass(frozen=True)
class Webhook:
    """A URL that takes JSON with a `text`, as Slack's, Mattermost's and Google Chat's do.

    Attributes:
        url: The URL; who has it may post.
    """

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a URL that would be sent over the network as it is."""
        parts = _split(self.url)
        host = parts.hostname if parts else None
        if not (parts and host) or (parts.scheme != "https" and not is_loopback(host)):
            raise ConfigurationError("ASP_ALERT_WEBHOOK is no https:// URL; write one.")

    def send(self, subject: str, text: str) -> None:  # noqa: ARG002 - the text begins with it
        """Deliver a message."""
        import requests  # noqa: PLC0415 - who loads the settings need not load it

        try:
            with without_logs(URLLIB3):
                answer = requests.post(
                    self.url, json={"text": text}, timeout=_TIMEOUT_SECONDS, allow_redirects=False
                )
        except (requests.RequestException, ValueError) as error:
            # Its text has the URL.
            raise DeliveryError(f"no answer ({type(error).__name__})") from None
        if answer.status_code // 100 != 2:  # noqa: PLR2004 - the class of success
            raise DeliveryError(f"it answered {answer.status_code}")


@dataclass(frozen=True)
class Mail:
    """E-mail by an SMTP server.

    Attributes:
        server: smtp://user:password@host:587 (encrypted by STARTTLS), or smtps://.
        sender: From whom.
        recipients: To whom.
    """

    server: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a server that is none, and addresses that are none."""
        parts = _split(self.server)
        if parts is None or parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigurationError(
                "ASP_ALERT_SMTP_URL is no mail server; write smtp://user:password@host:587 or"
                " smtps://user:password@host, with what is special in the password"
                " percent-encoded (/ as %2F, @ as %40)."
            )
        wrong = [each for each in (self.sender, *self.recipients) if not _is_address(each)]
        if wrong or not self.recipients:
            raise ConfigurationError(
                "ASP_ALERT_EMAIL_FROM and ASP_ALERT_EMAIL_TO name e-mail addresses, several to with"
                f" commas between them; {wrong[0] if wrong else 'none'!r} is none."
            )

    def send(self, subject: str, text: str) -> None:
        """Deliver a message."""
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"], message["To"] = self.sender, ", ".join(self.recipients)
        message.set_content(text)
        try:
            with self._connection() as connection:
                connection.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Its text may have what the server echoes.
            raise DeliveryError(f"no delivery ({type(error).__name__})") from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Connect, encrypted unless it is this machine, and log in if there is a user."""
        parts = urlsplit(self.server)
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        secure = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=secure)
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
        ) as connection:
            if parts.scheme == "smtp" and not is_loopback(host):
                connection.starttls(context=secure)
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
            yield connection


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL; none if it is none, whose own error would quote of it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_address(text: str) -> bool:
    """Tell whether it can be an address, alone or behind a name: `Ops <ops@example.com>`."""
    return text.isprintable() and bool(_ADDRESS.fullmatch(parseaddr(text)[1]))
