"""Storms: calls that go wrong at random, in every way that is known of Amazon.

Here belong: the kinds of trouble, which calls each can meet, and the seeded choice among them. What
happens to a call that meets one is said by its `Fault`.

Of one seed, the n-th call of an operation always meets the same trouble.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from threading import Lock
from typing import Any, Literal, get_args

from asp_dagster.simulator.faults import Fault
from asp_dagster.simulator.page_shapes import PAGE_SHAPES, PageShape
from asp_dagster.simulator.paging import PageTokens
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_types import Outcome, fatal
from asp_dagster.simulator.wire import Answer, invalid_input, not_found, unauthorized

Kind = Literal[
    "error page",
    "no answer",
    "half a body",
    "slow body",
    "throttled",
    "login down",
    "half a JSON",
    "only errors",
    "null payload",
    "marketplace refused",
    "page token expired",
    "empty page",
    "row repeated",
    "row moved",
    "half a document",
    "document URL expired",
    "items gone",
    "report fatal",
]
KINDS: Sequence[Kind] = get_args(Kind)

ENDS_A_RUN: frozenset[Kind] = frozenset({"marketplace refused", "page token expired"})
"""What asking again does not cure; it is met less often than what it does."""
_HTML = b"<html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>"
_SLOW_SECONDS = 0.2
_EXPIRED_URL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
)
_USUAL_WEIGHT = 8
_WEIGHTS: Mapping[Kind, int] = {
    **dict.fromkeys(ENDS_A_RUN, 1),
    # Only a page in the middle of paging can meet these.
    **dict.fromkeys(("empty page", "row repeated", "row moved"), 24),
    "report fatal": 24,
}

EndReport = Callable[[Outcome], None]
Change = Callable[[Answer], Answer]


@dataclass(frozen=True)
class MetCall:
    """A call that may meet trouble.

    Attributes:
        name: What it is remembered as: `getOrders`, `requestToken`, `downloadDocument`.
        template: The template of its operation's path; empty for what is no operation.
        path: Its path.
        query: Its query.
        now: When it came.
    """

    name: str
    template: str
    path: str
    query: Mapping[str, str]
    now: datetime

    @property
    def shape(self) -> PageShape | None:
        """Where the page it asks for has its records, if it asks for one."""
        return PAGE_SHAPES.get(self.template)

    @property
    def token(self) -> str | None:
        """The page token that came with it."""
        return self.query.get(self.shape.param) if self.shape else None


@dataclass
class Storm:
    """Trouble for a share of all calls.

    Attributes:
        partner: Whose rows move.
        tokens: Makes the tokens of pages that come empty.
        end_report: Lets the next report that is asked for end as told.
        seed: What the choice follows from.
        share: The share of calls that meet trouble.
        kinds: The kinds that they may meet.
        moves: When rows change that move while pages are read; each time is used once.
        counts: How often each kind was met.
    """

    partner: Partner
    tokens: PageTokens = field(repr=False)
    end_report: EndReport = field(repr=False)
    seed: int
    share: float
    kinds: Collection[Kind] = KINDS
    moves: deque[datetime] = field(default_factory=deque)
    counts: Counter[Kind] = field(default_factory=Counter)
    _calls: Counter[str] = field(default_factory=Counter, repr=False)
    _last_rows: dict[str, Any] = field(default_factory=dict, repr=False)

    def meet(self, call: MetCall) -> Fault | None:
        """Return what happens to a call instead of the usual, if anything does."""
        self._calls[call.name] += 1
        random = Random(f"{self.seed} {call.name} {self._calls[call.name]}")  # noqa: S311 - repeatable, not secret
        fitting = [kind for kind in self._fitting(call) if kind in self.kinds]
        if random.random() >= self.share or not fitting:
            return None
        (kind,) = random.choices(fitting, [_WEIGHTS.get(kind, _USUAL_WEIGHT) for kind in fitting])
        return self._fault(kind, call, random)

    def _fitting(self, call: MetCall) -> Iterator[Kind]:
        """Yield the kinds of trouble that a call can meet."""
        yield from ("error page", "no answer", "half a body", "slow body")
        if call.name == "requestToken":
            yield "login down"
        if call.name == "downloadDocument":
            yield from ("half a document", "document URL expired")
        if call.template:
            yield "throttled"
        if call.name == "createReport":
            yield "report fatal"
        if call.shape:
            yield from ("half a JSON", "only errors", "null payload", "marketplace refused")
        if call.token:
            yield from ("page token expired", "empty page", "row repeated")
        if call.token and self.moves:
            yield "row moved"

    def _fault(self, kind: Kind, call: MetCall, random: Random) -> Fault | None:
        if kind == "half a document":  # it counts itself: not every document can be cut
            return Fault(change=self._half_of_document)
        self.counts[kind] += 1
        if kind == "report fatal":
            self.end_report(fatal("An internal error occurred. Try again later."))
            return None
        if kind == "error page":
            return Fault(status=random.choice((500, 502, 503, 504)), body=_HTML)
        if kind == "login down":
            return random.choice((Fault(status=500, body=_HTML), Fault(drop=True)))
        return _FAULTS[kind] if kind in _FAULTS else Fault(change=self._change(kind, call))

    def _change(self, kind: Kind, call: MetCall) -> Change:
        if kind == "row repeated":
            return self._repeated_row(call)
        return self._emptied(call) if kind == "empty page" else self._moved_row()

    def _moved_row(self) -> Change:
        """Let a row change its place before the page is read."""
        one = 1.4 / len(self.partner.books.by_id)
        at = self.moves.popleft()
        self.partner.update(seed=self.counts["row moved"], at=at, fraction=one)
        return lambda answer: answer

    def _repeated_row(self, call: MetCall) -> Change:
        """Begin the page with the row that the page before ended with."""
        last, shape = self._last_rows.get(call.token or "", []), PAGE_SHAPES[call.template]
        return lambda answer: shape.with_records(answer, lambda rows: [*last, *rows])

    def _emptied(self, call: MetCall) -> Change:
        """Empty the page, with a token that leads to where this page's own did."""
        shape, token = PAGE_SHAPES[call.template], call.token or ""

        def change(answer: Answer) -> Answer:
            renewed = self.tokens.renewed(token, call.now)
            return shape.with_token(shape.with_records(answer, lambda _: []), renewed)

        return change

    def _half_of_document(self, answer: Answer) -> Answer:
        """Cut a compressed document: half of a plain one would be a whole one to any reader."""
        if not answer.content.startswith(b"\x1f\x8b"):
            return answer
        self.counts["half a document"] += 1
        return _halved(answer)

    def saw(self, call: MetCall, answer: Answer) -> None:
        """Remember the last row of a page, which the next page may repeat."""
        if call.shape and answer.status == 200:  # noqa: PLR2004 - a page
            token = call.shape.token_of(answer)
            self._last_rows |= {token: call.shape.records_of(answer)[-1:]} if token else {}


class Storms:
    """Lets a storm begin and end.

    Attributes:
        partner: Whose rows move.
        tokens: The simulator's page tokens.
        end_report: Lets the next report that is asked for end as told.
    """

    def __init__(self, partner: Partner, tokens: PageTokens, end_report: EndReport) -> None:
        self.partner = partner
        self.tokens = tokens
        self.end_report = end_report
        self._storm: Storm | None = None
        self._without_items: frozenset[str] = frozenset()
        self._lock = Lock()

    def begin(
        self,
        *,
        seed: int,
        share: float = 0.2,
        kinds: Collection[Kind] = KINDS,
        moves: Iterable[datetime] = (),
    ) -> Storm:
        """Let calls go wrong from now on; the storm counts what they met.

        Args:
            seed: What the choice follows from.
            share: The share of calls that meet trouble.
            kinds: The kinds that they may meet.
            moves: When rows change that move while pages are read; each time is used once, and is
                that of the latest change of all, as at Amazon.

        Raises:
            ValueError: When the share is none, or a kind is unknown.
        """
        unknown = set(kinds) - set(KINDS)
        if unknown or not 0 <= share <= 1:
            raise ValueError(f"share lies between 0 and 1, and kinds are {', '.join(KINDS)}.")
        self._storm = Storm(
            self.partner, self.tokens, self.end_report, seed, share, kinds, deque(moves)
        )
        return self._storm

    def end(self) -> None:
        """Let everything go well again; what is lost stays lost."""
        self._storm = None

    def counts(self) -> Mapping[Kind, int]:
        """Return how often each kind of trouble was met in this storm."""
        return dict(self._storm.counts) if self._storm else {}

    def lose_items(self, order_ids: Iterable[str]) -> None:
        """Let getOrderItems of v0 know nothing of these orders any more."""
        self._without_items = frozenset(order_ids)

    def meet(self, call: MetCall) -> Fault | None:
        """Return what happens to a call instead of the usual, if anything does."""
        with self._lock:
            if call.name == "getOrderItems" and call.path.split("/")[-2] in self._without_items:
                return self._gone(call)
            return self._storm.meet(call) if self._storm else None

    def _gone(self, call: MetCall) -> Fault:
        if self._storm:
            self._storm.counts["items gone"] += 1
        return _of(not_found(f"Order {call.path.split('/')[-2]} has no items.").answer)

    def saw(self, call: MetCall, answer: Answer) -> None:
        """Take note of a usual answer."""
        with self._lock:
            if self._storm:
                self._storm.saw(call, answer)


def _of(answer: Answer) -> Fault:
    return Fault(status=answer.status, body=answer.content)


def _halved(answer: Answer) -> Answer:
    return replace(answer, body=answer.content[: len(answer.content) // 2])


_FAULTS: Mapping[Kind, Fault] = {
    "no answer": Fault(drop=True),
    "half a body": Fault(truncate=True),
    "slow body": Fault(seconds=_SLOW_SECONDS),
    "throttled": Fault(status=429, body={"errors": [{"code": "QuotaExceeded", "message": ""}]}),
    "half a JSON": Fault(change=_halved),
    "only errors": Fault(status=200, body={"errors": [{"code": "InternalFailure"}]}),
    "null payload": Fault(status=200, body={"payload": None}),
    "marketplace refused": _of(unauthorized("The marketplace is not available.").answer),
    "page token expired": _of(invalid_input("The page token has expired.").answer),
    "document URL expired": Fault(status=403, body=_EXPIRED_URL),
}
