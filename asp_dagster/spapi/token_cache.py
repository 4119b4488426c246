"""Tokens kept until shortly before their end, each fetched once for all threads.

Here belong: the cache and the moment of renewal. Where a token comes from, its owner says: `auth`
for access tokens, `restricted` for restricted data tokens, `signing` for the sessions of a role.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from asp_dagster.spapi.clock import Clock

Key = TypeVar("Key", bound=Hashable)
Token = TypeVar("Token", bound=Hashable)

# A request that is sent now may wait at Amazon's door; its token must live until it is let in.
_RENEWED_AHEAD_SECONDS = 60.0


class TokenCache(Generic[Key, Token]):
    """One token per key, renewed ahead of its expiry.

    While one thread fetches a token, the others that need it wait for that one.
    """

    def __init__(self, fetch: Callable[[Key], tuple[Token, float]], clock: Clock) -> None:
        """Prepare an empty cache.

        Args:
            fetch: Returns a new token and the seconds it lives.
            clock: Where time comes from.
        """
        self._fetch = fetch
        self._clock = clock
        self._slots: dict[Key, _Slot[Token]] = {}
        self._lock = threading.Lock()

    def get(self, key: Key) -> Token:
        """Return the key's token, which lives on for a while; errors are those of `fetch`."""
        slot = self._slot(key)
        with slot.lock:
            if slot.token is None or self._clock.monotonic() >= slot.renew_at:
                asked_at = self._clock.monotonic()
                slot.token, lifetime = self._fetch(key)
                slot.renew_at = asked_at + max(lifetime - _RENEWED_AHEAD_SECONDS, lifetime / 2)
            return slot.token

    def invalidate(self, token: Token, key: Key) -> None:
        """Forget a token that was refused, unless another thread has already renewed it."""
        slot = self._slot(key)
        with slot.lock:
            if slot.token == token:
                slot.token = None

    def _slot(self, key: Key) -> "_Slot[Token]":
        with self._lock:
            return self._slots.setdefault(key, _Slot())


@dataclass
class _Slot(Generic[Token]):
    """Where one key's token is kept; its lock is held while a new one is fetched."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: Token | None = field(default=None, repr=False)
    renew_at: float = 0.0
