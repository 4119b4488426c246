"""A notification goes to the feeds of its seller and its marketplace, and to no others."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.catalog.notifications import Notification
from asp_dagster.notifications.listeners import Audience, Listener, Listeners
from asp_dagster.resources import AmazonSPResource
from asp_dagster_tests.notifications.listening import account_feed, audience, orders_feed

US, CA, DE = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1PA6795UKMFR9"


def _told(
    of: Audience, seller_id: str | None, marketplace_id: str | None = None, **kind: str
) -> Sequence[str]:
    notification = Notification(
        notification_id="n",
        notification_type=kind.get("kind", "ORDER_CHANGE"),
        subject="1",
        happened_at=datetime.now(UTC),
        seller_id=seller_id,
        marketplace_id=marketplace_id,
    )
    return of.of(notification)


def test_each_seller_has_its_feed() -> None:
    """Of several accounts, and of the settings' own seller, each is told of its own orders."""
    everybody = audience(
        orders_feed(), account_feed("acme", "A2"), account_feed("globex", "A3"), seller_id="A1"
    )

    assert [_told(everybody, seller) for seller in ("A1", "A2", "A3", "A4")] == [
        ["raw_orders"],
        ["acme/raw_orders"],
        ["globex/raw_orders"],
        [],
    ]


def test_two_feeds_of_a_seller_are_both_told() -> None:
    """Orders of both versions, say, are fetched by both feeds."""
    both = audience(account_feed("one", "A2"), account_feed("other", "A2"))

    assert _told(both, "A2") == ["one/raw_orders", "other/raw_orders"]


def test_account_is_not_the_seller_of_the_settings() -> None:
    """ASP_SELLER_ID is that of the feeds without credentials of their own."""
    everybody = audience(orders_feed(), account_feed("acme"), seller_id="A1")

    assert (_told(everybody, "A1"), _told(everybody, "A2")) == (["raw_orders"], [])


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        pytest.param([orders_feed()], ["raw_orders"], id="the settings' own"),
        pytest.param([account_feed("acme")], ["acme/raw_orders"], id="one account"),
        pytest.param([orders_feed(), account_feed("acme")], [], id="two partners"),
    ],
)
def test_one_partner_that_is_not_named_is_told_of_anybodys(
    feeds: Sequence[Listener], told: Sequence[str]
) -> None:
    """Whose a queue is that only one uses need not be said; of two it cannot be guessed."""
    assert _told(audience(*feeds), "A2") == told


@pytest.mark.parametrize(
    ("feed", "asked"),
    [
        pytest.param(account_feed("acme", "A2", DE), [DE], id="the account's"),
        pytest.param(account_feed("acme", "A2"), [US, CA], id="the settings'"),
        pytest.param(orders_feed(params={"marketplaceIds": "A1PA6795UKMFR9"}), [DE], id="text"),
        pytest.param(orders_feed(params={"marketplaceIds": [CA, DE]}), [CA, DE], id="list"),
        pytest.param(
            orders_feed(params={"marketplaceIds": ["{marketplace_ids}"]}), [US, CA], id="filled"
        ),
    ],
)
def test_only_marketplaces_that_are_searched_are_told(feed: Listener, asked: list[str]) -> None:
    """What the partition's own run would not bring is not fetched."""
    of = audience(feed, marketplace_ids=f"{US},{CA}")

    assert [each for each in (US, CA, DE) if _told(of, "A2", each)] == asked


def test_why_nobody_is_told() -> None:
    """A seller that is not known, and a marketplace that is not asked for, each has its remedy."""
    acme = audience(account_feed("acme", "A2", DE))

    assert "`seller_id: A9`" in acme.why_not("A9", DE)
    assert f"marketplace {US} of seller A2" in acme.why_not("A2", US)
    assert (acme.knows("A2"), acme.knows("A9")) == (True, False)


def test_reports_are_told_to_feeds_that_wait_for_them() -> None:
    """A finished report is of the feeds that leave theirs to a sensor, of a vendor's too."""
    waiting: Any = Listeners([account_feed("acme", "A2")], [account_feed("globex")])
    of = Audience(waiting, AmazonSPResource())

    assert _told(of, None, kind="REPORT_PROCESSING_FINISHED") == ["globex/raw_orders"]
    assert _told(of, "A2", kind="ORDER_CHANGE") == ["acme/raw_orders"]
