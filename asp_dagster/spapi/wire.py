"""How values are written into a request.

Here belong: Amazon's spelling of times, lists and booleans, and the path that may follow an
endpoint. Reading answers is the work of `responses`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from asp_dagster.spapi.errors import ConfigurationError


def timestamp(moment: datetime) -> str:
    """Return a moment as Amazon wants it: ISO 8601, UTC, `Z`; milliseconds only if there are any.

    https://developer-docs.amazon.com/sp-api/docs/iso-8601

    Raises:
        ConfigurationError: When the moment has no time zone: it could mean any of 24 hours.
    """
    if moment.tzinfo is None:
        raise ConfigurationError(f"{moment.isoformat()} has no time zone; give it one, best UTC.")
    precision = "milliseconds" if moment.microsecond else "seconds"
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision)
    return f"{written}Z"


def query_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Return query parameters as text: lists joined by commas; those that are None left out."""
    return {name: _text(value) for name, value in params.items() if value is not None}


def json_body(body: Mapping[str, Any]) -> bytes:
    """Return a request body as JSON, times in Amazon's spelling."""
    return json.dumps(body, default=_json_value, allow_nan=False).encode()


def checked_path(path: str) -> str:
    """Return the path, once it is sure to stay on the endpoint's host.

    Raises:
        ConfigurationError: When it does not begin with one slash, or brings a query of its own.
    """
    # `@evil.example/…` behind the endpoint would send the access token to evil.example.
    if not path.startswith("/") or path.startswith("//") or "?" in path or "#" in path:
        raise ConfigurationError(
            f"{path!r} is no path: begin with one slash, as in /orders/v0/orders, and give query"
            " parameters as `params`."
        )
    return path


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, list | tuple):
        return ",".join(_text(entry) for entry in value)
    return str(value)


def _json_value(value: object) -> str:
    if isinstance(value, datetime):
        return timestamp(value)
    raise TypeError(f"A request body cannot hold {type(value).__name__}.")
