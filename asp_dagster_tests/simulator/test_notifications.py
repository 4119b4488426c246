"""The Notifications API, and what the simulated Amazon sends to a queue of SQS."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.notifications import Delivery

DESTINATIONS = "/notifications/v1/destinations"
SUBSCRIPTIONS = "/notifications/v1/subscriptions"
ARN = "arn:aws:sqs:us-east-1:123456789012:amazon"
US = "ATVPDKIKX0DER"
SCOPE = "sellingpartnerapi::notifications"


@pytest.fixture
def changing(start: Callable[..., Simulator], clock: Any) -> Simulator:
    """A simulator over a partner of its own, which may change."""
    partner = Partner.generate(seed=1, orders=60, until=clock.now() - timedelta(hours=9), days=2)
    return start(partner)


@pytest.fixture
def seller(
    changing: Simulator, connect: Callable[[Simulator], requests.Session]
) -> requests.Session:
    """A session with the selling partner's consent."""
    return connect(changing)


@pytest.fixture
def application(changing: Simulator, seller: requests.Session) -> Callable[..., Any]:
    """Ask without the selling partner's consent, and return the answer."""
    form = {
        "grant_type": "client_credentials",
        "scope": SCOPE,
        "client_id": changing.client_id,
        "client_secret": changing.client_secret,
    }
    token = requests.post(changing.lwa_url, form, timeout=20).json()["access_token"]

    def ask(method: str, path: str, **options: Any) -> requests.Response:
        return seller.request(method, path, headers={"x-amz-access-token": token}, **options)

    return ask


def _destination(application: Callable[..., Any], arn: str = ARN) -> str:
    body = {"name": "ours", "resourceSpecification": {"sqs": {"arn": arn}}}
    answer = application("POST", DESTINATIONS, json=body)
    assert answer.status_code == 200
    destination_id: str = answer.json()["payload"]["destinationId"]
    return destination_id


def _subscribe(
    seller: requests.Session, destination_id: str, name: str = "ORDER_CHANGE", version: str = "1.0"
) -> requests.Response:
    body = {"payloadVersion": version, "destinationId": destination_id}
    return seller.post(f"{SUBSCRIPTIONS}/{name}", json=body)


def _received(queue: Any) -> list[dict[str, Any]]:
    found = []
    while messages := queue.receive_messages(MaxNumberOfMessages=10):
        found += [json.loads(message.body) for message in messages]
        for message in messages:
            message.delete()
    return found


def _changed_ids(messages: list[dict[str, Any]]) -> list[str]:
    return [each["Payload"]["OrderChangeNotification"]["AmazonOrderId"] for each in messages]


@pytest.fixture
def subscribed(application: Callable[..., Any], seller: requests.Session, queue: Any) -> Any:
    """The queue, to which both types are sent."""
    destination_id = _destination(application, queue.attributes["QueueArn"])
    _subscribe(seller, destination_id)
    _subscribe(seller, destination_id, "REPORT_PROCESSING_FINISHED", "2020-09-04")
    return queue


def test_destination_is_made_listed_and_ended(application: Callable[..., Any]) -> None:
    """A queue is a destination from its making until its end."""
    destination_id = _destination(application)

    expected = {
        "destinationId": destination_id,
        "name": "ours",
        "resource": {"sqs": {"arn": ARN}},
    }
    assert application("GET", DESTINATIONS).json() == {"payload": [expected]}
    assert application("GET", f"{DESTINATIONS}/{destination_id}").json() == {"payload": expected}
    assert application("DELETE", f"{DESTINATIONS}/{destination_id}").status_code == 200
    assert application("GET", f"{DESTINATIONS}/{destination_id}").status_code == 404


def test_subscription_is_begun_found_and_ended(
    application: Callable[..., Any], seller: requests.Session
) -> None:
    """The selling partner's consent begins it, the application alone finds it by id and ends it."""
    destination_id = _destination(application)
    begun = _subscribe(seller, destination_id).json()["payload"]

    path = f"{SUBSCRIPTIONS}/ORDER_CHANGE"
    one = f"{path}/{begun['subscriptionId']}"
    assert seller.get(path, params={"payloadVersion": "1.0"}).json() == {"payload": begun}
    assert application("GET", one).json() == {"payload": begun}
    assert application("DELETE", one).status_code == 200
    assert seller.get(path).status_code == 404
    assert application("GET", one).status_code == 404


def test_tokens_open_their_own_operations(
    application: Callable[..., Any], seller: requests.Session
) -> None:
    """Destinations are grantless, and beginning a subscription is not."""
    assert seller.get(DESTINATIONS).status_code == 403
    assert application("GET", f"{SUBSCRIPTIONS}/ORDER_CHANGE").status_code == 403


def test_second_of_the_same_is_a_conflict(
    application: Callable[..., Any], seller: requests.Session
) -> None:
    """A queue is one destination, and a type has one subscription, which holds the destination."""
    destination_id = _destination(application)
    _subscribe(seller, destination_id)

    body = {"name": "again", "resourceSpecification": {"sqs": {"arn": ARN}}}
    assert application("POST", DESTINATIONS, json=body).status_code == 409
    assert _subscribe(seller, destination_id).status_code == 409
    assert application("DELETE", f"{DESTINATIONS}/{destination_id}").status_code == 409


WRONG_DESTINATIONS = [
    pytest.param("no", id="no-json"),
    pytest.param("[]", id="no-object"),
    pytest.param(json.dumps({"resourceSpecification": {"sqs": {"arn": ARN}}}), id="no-name"),
    pytest.param(json.dumps({"name": "ours"}), id="no-queue"),
    pytest.param(
        json.dumps({"name": "ours", "resourceSpecification": {"sqs": {"arn": f"{ARN}.fifo"}}}),
        id="fifo",
    ),
]


@pytest.mark.parametrize("body", WRONG_DESTINATIONS)
def test_wrong_destination_is_refused(application: Callable[..., Any], body: str) -> None:
    """A destination has a name and a standard queue."""
    assert application("POST", DESTINATIONS, data=body).status_code == 400


def test_wrong_subscription_is_refused(
    application: Callable[..., Any], seller: requests.Session
) -> None:
    """Amazon knows the type, its version and the destination, or subscribes to nothing."""
    destination_id = _destination(application)

    assert _subscribe(seller, destination_id, "NOTHING_CHANGES").status_code == 400
    assert _subscribe(seller, destination_id, version="2.0").status_code == 400
    assert _subscribe(seller, "unknown").status_code == 404


def test_each_changed_order_is_told_once(
    changing: Simulator, subscribed: Any, aws_endpoint: str, clock: Any
) -> None:
    """What changes is told with the time of the change, and what stays is not."""
    before = changing.partner.books.by_id
    changing.partner.update(seed=1, at=clock.now())

    sent = changing.notifications.send(aws_endpoint, clock.now())

    after = changing.partner.books.by_id
    changed = {key for key, order in after.items() if before.get(key) != order}
    messages = _received(subscribed)
    assert sent == len(messages) == len(changed)
    assert set(_changed_ids(messages)) == changed
    assert {each["Payload"]["OrderChangeNotification"]["SellerId"] for each in messages} == {
        changing.notifications.seller_id
    }
    assert changing.notifications.send(aws_endpoint, clock.now()) == 0


def test_report_is_told_of_when_it_has_ended(
    changing: Simulator,
    seller: requests.Session,
    subscribed: Any,
    aws_endpoint: str,
    clock: Any,
    go_on: Callable[[float], None],
) -> None:
    """A report under way is not told of; one that has ended is, once, with its document."""
    changing.let_reports_take(60)
    asked = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [US]}
    report_id = seller.post("/reports/2021-06-30/reports", json=asked).json()["reportId"]
    assert changing.notifications.send(aws_endpoint, clock.now()) == 0

    go_on(61)
    changing.notifications.send(aws_endpoint, clock.now())

    [message] = _received(subscribed)
    told = message["payload"]["reportProcessingFinishedNotification"]
    assert (told["reportId"], told["processingStatus"]) == (report_id, "DONE")
    assert told["reportDocumentId"]
    assert changing.notifications.send(aws_endpoint, clock.now()) == 0


def test_delivery_may_lose_repeat_and_mix(changing: Simulator, subscribed: Any, clock: Any) -> None:
    """Amazon's best effort: some never arrive, some twice, in any order, as the seed says."""
    url = subscribed.meta.client.meta.endpoint_url
    changing.partner.update(seed=1, fraction=1, at=clock.now())
    order_ids = {order.order_id for order in changing.partner.books.orders}
    delivery = Delivery(seed=3, duplicates=0.3, losses=0.2, is_in_order=False)

    sent = changing.notifications.send(url, clock.now(), delivery)

    messages = _received(subscribed)
    times = [each["EventTime"] for each in messages]
    ids = {each["NotificationMetadata"]["NotificationId"] for each in messages}
    assert sent == len(messages)
    assert len(ids) < len(messages)
    assert set(_changed_ids(messages)) < order_ids
    assert times != sorted(times)


def test_another_process_lets_them_be_sent(
    subscribed: Any, aws_endpoint: str, seller: requests.Session
) -> None:
    """The simulator's own endpoint sends what is due, and refuses what it cannot read."""
    seller.post("/simulator/update", json={"seed": 1})

    answer = seller.post("/simulator/notify", json={"sqs_url": aws_endpoint})

    assert answer.json() == {"sent": len(_received(subscribed))}
    assert answer.json()["sent"] > 0
    wrong = seller.post("/simulator/notify", json={"duplicates": 1})
    assert (wrong.status_code, "sqs_url" in wrong.text) == (400, True)
