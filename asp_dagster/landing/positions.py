"""Where a run is among the pages it asks for, so that another can go on from there.

Here belong: the position, how it is written down, and the walk from it to the last page. What
becomes of the records is `record_files`' work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.landing.extensions import Record, paging_rule
from asp_dagster.landing.rounds import Round
from asp_dagster.landing.unrepeated import Unrepeated
from asp_dagster.spapi import SellingPartnerClient, pages
from asp_dagster.spapi.records import value_at
from asp_dagster.spapi.wire import timestamp

# Operations that were seen to list by last change, oldest first. Amazon does not promise it: it is
# relied on only as far as every record of the round has kept to it.
_IN_ORDER = {
    "/orders/v0/orders": "LastUpdatedAfter",
    "/orders/2026-01-01/orders": "lastUpdatedAfter",
}
_CONVINCING = 20  # records that would not stand in order by chance


@dataclass(frozen=True)
class Order:
    """Whether the records of a round come in the order of their last change.

    Attributes:
        records: How many have come.
        reached: The last change of the last one.
        is_kept: Whether none came before its turn.
    """

    records: int = 0
    reached: str | None = None
    is_kept: bool = True

    @property
    def safe_point(self) -> str | None:
        """The moment before which nothing is missing, in Amazon's spelling; None if unknown."""
        is_known = self.is_kept and self.reached and self.records >= _CONVINCING
        return timestamp(datetime.fromisoformat(str(self.reached))) if is_known else None

    def after(self, records: Sequence[Record], field_name: str | None) -> "Order":
        """Return how it is after a page."""
        if not self.is_kept or not records:
            return self
        times = [*([self.reached] if self.reached else []), *_times(records, field_name)]
        try:
            moments = [datetime.fromisoformat(time) for time in times]
            is_kept = moments == sorted(moments)
        except (TypeError, ValueError):  # not a time, or some with a zone and some without
            is_kept = False
        return Order(self.records + len(records), times[-1], is_kept)


def _times(records: Sequence[Record], field_name: str | None) -> list[Any]:
    return [value_at(record, field_name or "") for record in records]


@dataclass(frozen=True, kw_only=True)
class Position:
    """What is asked for next.

    Attributes:
        round: The number of the round, from 0.
        token: What asks for its next page; none before its first.
        came_at: When the token came.
        since: The round's beginning, where it is later than the window's.
        is_repeated: Whether the round was begun again, so that landed records come once more.
        order: The order that its records have kept so far.
    """

    round: int = 0
    token: str | None = field(default=None, repr=False)
    came_at: datetime | None = None
    since: str | None = None
    is_repeated: bool = False
    order: Order = field(default_factory=Order)

    @classmethod
    def parse(cls, written: Mapping[str, Any]) -> Self:
        """Read what `written` gave."""
        came_at = written["came_at"]
        return cls(
            **{
                **written,
                "came_at": came_at and datetime.fromisoformat(came_at),
                "order": Order(*written["order"]),
            }
        )

    def written(self) -> Mapping[str, Any]:
        """Return it as JSON holds it."""
        order = self.order
        return {
            "round": self.round,
            "token": self.token,
            "came_at": self.came_at and self.came_at.isoformat(),
            "since": self.since,
            "is_repeated": self.is_repeated,
            "order": [order.records, order.reached, order.is_kept],
        }

    def begun_again(self) -> "Position":
        """Return where the round goes on without its token: at the last safe point, if any."""
        safe = self.order.safe_point
        return Position(
            round=self.round,
            since=safe or self.since,
            is_repeated=True,
            order=self.order if safe else Order(is_kept=False),
        )


@dataclass(frozen=True)
class ListedPage:
    """A page of records, and where the run is after it.

    Attributes:
        round: The round it came in.
        records: Its records, with what each receives from us.
        number: The number of the round.
        is_repeated: Whether there may be landed ones among them.
        following: What is asked for next.
    """

    round: Round
    records: Sequence[Record] = field(repr=False)
    number: int
    is_repeated: bool
    following: Position


@dataclass(frozen=True)
class Walk:
    """The way through all pages of all rounds.

    Attributes:
        client: Who asks Amazon.
        spec: What is asked for.
        rounds: Its rounds.
    """

    client: SellingPartnerClient
    spec: EndpointSpec
    rounds: Sequence[Round]

    def pages(self, start: Position) -> Iterator[ListedPage]:
        """Yield page after page; each is asked for when it is wanted."""
        for number in range(start.round, len(self.rounds)):
            yield from self._pages(start if number == start.round else Position(round=number))

    def is_expired(self, position: Position) -> bool:
        """Tell whether Amazon's documentation says that the position's token is dead by now."""
        if not (position.token and position.came_at):
            return False
        path = self.rounds[position.round].path
        life = self.client.paging_rules.rule(self.spec.method, path).token_seconds
        age = self.client.clock.now() - position.came_at
        return life is not None and age.total_seconds() >= life

    def _pages(self, at: Position) -> Iterator[ListedPage]:
        spec, client = self.spec, self.client
        each = self.rounds[at.round].beginning_at(spec.updated_at_param, at.since)
        further = pages(
            client,
            each.path,
            each.params,
            method=spec.method,
            body=each.body,
            results_key=spec.results_key,
            rule=paging_rule(client, spec.method, each.path, spec.paging),
            after=at.token,
        )
        config = spec.record_config
        unrepeated = Unrepeated(config.ids if config else ())
        for page in further:
            came_at, order = client.clock.now(), at.order.after(page.records, self._ordered_by)
            at = replace(at, token=page.next_token, came_at=came_at, order=order)
            following = at if page.next_token else Position(round=at.round + 1)
            records = [{**record, **each.added} for record in unrepeated.of(page.records)]
            yield ListedPage(each, records, at.round, at.is_repeated, following)

    @property
    def _ordered_by(self) -> str | None:
        """The field that the records are thought to be ordered by."""
        spec = self.spec
        is_known = spec.updated_at_param == _IN_ORDER.get(spec.path, "")
        return spec.record_config.last_modified_field if is_known and spec.record_config else None
