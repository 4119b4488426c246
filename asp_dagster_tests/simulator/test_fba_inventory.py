"""getInventorySummaries: its parameters, its short-lived pages, and the stock behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.stock import stock_rows

PATH = "/fba/inventory/v1/summaries"
SHOP = "ATVPDKIKX0DER"
ALL = {"granularityType": "Marketplace", "granularityId": SHOP, "marketplaceIds": SHOP}

Json = Any


def _read(api: requests.Session, **params: str) -> list[Json]:
    """Read every page of a marketplace's summaries."""
    found: list[Json] = []
    params = {**ALL, **params}
    while True:
        page = api.get(PATH, params=params).json()
        found += page["payload"]["inventorySummaries"]
        if "pagination" not in page:
            return found
        params["nextToken"] = page["pagination"]["nextToken"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="nothing"),
        pytest.param({**ALL, "granularityType": "Store"}, id="granularity"),
        pytest.param({**ALL, "marketplaceIds": f"{SHOP},A2EUQ1WTGCTBG2"}, id="two-marketplaces"),
        pytest.param({**ALL, "granularityId": "A2EUQ1WTGCTBG2"}, id="two-different-ones"),
        pytest.param({**ALL, "details": "yes"}, id="no-boolean"),
        pytest.param({**ALL, "sellerSkus": ",".join(["A"] * 51)}, id="51-skus"),
        pytest.param({**ALL, "nextToken": "made-up"}, id="made-up-token"),
    ],
)
def test_bad_requests(api: requests.Session, params: dict[str, str]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    answer = api.get(PATH, params=params)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_other_regions_are_forbidden(api: requests.Session) -> None:
    """A marketplace of another selling region answers 403."""
    params = {**ALL, "granularityId": "A1PA6795UKMFR9", "marketplaceIds": "A1PA6795UKMFR9"}

    assert api.get(PATH, params=params).status_code == 403


def test_pages_hold_the_whole_stock(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    partner: Partner,
) -> None:
    """All pages together are the stock, each SKU and label once."""
    summaries = _read(connect(start(page_size_limit=9)), details="true")

    found = [(each["sellerSku"], each["fnSku"], each["totalQuantity"]) for each in summaries]
    truth = stock_rows(partner)
    assert found == [(row["seller_sku"], row["fn_sku"], row["total"]) for row in truth]
    assert len({(sku, label) for sku, label, _ in found}) == len(found)
    assert len({sku for sku, _, _ in found}) < len(found)


def test_details_come_when_asked_for(api: requests.Session) -> None:
    """Without `details` a summary holds the total alone."""
    assert "inventoryDetails" not in _read(api)[0]
    assert _read(api, details="true")[0]["inventoryDetails"]["fulfillableQuantity"] > 0


def test_no_stock_where_the_partner_does_not_sell(api: requests.Session) -> None:
    """Another marketplace of the region has no summaries."""
    assert _read(api, granularityId="A2EUQ1WTGCTBG2", marketplaceIds="A2EUQ1WTGCTBG2") == []


def test_skus_and_start_choose_summaries(api: requests.Session, partner: Partner) -> None:
    """Summaries can be asked for by SKU, or by when they changed, which leaves the SKUs unheard."""
    [changed, *_] = [each for each in _read(api) if "lastUpdatedTime" in each]
    sku, since = changed["sellerSku"], partner.order_rows()[-1]["last_updated_at"]

    assert {each["sellerSku"] for each in _read(api, sellerSkus=sku)} == {sku}
    start = (since - timedelta(hours=12)).isoformat().replace("+00:00", "Z")
    recent = _read(api, startDateTime=start, sellerSkus=sku)
    assert 0 < len(recent) < len(_read(api))
    assert all(each["lastUpdatedTime"] >= start[:19] for each in recent)


@pytest.mark.parametrize(
    ("seconds", "params", "words"),
    [
        pytest.param(31, {}, "expired", id="after-half-a-minute"),
        pytest.param(1, {"details": "true"}, "details differs", id="changed-parameter"),
    ],
)
def test_token_is_short_lived_and_bound(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    go_on: Callable[[float], None],
    seconds: float,
    params: dict[str, str],
    words: str,
) -> None:
    """A page token dies after 30 seconds, and wants all parameters repeated."""
    api = connect(start(page_size_limit=9))
    token = api.get(PATH, params=ALL).json()["pagination"]["nextToken"]
    go_on(seconds)

    answer = api.get(PATH, params={**ALL, **params, "nextToken": token})

    assert answer.status_code == 400
    assert words in answer.text
