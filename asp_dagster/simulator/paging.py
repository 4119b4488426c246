"""Opaque page tokens that only fit the query they came from.

Here belong: making tokens, and refusing those that are broken, forged or too old. What must be
repeated beside a token differs between API versions and is theirs to say.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asp_dagster.simulator.wire import invalid_input

_SIGNATURE_BYTES = 16


@dataclass(frozen=True)
class PageTokens:
    """Makes and reads the page tokens of one simulator.

    A token carries characters that must be encoded in a URL, as Amazon's do.

    Attributes:
        secret: What tokens are signed with.
    """

    secret: bytes

    def write(self, operation: str, query: Any, position: Any, now: datetime) -> str:
        """Return a token for the page after this position of this query."""
        content = json.dumps([operation, query, position, now.timestamp()], default=str).encode()
        return b64encode(self._signature(content) + content).decode()

    def read(
        self, operation: str, token: str, now: datetime, life: timedelta | None = None
    ) -> tuple[Any, Any]:
        """Return the query and the position that a token was made for.

        Raises:
            Refusal: When the token is not one of ours, is of another operation, or is too old.
        """
        written_for, query, position, written_at = json.loads(self._content(token))
        if written_for != operation:
            raise invalid_input("The page token belongs to another operation.")
        if life is not None and now.timestamp() - written_at > life.total_seconds():
            raise invalid_input("The page token has expired.")
        return query, position

    def renewed(self, token: str, now: datetime) -> str:
        """Return another token of the same page."""
        operation, query, position, _ = json.loads(self._content(token))
        return self.write(operation, query, position, now)

    def _content(self, token: str) -> bytes:
        try:
            raw = b64decode(token, validate=True)
        except ValueError as error:
            raise invalid_input("The page token is invalid.") from error
        content = raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(raw[:_SIGNATURE_BYTES], self._signature(content)):
            raise invalid_input("The page token is invalid.")
        return content

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self.secret, content, hashlib.sha256)[:_SIGNATURE_BYTES]


def refuse_changes(bound: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse a page that asks for something else than the page before.

    Raises:
        Refusal: Naming the first parameter that differs.
    """
    for name in bound.keys() | given.keys():
        if bound.get(name) != given.get(name):
            raise invalid_input(
                f"{name} differs from the request that the page token came from.",
                "Repeat the parameters unchanged with the token.",
            )
