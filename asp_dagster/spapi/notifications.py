"""Where Amazon sends notifications: destinations, and subscriptions of one selling partner to them.

Here belong: the operations of the Notifications API, and what their answers mean. Destinations are
the application's, by grantless operations; a subscription is begun with the selling partner's
consent and ended without. What is subscribed to, and what a notification says, is decided above.

https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from asp_dagster.spapi.client import SellingPartnerClient
from asp_dagster.spapi.errors import NotFoundError, ResponseError
from asp_dagster.spapi.responses import Response

_DESTINATIONS = "/notifications/v1/destinations"
_SUBSCRIPTIONS = "/notifications/v1/subscriptions"


@dataclass(frozen=True)
class Destination:
    """Where an application lets notifications be sent.

    Attributes:
        destination_id: Amazon's id.
        name: The application's own name of it.
        queue_arn: The ARN of its queue; none if it is no SQS queue.
    """

    destination_id: str
    name: str
    queue_arn: str | None


@dataclass(frozen=True)
class Subscription:
    """That a selling partner's notifications of one type are sent to a destination.

    Attributes:
        subscription_id: Amazon's id.
        destination_id: Where they are sent.
        payload_version: The version of what they say.
    """

    subscription_id: str
    destination_id: str
    payload_version: str


def destinations(client: SellingPartnerClient) -> Sequence[Destination]:
    """Return the application's destinations.

    https://developer-docs.amazon.com/sp-api/reference/getdestinations

    Raises:
        ResponseError: When Amazon answers in a way that cannot be meant.
        ApiError: When Amazon refuses, or does not answer.
    """
    response = client.request("GET", _DESTINATIONS)
    listed = response.body.get("payload")
    if not isinstance(listed, list):
        raise ResponseError(response.refusal("no list of destinations"))
    return [_destination(response, each) for each in listed]


def create_destination(client: SellingPartnerClient, name: str, queue_arn: str) -> Destination:
    """Make a queue a destination of the application; Amazon tries whether it may send there.

    https://developer-docs.amazon.com/sp-api/reference/createdestination

    Raises:
        ResponseError: When Amazon answers in a way that cannot be meant.
        ApiError: When Amazon refuses, or does not answer.
    """
    body = {"name": name, "resourceSpecification": {"sqs": {"arn": queue_arn}}}
    response = client.request("POST", _DESTINATIONS, body=body)
    return _destination(response, response.body.get("payload"))


def delete_destination(client: SellingPartnerClient, destination_id: str) -> None:
    """End a destination, to which nothing may be subscribed any more.

    https://developer-docs.amazon.com/sp-api/reference/deletedestination

    Raises:
        NotFoundError: When there is none of this id.
        ApiError: When Amazon refuses, or does not answer.
    """
    client.request("DELETE", f"{_DESTINATIONS}/{_quoted(destination_id)}")


def subscription(
    client: SellingPartnerClient, notification_type: str, payload_version: str
) -> Subscription | None:
    """Return the selling partner's subscription to a type, of which Amazon has one; or none.

    https://developer-docs.amazon.com/sp-api/reference/getsubscription

    Raises:
        ResponseError: When Amazon answers in a way that cannot be meant.
        ApiError: When Amazon refuses, or does not answer.
    """
    path = f"{_SUBSCRIPTIONS}/{_quoted(notification_type)}"
    try:
        response = client.request("GET", path, params={"payloadVersion": payload_version})
    except NotFoundError:
        return None
    found = _fields(response, response.body.get("payload"), "subscriptionId", "destinationId")
    version = str(found.get("payloadVersion") or payload_version)
    return Subscription(str(found["subscriptionId"]), str(found["destinationId"]), version)


def create_subscription(
    client: SellingPartnerClient, notification_type: str, payload_version: str, destination_id: str
) -> str:
    """Let a selling partner's notifications of a type be sent to a destination; return the id.

    https://developer-docs.amazon.com/sp-api/reference/createsubscription

    Raises:
        ResponseError: When Amazon names no id.
        ApiError: When Amazon refuses, or does not answer.
    """
    body = {"payloadVersion": payload_version, "destinationId": destination_id}
    path = f"{_SUBSCRIPTIONS}/{_quoted(notification_type)}"
    response = client.request("POST", path, body=body)
    made = _fields(response, response.body.get("payload"), "subscriptionId")
    return str(made["subscriptionId"])


def delete_subscription(
    client: SellingPartnerClient, notification_type: str, subscription_id: str
) -> None:
    """End a subscription.

    https://developer-docs.amazon.com/sp-api/reference/deletesubscriptionbyid

    Raises:
        NotFoundError: When there is none of this id.
        ApiError: When Amazon refuses, or does not answer.
    """
    path = f"{_SUBSCRIPTIONS}/{_quoted(notification_type)}/{_quoted(subscription_id)}"
    client.request("DELETE", path)


def _destination(response: Response, entry: Any) -> Destination:
    fields = _fields(response, entry, "destinationId")
    resource = fields.get("resource")
    queue = resource.get("sqs") if isinstance(resource, Mapping) else None
    arn = queue.get("arn") if isinstance(queue, Mapping) else None
    return Destination(
        str(fields["destinationId"]), str(fields.get("name") or ""), str(arn) if arn else None
    )


def _fields(response: Response, entry: Any, *needed: str) -> Mapping[str, Any]:
    """Return an object of an answer that has the fields without which it cannot be meant."""
    fields = entry if isinstance(entry, Mapping) else {}
    for name in needed:
        if not fields.get(name):
            raise ResponseError(response.refusal(f"no {name}"))
    return fields


def _quoted(text: str) -> str:
    return quote(text, safe="")
