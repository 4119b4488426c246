"""The simulated selling partner: the same again from the same seed, and a realistic mix."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from asp_dagster.simulator import Partner

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
AT = UNTIL + timedelta(hours=6)

_FINGERPRINT = """
import hashlib
from datetime import UTC, datetime, timedelta
from asp_dagster.simulator import Partner
until = datetime(2026, 11, 22, tzinfo=UTC)
partner = Partner.generate(seed=5, orders=200, until=until, days=2)
partner.update(seed=1, at=until + timedelta(hours=6))
rows = repr((partner.order_rows(), partner.order_item_rows()))
print(hashlib.sha256(rows.encode()).hexdigest())
"""


def _generate(seed: int = 5, orders: int = 200, **settings: object) -> Partner:
    usual: dict[str, object] = {"until": UNTIL, "days": 2}
    return Partner.generate(seed=seed, orders=orders, **(usual | settings))  # type: ignore[arg-type]


def _rows(partner: Partner) -> str:
    return repr((partner.order_rows(), partner.order_item_rows()))


def test_same_again_in_any_process() -> None:
    """The same seed gives the same partner and the same changes, whatever the hash seed."""
    prints = [
        subprocess.run(
            [sys.executable, "-c", _FINGERPRINT],
            env={
                **os.environ,
                "PYTHONHASHSEED": hash_seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    ]
    here = _generate()
    here.update(seed=1, at=AT)

    assert {*prints, hashlib.sha256(_rows(here).encode()).hexdigest()} == {prints[0]}


def test_another_seed_is_another_partner() -> None:
    """Two seeds share no order id."""
    one, two = ({row["order_id"] for row in _generate(seed).order_rows()} for seed in (1, 2))

    assert one.isdisjoint(two)


@pytest.mark.parametrize("orders", [0, 1, 2500])
def test_any_size(orders: int) -> None:
    """A partner has as many orders as were asked for, each with an id of its own."""
    rows = _generate(orders=orders).order_rows()

    assert len({row["order_id"] for row in rows}) == orders


def test_ids_of_items_are_unique() -> None:
    """No two items share an id, and some ids begin with a zero."""
    ids = [row["order_item_id"] for row in _generate(orders=2000).order_item_rows()]

    assert len(set(ids)) == len(ids)
    assert any(each.startswith("0") for each in ids)


def test_times_lie_in_the_era() -> None:
    """Every order last changed within the days before the end, and was made no later."""
    rows = _generate(orders=2000).order_rows()

    assert all(UNTIL - timedelta(days=2) <= row["last_updated_at"] < UNTIL for row in rows)
    assert all(row["created_at"] <= row["last_updated_at"] for row in rows)


def test_edges_of_days_are_taken() -> None:
    """Some orders change exactly at midnight, some in the last millisecond before."""
    times = Counter(row["last_updated_at"] for row in _generate(orders=2000).order_rows())
    midnight = UNTIL - timedelta(days=1)

    assert times[midnight] > 1
    assert times[midnight - timedelta(milliseconds=1)] > 1


def test_small_partner_has_some_of_each() -> None:
    """Eight orders are enough for many items, pending, cancelled and partly shipped ones."""
    rows = _generate(orders=8).order_rows()

    assert {"PENDING", "CANCELLED", "PARTIALLY_SHIPPED", "UNSHIPPED", "SHIPPED"} <= {
        row["status"] for row in rows
    }
    assert {10, 11, 23} <= {row["items_count"] for row in rows}


def test_totals_are_sums() -> None:
    """An order's total is what its items come to: prices and taxes less discounts."""
    partner = _generate(orders=1000)
    sums = {
        order.order_id: sum(
            (
                (amount or Decimal(0)) * sign
                for item in order.items
                for amount, sign in (
                    (item.item_price, 1),
                    (item.item_tax, 1),
                    (item.shipping_price, 1),
                    (item.shipping_tax, 1),
                    (item.gift_wrap_price, 1),
                    (item.gift_wrap_tax, 1),
                    (item.promotion_discount, -1),
                )
            ),
            Decimal(0),
        )
        for order in partner.books.orders
    }

    assert all(row["total_amount"] in {None, sums[row["order_id"]]} for row in partner.order_rows())


@pytest.mark.parametrize("status", ["PENDING", "PENDING_AVAILABILITY", "CANCELLED"])
def test_money_is_left_out(status: str) -> None:
    """Before payment and after a cancellation there is no money on order or items."""
    partner = _generate(orders=1000)
    rows = [row for row in partner.order_rows() if row["status"] == status]
    ids = {row["order_id"] for row in rows}
    items = [row for row in partner.order_item_rows() if row["order_id"] in ids]

    assert rows
    assert {row["total_amount"] for row in rows} | {row["currency"] for row in rows} == {None}
    assert {row["item_price"] for row in items} | {row["currency"] for row in items} == {None}


def test_cancelled_items_have_no_units() -> None:
    """A cancelled order keeps its items, with nothing ordered."""
    cancelled = [row for row in _generate(orders=500).order_rows() if row["status"] == "CANCELLED"]

    assert all(row["items_count"] > 0 and row["units_ordered"] == 0 for row in cancelled)


def test_yen_have_no_cents() -> None:
    """Amounts have the decimals of their currency."""
    partner = _generate(marketplaces=("A1VC38T7YXB528", "A39IBJ37TRP1C6"))
    exponents = {
        row["currency"]: row["total_amount"].as_tuple().exponent
        for row in partner.order_rows()
        if row["currency"]
    }

    assert exponents == {"JPY": 0, "AUD": -2}


def test_sales_channels_follow_the_marketplaces() -> None:
    """Orders spread over the marketplaces, each with its shop's name."""
    partner = _generate(marketplaces=("A1F83G8C2ARO7P", "A1PA6795UKMFR9"))

    assert {row["sales_channel"] for row in partner.order_rows()} == {"Amazon.co.uk", "Amazon.de"}


def test_titles_are_awkward() -> None:
    """Some titles hold an inch sign, some letters beyond ASCII."""
    titles = {row["title"] for row in _generate(orders=500).order_item_rows()}

    assert any('"' in title for title in titles)
    assert any(not title.isascii() for title in titles)


def _by_id(rows: Sequence[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {row["order_id"]: row for row in rows}


def test_update_moves_changed_orders_into_the_hour_before() -> None:
    """What an update changes was last updated within the hour before, nothing else was."""
    partner = _generate(orders=1000)
    before = _by_id(partner.order_rows())
    partner.update(seed=1, fraction=0.2, at=AT)
    after = _by_id(partner.order_rows())
    changed = [row for order_id, row in after.items() if before.get(order_id) != row]

    assert len(changed) == 220
    assert all(AT - timedelta(hours=1) <= row["last_updated_at"] < AT for row in changed)  # type: ignore[operator]
    assert all(after[order_id]["order_id"] == order_id for order_id in before)


def test_update_brings_every_kind_of_change() -> None:
    """Orders move on, are cancelled, lose items down to none, and appear."""
    partner = _generate(orders=2000)
    before = _by_id(partner.order_rows())
    partner.update(seed=1, fraction=0.5, at=AT)
    after = _by_id(partner.order_rows())
    common = [(before[order_id], after[order_id]) for order_id in before]

    assert len(after) > len(before)
    assert any(old["status"] == "PENDING" != new["status"] for old, new in common)
    assert any(old["status"] != "CANCELLED" == new["status"] for old, new in common)
    assert any(old["items_count"] != new["items_count"] for old, new in common)
    assert any(new["items_count"] == 0 for _, new in common)


def test_no_order_goes_back_in_time() -> None:
    """Updates in any order leave each order at least as late as it was."""
    partner = _generate(orders=500)
    before = _by_id(partner.order_rows())
    partner.update(seed=1, fraction=1, at=AT)
    partner.update(seed=2, fraction=1, at=UNTIL - timedelta(hours=12))
    after = _by_id(partner.order_rows())

    assert all(
        after[order_id]["last_updated_at"] >= row["last_updated_at"]  # type: ignore[operator]
        for order_id, row in before.items()
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"orders": -1}, "orders must be 0 or more", id="negative size"),
        pytest.param({"days": 0}, "days 1 or more", id="no days"),
        pytest.param({"until": datetime(2026, 11, 22)}, "until must be aware", id="naive time"),  # noqa: DTZ001 - the mistake tested
        pytest.param({"marketplaces": ("ATVPD",)}, "No marketplace has the id", id="unknown shop"),
        pytest.param({"marketplaces": ()}, "0 selling regions", id="no shop"),
        pytest.param(
            {"marketplaces": ("ATVPDKIKX0DER", "A1PA6795UKMFR9")}, "2 selling regions", id="regions"
        ),
    ],
)
def test_impossible_partners_are_refused(settings: dict[str, object], words: str) -> None:
    """A partner that cannot be is refused in words that name the mistake."""
    with pytest.raises(ValueError, match=words):
        _generate(**{"orders": 1, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"fraction": 1.5}, "between 0 and 1", id="fraction"),
        pytest.param({"at": datetime(2026, 11, 22)}, "at must be aware", id="naive time"),  # noqa: DTZ001 - the mistake tested
    ],
)
def test_impossible_updates_are_refused(settings: dict[str, object], words: str) -> None:
    """An update that cannot be is refused in words that name the mistake."""
    with pytest.raises(ValueError, match=words):
        _generate(orders=1).update(**{"seed": 1, "at": AT, **settings})  # type: ignore[arg-type]
