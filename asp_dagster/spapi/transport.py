"""Sends one HTTP request, and lets nothing secret out on the way.

Here belong: sessions, time limits, the user agent, and the translation of what `requests` raises.
What an answer means is the work of `responses`.
"""

from __future__ import annotations

import logging
import platform
import re
import ssl
import threading
import weakref
from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from asp_dagster.spapi.errors import (
    ConfigurationError,
    Refusal,
    ResponseError,
    SellingPartnerError,
    UnavailableError,
)
from asp_dagster.spapi.regions import is_loopback
from asp_dagster.spapi.silent_logs import URLLIB3

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests

# urllib3 logs path and query of every request, and the query of a presigned URL is a secret. A
# filter on its loggers takes the query out. The loggers are the process's, so the filter touches a
# record only while its thread sends one of our requests: what others send is logged as before.
# Amazon's gateway lets 10 MB through.
_LARGEST_ANSWER_BYTES = 64 * 1024**2
_CHUNK_BYTES = 256 * 1024
_is_sending: ContextVar[bool] = ContextVar("_is_sending", default=False)


class Transport:
    """A way to send requests: a session per thread, time limits, no redirects, no cookies.

    It holds no credential: whatever authorises a request stands in that request alone.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        connect_seconds: float = 10.0,
        read_seconds: float = 60.0,
        answer_seconds: float = 300.0,
    ) -> None:
        """Prepare a way; nothing is sent yet.

        Args:
            user_agent: Who calls.
            connect_seconds: How long a connection may take.
            read_seconds: How long nothing may come of an answer.
            answer_seconds: How long an answer may take in all, from its first byte to its last.
        """
        self._user_agent = user_agent
        self._time_limits = (connect_seconds, read_seconds)
        self._answer_seconds = answer_seconds
        self._of_thread = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        for name in URLLIB3:
            logging.getLogger(name).addFilter(_QUERY_FILTER)

    def send(
        self, operation: str, request: requests.Request, *, stream: bool = False
    ) -> requests.Response:
        """Send a request and return the answer, whatever its status.

        Args:
            operation: What to call it in errors.
            request: What to send.
            stream: Leave the body unread; the caller reads and closes it.

        Raises:
            UnavailableError: When no answer came, or not all of it.
            ConfigurationError: When it can be sent nowhere: a wrong URL or certificate, or a URL
                that is not encrypted and leaves this machine.
        """
        sending = _is_sending.set(True)
        try:
            answer = self._send(request)
            return answer if stream else _read_whole(operation, answer)
        except OSError as error:  # RequestException is one, a missing file of certificates another
            trouble = _translated(operation, error)
        finally:
            _is_sending.reset(sending)
        # Raised out here, with neither cause nor context: the text of what requests and urllib3
        # raise holds the URL with its query, or a header's value.
        raise trouble

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in list(self._sessions):
            session.close()

    def _send(self, request: requests.Request) -> requests.Response:
        session = self._session()
        prepared = session.prepare_request(request)
        settings = session.merge_environment_settings(prepared.url, {}, True, None, None)
        if not str(prepared.url).startswith("https://"):
            _check_stays_here(str(prepared.url))
            settings["proxies"] = {}  # a proxy is another machine
        # A redirect would carry the access token to another host: requests drops only
        # Authorization.
        return session.send(prepared, timeout=self._time_limits, allow_redirects=False, **settings)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = self._of_thread.session = self._new_session()
            self._sessions.add(session)
        return session

    def _new_session(self) -> requests.Session:
        from http.cookiejar import DefaultCookiePolicy  # noqa: PLC0415 - slow to import

        import requests  # noqa: PLC0415 - as above

        from asp_dagster.spapi.bounded_answers import BoundedAnswers  # noqa: PLC0415 - as above

        session = requests.Session()
        session.headers["User-Agent"] = self._user_agent
        session.auth = _no_auth
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, BoundedAnswers(self._answer_seconds))
        return session


def default_user_agent() -> str:
    """Return who we are, in Amazon's form.

    https://developer-docs.amazon.com/sp-api/docs/include-a-user-agent-header-in-all-requests
    """
    try:
        our_version = version("asp_dagster")
    except PackageNotFoundError:  # run from a checkout that is not installed
        our_version = "0"
    python = _escaped(platform.python_version())
    system = f"{_escaped(platform.system())}/{_escaped(platform.release())}"
    return f"asp_dagster/{_escaped(our_version)} (Language=Python/{python}; Platform={system})"


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding credentials of its own, which it would take from ~/.netrc."""
    return request


class _QueryFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _is_sending.get() and isinstance(record.args, tuple):
            record.args = tuple(map(_without_query, record.args))
        return True


_QUERY_FILTER = _QueryFilter()


def _without_query(argument: object) -> object:
    return re.sub(r"\?\S*", "?…", argument) if isinstance(argument, str) else argument


def _escaped(value: str) -> str:
    return re.sub(r"([\\/()=;])", r"\\\1", value)


def _check_stays_here(url: str) -> None:
    host = urlsplit(url).hostname or ""
    if not is_loopback(host):
        raise ConfigurationError(
            f"A URL of {host} is not encrypted, and secrets or customers' data would be read on the"
            " way: only https:// leaves this machine. Check the endpoint, and who answers there."
        )


def _read_whole(operation: str, answer: requests.Response) -> requests.Response:
    """Read the body of an answer, unless it has, or inflates to, more than any of Amazon's."""
    parts, size = [], 0
    for part in answer.iter_content(_CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > _LARGEST_ANSWER_BYTES:
            answer.close()
            said = f"a body of more than {_LARGEST_ANSWER_BYTES // 1024**2} MiB"
            raise ResponseError(
                Refusal(operation=operation, status=answer.status_code, message=said)
            )
    answer._content = b"".join(parts)  # noqa: SLF001 - as `content` would, which knows no bound
    return answer


def _translated(operation: str, error: OSError) -> SellingPartnerError:
    import requests  # noqa: PLC0415 - slow to import

    root = _root(error)
    if not isinstance(error, requests.RequestException):
        return ConfigurationError(
            f"{operation}: the file of trusted certificates cannot be read; correct"
            " REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or unset it."
        )
    if isinstance(root, ssl.SSLCertVerificationError):
        return ConfigurationError(
            f"{operation}: the host's certificate is not trusted ({root.verify_message}); check the"
            " endpoint, and the proxy if there is one."
        )
    if isinstance(error, ValueError):
        return ConfigurationError(
            f"{operation}: the request cannot be sent ({type(error).__name__}); check the endpoint"
            " and the credentials for stray characters."
        )
    reason = getattr(root, "strerror", None) or type(root).__name__
    return UnavailableError(
        Refusal(operation=operation, message=f"no answer from Amazon ({reason})")
    )


def _root(error: BaseException) -> BaseException:
    """Return what was raised first: its text is the operating system's and names no URL."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error
