"""How Amazon answers: status, headers, JSON, and its ways of writing times and errors.

Here belongs: everything about an answer that is the same for all operations.

https://developer-docs.amazon.com/sp-api/docs/response-headers
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

JSON = "application/json"


Pieces = Callable[[], Iterable[bytes]]
"""Makes a body that is too large for memory, piece by piece, the same each time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over the wire: a body, or the pieces of a large one."""

    status: int
    body: bytes | Pieces = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    @property
    def content(self) -> bytes:
        """The whole body in memory."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body())


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a mistake of ours
    """A request that Amazon answers with an error.

    Attributes:
        status: The HTTP status.
        code: Amazon's error code.
        message: What Amazon says.
        details: What Amazon adds; often the cause.
    """

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(f"{status} {code}: {message} {details}".strip())
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    @property
    def answer(self) -> Answer:
        """The refusal as Amazon sends it."""
        error = {"code": self.code, "message": self.message, "details": self.details}
        headers = {"x-amzn-ErrorType": f"{self.code}Exception"}
        return Answer(self.status, to_json({"errors": [error]}), headers)


def invalid_input(message: str, details: str = "") -> Refusal:
    """Return the refusal of a request that breaks a rule."""
    return Refusal(400, "InvalidInput", message, details)


def unauthorized(details: str = "") -> Refusal:
    """Return the refusal of a request that may not be made."""
    return Refusal(403, "Unauthorized", "Access to requested resource is denied.", details)


def not_found(details: str) -> Refusal:
    """Return the refusal of a request for something that is not there."""
    return Refusal(404, "NotFound", "The requested resource was not found.", details)


def ok(value: Any, status: int = 200) -> Answer:
    """Return a value as a successful answer."""
    return Answer(status, to_json(value))


def to_json(value: Any) -> bytes:
    """Write a value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def instant(moment: datetime) -> str:
    """Write a time as Amazon does: in UTC, with milliseconds if there are any.

    https://developer-docs.amazon.com/sp-api/docs/iso-8601
    """
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None: Amazon sends no nulls."""
    return {name: value for name, value in fields.items() if value is not None}
