"""The Notifications API v1: destinations of the application, subscriptions of the selling partner.

Here belong: the operations and what Amazon refuses. What is sent is `notifications`; which token
opens an operation is told by Login with Amazon's scopes.

https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-reference
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from asp_dagster.simulator.notification_messages import VERSIONS
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.parameters import read_parameters
from asp_dagster.simulator.wire import Answer, Refusal, invalid_input, not_found, ok

_DESTINATIONS = "/notifications/v1/destinations"
_SUBSCRIPTIONS = "/notifications/v1/subscriptions/{notificationType}"
_ARN = re.compile(r"arn:aws:sqs:[^:\s]+:[^:\s]+:[^:\s]+")
_MAX_NAME = 256


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue that notifications may be sent to."""

    destination_id: str
    name: str
    arn: str

    def render(self) -> dict[str, Any]:
        """Write the destination down as getDestination does."""
        resource = {"sqs": {"arn": self.arn}}
        return {"destinationId": self.destination_id, "name": self.name, "resource": resource}


@dataclass(frozen=True, slots=True)
class Subscription:
    """That notifications of a type are sent to a destination, from a moment on."""

    subscription_id: str
    notification_type: str
    destination_id: str
    since: datetime

    def render(self) -> dict[str, Any]:
        """Write the subscription down as getSubscription does."""
        return {
            "subscriptionId": self.subscription_id,
            "payloadVersion": VERSIONS[self.notification_type],
            "destinationId": self.destination_id,
        }


@dataclass
class Subscriptions:
    """The destinations and subscriptions of one application and one selling partner.

    Attributes:
        destinations: By their ids.
        by_type: The subscriptions by type, of which Amazon has one each.
    """

    destinations: dict[str, Destination] = field(default_factory=dict)
    by_type: dict[str, Subscription] = field(default_factory=dict)
    _count: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def operations(self) -> Iterator[Operation]:
        """Yield the operations."""
        plan, destination = UsagePlan(1, 5), f"{_DESTINATIONS}/{{destinationId}}"
        one = f"{_SUBSCRIPTIONS}/{{subscriptionId}}"
        for name, method, path, handle in (
            ("getDestinations", "GET", _DESTINATIONS, self.get_destinations),
            ("createDestination", "POST", _DESTINATIONS, self.create_destination),
            ("getDestination", "GET", destination, self.get_destination),
            ("deleteDestination", "DELETE", destination, self.delete_destination),
            ("getSubscription", "GET", _SUBSCRIPTIONS, self.get_subscription),
            ("createSubscription", "POST", _SUBSCRIPTIONS, self.create_subscription),
            ("getSubscriptionById", "GET", one, self.get_subscription_by_id),
            ("deleteSubscriptionById", "DELETE", one, self.delete_subscription_by_id),
        ):
            yield Operation(name, method, path, plan, handle)

    def get_destinations(self, _request: OperationRequest) -> Answer:
        """Return all destinations."""
        return ok({"payload": [each.render() for each in self.destinations.values()]})

    def create_destination(self, request: OperationRequest) -> Answer:
        """Make a queue a destination, once."""
        name, arn = _asked_destination(request.body)
        with self._lock:
            if any(each.arn == arn for each in self.destinations.values()):
                raise _conflict(f"A destination with the resource {arn} exists.")
            made = Destination(self._next("destination"), name, arn)
            self.destinations[made.destination_id] = made
        return ok({"payload": made.render()})

    def get_destination(self, request: OperationRequest) -> Answer:
        """Return one destination."""
        return ok({"payload": self._destination(request.path["destinationId"]).render()})

    def delete_destination(self, request: OperationRequest) -> Answer:
        """End a destination to which nothing is subscribed."""
        found = self._destination(request.path["destinationId"])
        with self._lock:
            if any(each.destination_id == found.destination_id for each in self.by_type.values()):
                raise _conflict("The destination has subscriptions.")
            del self.destinations[found.destination_id]
        return ok({})

    def get_subscription(self, request: OperationRequest) -> Answer:
        """Return the subscription to a type."""
        asked = read_parameters(request.query, {"payloadVersion": str})
        found = self.by_type.get(_type(request))
        version = asked.get("payloadVersion", VERSIONS[_type(request)])
        if found is None or version != VERSIONS[found.notification_type]:
            raise not_found("There is no subscription to this type and version.")
        return ok({"payload": found.render()})

    def create_subscription(self, request: OperationRequest) -> Answer:
        """Subscribe to a type, once."""
        name, asked = _type(request), _json_object(request.body)
        if asked.get("payloadVersion") != VERSIONS[name]:
            raise invalid_input(f"Invalid payloadVersion; {name} has {VERSIONS[name]}.")
        destination = self._destination(str(asked.get("destinationId")))
        with self._lock:
            if name in self.by_type:
                raise _conflict(f"A subscription to {name} exists.")
            made = Subscription(
                self._next("subscription"), name, destination.destination_id, request.now
            )
            self.by_type[name] = made
        return ok({"payload": made.render()})

    def get_subscription_by_id(self, request: OperationRequest) -> Answer:
        """Return one subscription."""
        return ok({"payload": self._subscription(request).render()})

    def delete_subscription_by_id(self, request: OperationRequest) -> Answer:
        """End a subscription."""
        with self._lock:
            del self.by_type[self._subscription(request).notification_type]
        return ok({})

    def _next(self, what: str) -> str:
        self._count += 1
        return f"{what}-{self._count:04d}"

    def _destination(self, destination_id: str) -> Destination:
        if destination_id not in self.destinations:
            raise not_found(f"Destination {destination_id} does not exist.")
        return self.destinations[destination_id]

    def _subscription(self, request: OperationRequest) -> Subscription:
        found = self.by_type.get(_type(request))
        if found is None or found.subscription_id != request.path["subscriptionId"]:
            raise not_found(f"Subscription {request.path['subscriptionId']} does not exist.")
        return found


def _type(request: OperationRequest) -> str:
    name = request.path["notificationType"]
    if name not in VERSIONS:
        raise invalid_input(f"Invalid notificationType {name!r}.", f"Known are: {list(VERSIONS)}.")
    return name


def _asked_destination(body: bytes) -> tuple[str, str]:
    """Read the name and the queue's ARN of a destination."""
    asked = _json_object(body)
    name, specification = asked.get("name"), asked.get("resourceSpecification")
    queue = specification.get("sqs") if isinstance(specification, dict) else None
    arn = queue.get("arn") if isinstance(queue, dict) else None
    if not isinstance(name, str) or not 1 <= len(name) <= _MAX_NAME:
        raise invalid_input(f"name must have 1 to {_MAX_NAME} characters.")
    if not isinstance(arn, str) or not _ARN.fullmatch(arn) or arn.endswith(".fifo"):
        raise invalid_input("resourceSpecification.sqs.arn must be the ARN of a standard queue.")
    return name, arn


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise invalid_input("The body is not JSON.", str(error)) from error
    if not isinstance(value, dict):
        raise invalid_input("The body must be a JSON object.")
    return value


def _conflict(details: str) -> Refusal:
    return Refusal(
        409, "Conflict", "The resource specified conflicts with the current state.", details
    )
