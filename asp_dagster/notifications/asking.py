"""Which runs follow from changed orders, and what each of them asks for.

A few orders are asked for by their ids, which costs what a page of a search does. Of more a run
searches the partition, as the daily one does: but only for changes that a search finds by now.
Here belong pure functions; what is stored, and when a run is asked for, is said in `sensor`.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.catalog.bulk_orders import API
from asp_dagster.catalog.feeds import Feed
from asp_dagster.landing import SETTLING_TIME
from asp_dagster.notifications.listeners import Listener
from asp_dagster.roads import BY_ID, ORDER_IDS, ROAD
from asp_dagster.run_tags import PARTITION

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import AskedRun, ChangedOrder

ORDER_CHANGES = "asp_dagster/order_changes"
"""The tag of a run that notifications have led to: how many orders have changed."""

MOST_IDS = 100
"""So many ids fit into a tag, which Dagster's databases index."""

_SETTLED = SETTLING_TIME + timedelta(minutes=1)


@dataclass(frozen=True)
class Group:
    """Changed orders that one run can fetch.

    Attributes:
        partition_key: The partition beside which they land.
        failures: How many runs for them have failed.
        changes: The notifications.
    """

    partition_key: str
    failures: int
    changes: Sequence["ChangedOrder"]

    def run_key(self, asset: str) -> str:
        """Return a key that is the same for the same notifications of a feed, and for no others."""
        ids = " ".join(sorted(change.notification_id for change in self.changes))
        digest = hashlib.sha256(f"{self.failures} {ids}".encode()).hexdigest()[:16]
        return f"{asset} changed in {self.partition_key} {digest}"


def groups(
    changes: Sequence["ChangedOrder"], cut: dg.TimeWindowPartitionsDefinition, now: datetime
) -> Iterator[Group]:
    """Yield the runs that changes lead to, one for each partition; what is left waits for another.

    What a run has failed to fetch is kept apart, so that it keeps nothing else from coming.

    Args:
        changes: The changes, in the order they happened.
        cut: The partitions of the feed.
        now: The present moment.
    """
    alike: dict[tuple[str, int], list[ChangedOrder]] = {}
    for change in changes:
        partition_key = _partition_of(change.happened_at, cut, now)
        alike.setdefault((partition_key, change.failures), []).append(change)
    for (partition_key, failures), of_partition in alike.items():
        found = [each for each in of_partition if each.happened_at <= now - _SETTLED]
        if len(_order_ids(found)) > MOST_IDS:
            yield Group(partition_key, failures, found)
        else:
            first = _order_ids(of_partition)[:MOST_IDS]
            some = [each for each in of_partition if each.order_id in first]
            yield Group(partition_key, failures, some)


def run_request(asked: "AskedRun", listener: Listener) -> dg.RunRequest:
    """Return what Dagster is asked for, the same however often that is."""
    return dg.RunRequest(
        run_key=asked.run_key,
        job_name=listener.job_name,
        tags={
            # By its tag, since Dagster knows no partition yet that is not over, which may be run.
            PARTITION: asked.partition_key,
            ORDER_CHANGES: str(len(asked.order_ids)),
            **_road(asked.order_ids, listener.feed),
        },
    )


def _road(order_ids: Collection[str], feed: Feed) -> Mapping[str, str]:
    if len(order_ids) > MOST_IDS:
        return {ROAD: API} if feed.backfill else {}
    return {ROAD: BY_ID, ORDER_IDS: ",".join(order_ids)}


def _partition_of(
    happened_at: datetime, cut: dg.TimeWindowPartitionsDefinition, now: datetime
) -> str:
    """Return the partition in which a change is searched for, as far as one can be run by now."""
    moment = max(min(happened_at, now - _SETTLED), cut.start)
    return cut.get_partition_key_for_timestamp(moment.timestamp())


def _order_ids(changes: Sequence["ChangedOrder"]) -> Sequence[str]:
    return list(dict.fromkeys(change.order_id for change in changes))
