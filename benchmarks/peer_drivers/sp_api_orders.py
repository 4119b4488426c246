"""Fetches orders by python-amazon-sp-api, with the decorators of its documentation.

The documentation puts `throttle_retry` outside, where it sees no error of the generator that
`load_all_pages` makes: the first 429 would end it. Here it stands inside and retries each page.

https://sp-api-docs.saleweaver.com/en/latest/
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from quota_time import QuotaTime
from sp_api.api import Orders
from sp_api.base import SellingApiRequestThrottledException
from sp_api.util import load_all_pages, throttle_retry


def prepare(simulator: QuotaTime, asked: Sequence[str]) -> Callable[[], Mapping[str, object]]:
    """Return what fetches `v0`, `v2026`, or `v2026 by-header`, and says what came."""
    _lead_to(simulator)
    return lambda: _fetched(asked)


def _fetched(asked: Sequence[str]) -> Mapping[str, object]:
    settings = {"use_rate_limit_header": True} if "by-header" in asked else {}
    orders: dict[str, int] = {}
    gave_up = False
    try:
        {"v0": _v0, "v2026": _v2026}[asked[0]](orders, settings)
    except SellingApiRequestThrottledException:
        gave_up = True
    return {"orders": len(orders), "items": sum(orders.values()), "gave_up": gave_up}


def _v0(orders: dict[str, int], settings: Mapping[str, Any]) -> None:
    client = Orders(credentials=_credentials(), version="v0")
    pages = load_all_pages(**settings)(throttle_retry()(client.get_orders))
    item_pages = load_all_pages(**settings)(throttle_retry()(client.get_order_items))
    window = {"LastUpdatedAfter": os.environ["ASP_FROM"], "LastUpdatedBefore": os.environ["ASP_TO"]}
    for page in pages(MarketplaceIds=[os.environ["ASP_MARKETPLACE_IDS"]], **window):
        for order in page.payload["Orders"]:
            found = item_pages(order["AmazonOrderId"])
            count = sum(len(items.payload["OrderItems"]) for items in found)
            orders[order["AmazonOrderId"]] = count


def _v2026(orders: dict[str, int], settings: Mapping[str, Any]) -> None:
    client = Orders(credentials=_credentials(), version="2026-01-01")
    token_name = "paginationToken"  # noqa: S105 - the name of a parameter
    paged = load_all_pages(next_token_param=token_name, **settings)
    window = {"lastUpdatedAfter": os.environ["ASP_FROM"], "lastUpdatedBefore": os.environ["ASP_TO"]}
    asked = {"marketplaceIds": [os.environ["ASP_MARKETPLACE_IDS"]], "maxResultsPerPage": 100}
    for page in paged(throttle_retry()(client.search_orders))(**asked, **window):
        for order in page.payload["orders"]:
            orders[order["orderId"]] = len(order["orderItems"])


def _credentials() -> Mapping[str, str]:
    return {
        "lwa_app_id": os.environ["ASP_CLIENT_ID"],
        "lwa_client_secret": os.environ["ASP_CLIENT_SECRET"],
        "refresh_token": os.environ["ASP_REFRESH_TOKEN"],
    }


def _lead_to(simulator: QuotaTime) -> None:
    """Turn around what httpx sends."""
    send = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.url = httpx.URL(simulator.url(str(request.url)))
        request.headers["host"] = request.url.netloc.decode()
        response = send(self, request)
        simulator.state_amazons_rate(response.headers)
        return response

    httpx.HTTPTransport.handle_request = handle_request
