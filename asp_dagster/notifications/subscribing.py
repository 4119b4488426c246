"""What Amazon is to send: a destination for the queue, and a subscription to each type.

Here belong: looking what there is, making what is missing, and taking it back, one step at a time.
Each can be done again: what is so already is left alone.

https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from asp_dagster.catalog.notifications import NOTIFICATION_TYPES
from asp_dagster.spapi import (
    Destination,
    RequestError,
    SellingPartnerClient,
    Subscription,
    create_destination,
    create_subscription,
    delete_destination,
    delete_subscription,
    destinations,
    subscription,
)

State = Literal["there", "missing", "elsewhere", "made", "removed", "kept"]

NAME = "asp_dagster"
"""What the destination is called at Amazon."""


@dataclass(frozen=True)
class Part:
    """A destination or a subscription, and how it stands.

    Attributes:
        what: `destination`, or the type that is subscribed to.
        state: `there`, `missing`, or `elsewhere`: subscribed to, but sent to another queue; what
            was done is `made`, `removed`, or `kept` as Amazon refuses to remove it.
        part_id: Amazon's id, if there is one.
    """

    what: str
    state: State
    part_id: str = ""


@dataclass(frozen=True)
class Subscribing:
    """What one selling partner lets be sent to one queue.

    Attributes:
        client: Asks Amazon.
        queue_arn: The queue.
        types: The notification types.

    Raises:
        ApiError: From every method, when Amazon refuses, or does not answer.
    """

    client: SellingPartnerClient
    queue_arn: str
    types: Sequence[str] = tuple(NOTIFICATION_TYPES)

    def parts(self) -> Iterator[Part]:
        """Yield what there is, and what is missing."""
        destination = self._destination()
        yield _part("destination", destination.destination_id if destination else None)
        for name in self.types:
            yield self._subscribed(name, destination)

    def set_up(self) -> Iterator[Part]:
        """Make what is missing, and yield each part as it is then."""
        destination = self._destination()
        if destination is None:
            destination = create_destination(self.client, NAME, self.queue_arn)
            yield Part("destination", "made", destination.destination_id)
        else:
            yield Part("destination", "there", destination.destination_id)
        for name in self.types:
            part = self._subscribed(name, destination)
            if part.state == "missing":
                version, target = NOTIFICATION_TYPES[name], destination.destination_id
                made = create_subscription(self.client, name, version, target)
                part = Part(name, "made", made)
            yield part

    def remove(self) -> Iterator[Part]:
        """End the subscriptions, then the destination, and yield each part as it is then.

        A destination to which others are subscribed is kept, and so is a subscription of another.
        """
        destination = self._destination()
        for name in self.types:
            part = self._subscribed(name, destination)
            if part.state == "there":
                delete_subscription(self.client, name, part.part_id)
                part = Part(name, "removed", part.part_id)
            yield part
        if destination is None:
            yield Part("destination", "missing")
        else:
            yield self._without(destination)

    def _without(self, destination: Destination) -> Part:
        try:
            delete_destination(self.client, destination.destination_id)
        except RequestError:
            return Part("destination", "kept", destination.destination_id)
        return Part("destination", "removed", destination.destination_id)

    def _destination(self) -> Destination | None:
        found = [each for each in destinations(self.client) if each.queue_arn == self.queue_arn]
        return found[0] if found else None

    def _subscribed(self, name: str, destination: Destination | None) -> Part:
        found = subscription(self.client, name, NOTIFICATION_TYPES[name])
        if found is not None and not _leads_to(found, destination):
            return Part(name, "elsewhere", found.subscription_id)
        return _part(name, found.subscription_id if found else None)


def _leads_to(found: Subscription, destination: Destination | None) -> bool:
    return destination is not None and found.destination_id == destination.destination_id


def _part(what: str, part_id: str | None) -> Part:
    return Part(what, "there", part_id) if part_id else Part(what, "missing")
