"""Destinations and subscriptions are made, found and ended, in Amazon's words."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Credentials,
    Destination,
    NotFoundError,
    RequestError,
    ResponseError,
    SellingPartnerClient,
    Subscription,
    create_destination,
    create_subscription,
    delete_destination,
    delete_subscription,
    destinations,
    subscription,
)

ARN = "arn:aws:sqs:us-east-1:123456789012:amazon"
CHANGE = "ORDER_CHANGE"


@pytest.fixture
def partner_client() -> Iterator[SellingPartnerClient]:
    """The client of a partner who has subscribed to nothing."""
    partner = Partner.generate(seed=5, orders=1, until=datetime.now(UTC), days=1)
    with Simulator(partner, speed=1e6) as simulator:
        credentials = Credentials(
            simulator.client_id, simulator.client_secret, simulator.refresh_token
        )
        with SellingPartnerClient(
            credentials, simulator.url, lwa_url=simulator.lwa_url
        ) as connected:
            yield connected


def test_destination_is_made_listed_and_ended(partner_client: SellingPartnerClient) -> None:
    """A queue is listed under the name it was given until its destination is ended."""
    made = create_destination(partner_client, "ours", ARN)

    assert made == Destination(made.destination_id, "ours", ARN)
    assert destinations(partner_client) == [made]
    delete_destination(partner_client, made.destination_id)
    assert destinations(partner_client) == []


def test_subscription_is_begun_found_and_ended(partner_client: SellingPartnerClient) -> None:
    """A subscription is found with its destination from its beginning to its end."""
    made = create_destination(partner_client, "ours", ARN)
    assert subscription(partner_client, CHANGE, "1.0") is None

    subscription_id = create_subscription(partner_client, CHANGE, "1.0", made.destination_id)

    found = subscription(partner_client, CHANGE, "1.0")
    assert found == Subscription(subscription_id, made.destination_id, "1.0")
    delete_subscription(partner_client, CHANGE, subscription_id)
    assert subscription(partner_client, CHANGE, "1.0") is None


def test_what_amazon_has_already_is_refused(partner_client: SellingPartnerClient) -> None:
    """A second destination of a queue is an error that trying again does not cure."""
    create_destination(partner_client, "ours", ARN)

    with pytest.raises(RequestError, match="exists"):
        create_destination(partner_client, "again", ARN)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda client: delete_destination(client, "7/0?"), id="destination"),
        pytest.param(lambda client: delete_subscription(client, CHANGE, "7/0?"), id="subscription"),
    ],
)
def test_unknown_ids_cannot_be_ended(
    partner_client: SellingPartnerClient, end: Callable[[SellingPartnerClient], None]
) -> None:
    """An id that Amazon does not know is an error of its own, whatever stands in it."""
    with pytest.raises(NotFoundError):
        end(partner_client)


WITHOUT = [
    pytest.param(destinations, {}, "no list of destinations", id="list"),
    pytest.param(destinations, {"payload": [7]}, "no destinationId", id="destination"),
    pytest.param(
        lambda client: create_destination(client, "ours", ARN), {}, "no destinationId", id="made"
    ),
    pytest.param(
        lambda client: subscription(client, CHANGE, "1.0"),
        {"payload": {"subscriptionId": "7"}},
        "no destinationId",
        id="subscription",
    ),
    pytest.param(
        lambda client: create_subscription(client, CHANGE, "1.0", "7"),
        {"payload": {}},
        "no subscriptionId",
        id="begun",
    ),
]


@pytest.mark.parametrize(("ask", "answer", "words"), WITHOUT)
def test_answer_that_cannot_be_meant(
    client: SellingPartnerClient,
    server: Any,
    ask: Callable[[SellingPartnerClient], Any],
    answer: dict[str, Any],
    words: str,
) -> None:
    """An answer without what makes it one names what it lacks."""
    server.answer(answer)

    with pytest.raises(ResponseError, match=words):
        ask(client)


RESOURCES = [
    pytest.param(None, id="none"),
    pytest.param({"eventBridge": {"name": "bus"}}, id="event-bridge"),
    pytest.param({"sqs": {}}, id="no-arn"),
]


@pytest.mark.parametrize("resource", RESOURCES)
def test_destination_may_be_no_queue(
    client: SellingPartnerClient, server: Any, resource: Any
) -> None:
    """Another kind of destination is listed without an ARN."""
    server.answer({"payload": [{"destinationId": "7", "resource": resource}]})

    assert destinations(client) == [Destination("7", "", None)]
