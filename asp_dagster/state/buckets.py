"""The mathematics of a token bucket that any number of processes draw on.

Here belong: how a bucket fills, who is next, and how much time has surely passed. A bucket is a
value: it neither waits nor tells the time nor knows where it is kept.

Amazon counts a request when it arrives, and a full bucket does not refill. So a bucket never holds
more than its burst less the requests that may still be on their way: then it never holds more than
Amazon's less those requests, whatever the order in which they arrive, and nobody is throttled for
being early.

Whoever has to wait stands in line and promises to look again. One that does not keep the promise,
because it was killed, is passed over; if it comes back after all, it has its old place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Self

ARRIVAL_SECONDS = 15.0
"""A request that has leave is at Amazon by then, or never will be: a connection takes ten."""

GRACE_SECONDS = 3.0
"""So much later than promised may a waiter look again before it is passed over."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the clocks said.

    Attributes:
        wall: The time of day, in seconds since 1970; it may have been set meanwhile.
        monotonic: Seconds since the machine was started, which all its processes share; none where
            a server's clock is asked.
    """

    wall: float
    monotonic: float | None = None

    def seconds_since(self, before: Self) -> float:
        """Return how many seconds have surely passed.

        Never more than did: a clock set forward, a machine started anew and a second machine
        without the first's monotonic clock bring nobody a token too early.
        """
        by_wall = self.wall - before.wall
        if self.monotonic is None or before.monotonic is None:
            return max(0.0, by_wall)
        by_monotonic = self.monotonic - before.monotonic
        if by_monotonic < 0:  # started anew, so long ago at least
            return max(0.0, min(by_wall, self.monotonic))
        return by_monotonic if by_wall < 0 else min(by_wall, by_monotonic)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bucket at one moment.

    Attributes:
        rate: Tokens a second.
        burst: Tokens that it holds at most.
        tokens: Tokens in it.
        age: Seconds that have surely passed since it was made: the time of all that follows.
        sent: Requests that it has let go, ever.
        tickets: Tickets that it has given out, ever.
        waiting: Those who wait, by ticket: until when each is believed to be there.
        under_way: The requests that Amazon may not have counted yet, by ticket: until when.
    """

    rate: float
    burst: int
    tokens: float
    age: float = 0.0
    sent: int = 0
    tickets: int = 0
    waiting: Mapping[int, float] = field(default_factory=dict)
    under_way: Mapping[int, float] = field(default_factory=dict)

    def after(self, seconds: float) -> Self:
        """Return the bucket some seconds later."""
        end, age, tokens = self.age + seconds, self.age, self.tokens
        under_way = dict(self.under_way)
        for ticket, until in sorted(self.under_way.items(), key=itemgetter(1)):
            if until > end:
                break
            tokens = self._filled(tokens, until - age, len(under_way))
            age = until
            del under_way[ticket]
        return replace(
            self,
            tokens=self._filled(tokens, end - age, len(under_way)),
            age=end,
            waiting={ticket: until for ticket, until in self.waiting.items() if until > end},
            under_way=under_way,
        )

    def seconds_to_wait(self, ticket: int) -> float:
        """Return how long a ticket has to wait, if nothing changes; 0 if it is its turn.

        Those ahead keep their tokens even if they have not looked yet.
        """
        ahead = sum(other < ticket for other in self.waiting)
        return max(0.0, (ahead + 1 - self.tokens) / self.rate)

    def seconds_until_full(self) -> float:
        """Return how long it takes until all who wait are served and the burst is there again."""
        return max(0.0, (len(self.waiting) + self.burst - self.tokens) / self.rate)

    def with_waiting(self, ticket: int, seconds: float) -> Self:
        """Return the bucket with a ticket in line that will look again after so many seconds."""
        until = self.age + seconds + GRACE_SECONDS
        waiting = {**self.waiting, ticket: until}
        return replace(self, waiting=waiting, tickets=max(self.tickets, ticket))

    def without(self, ticket: int) -> Self:
        """Return the bucket without a ticket: it has left the line, or its request has ended."""
        return replace(
            self,
            waiting={other: until for other, until in self.waiting.items() if other != ticket},
            under_way={other: until for other, until in self.under_way.items() if other != ticket},
        )

    def let_go(self, ticket: int) -> Self:
        """Return the bucket after a ticket has taken its token."""
        left = self.without(ticket)
        return replace(
            left,
            tokens=self.tokens - 1,
            sent=self.sent + 1,
            tickets=max(self.tickets, ticket),
            under_way={**left.under_way, ticket: self.age + ARRIVAL_SECONDS},
        )

    def emptied(self) -> Self:
        """Return the bucket without a token."""
        return replace(self, tokens=min(self.tokens, 0.0))

    @property
    def may_fill_up(self) -> bool:
        """Whether requests under way may keep tokens back, unless it is told when they end."""
        growth = ARRIVAL_SECONDS * self.rate
        return self.tokens + growth + len(self.under_way) > self.burst

    def _filled(self, tokens: float, seconds: float, under_way: int) -> float:
        return min(tokens + seconds * self.rate, max(0.0, float(self.burst - under_way)))
