"""Calls that go wrong at random, in every way that is known of Amazon."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.storms import KINDS, Kind

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
ORDERS_V0 = "/orders/v0/orders"
FIRST = {"MarketplaceIds": "ATVPDKIKX0DER", "LastUpdatedAfter": "2026-11-19T00:00:00Z"}


@pytest.fixture
def amazon(start: Callable[..., Simulator]) -> Simulator:
    """A simulator over a partner that may change, in pages of five."""
    partner = Partner.generate(seed=1, orders=60, until=UNTIL, days=2)
    return start(partner, page_size_limit=5)


@pytest.fixture
def api(amazon: Simulator, connect: Callable[[Simulator], requests.Session]) -> requests.Session:
    """A session, logged in before any storm."""
    return connect(amazon)


def _page(api: requests.Session, token: str | None = None) -> requests.Response:
    return api.get(ORDERS_V0, params={**FIRST, **({"NextToken": token} if token else {})})


def _payload(answer: requests.Response) -> Mapping[str, Any]:
    payload: Mapping[str, Any] = answer.json()["payload"]
    return payload


def _begin(amazon: Simulator, kind: Kind, **settings: Any) -> None:
    amazon.storms.begin(seed=1, share=1, kinds=[kind], **settings)


@pytest.mark.parametrize(
    ("kind", "statuses", "body"),
    [
        pytest.param("error page", {500, 502, 503, 504}, "<html>", id="error-page"),
        pytest.param("throttled", {429}, '{"errors":[{"code":"QuotaExceeded"', id="throttled"),
        pytest.param("only errors", {200}, '{"errors":[', id="only-errors"),
        pytest.param("null payload", {200}, '{"payload":null}', id="null-payload"),
        pytest.param("half a JSON", {200}, '{"payload":{"Orders":[{', id="half-a-json"),
        pytest.param("marketplace refused", {403}, '{"errors":[', id="refused"),
        pytest.param("slow body", {200}, '{"payload":{"Orders":[{', id="slow"),
    ],
)
def test_list_meets_trouble(
    amazon: Simulator, api: requests.Session, kind: Kind, statuses: set[int], body: str
) -> None:
    """A list may end in each of these, and is as usual when the storm is over."""
    _begin(amazon, kind)
    answer = _page(api)
    counts = amazon.storms.counts()
    amazon.storms.end()

    assert answer.status_code in statuses
    assert answer.text.startswith(body)
    assert counts == {kind: 1}
    assert len(_payload(_page(api))["Orders"]) == 5


@pytest.mark.parametrize("kind", ["no answer", "half a body"])
def test_connections_break(amazon: Simulator, api: requests.Session, kind: Kind) -> None:
    """A connection may end before or in the middle of the body."""
    _begin(amazon, kind)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        _page(api)


def test_login_goes_down(amazon: Simulator) -> None:
    """Login with Amazon fails or says nothing."""
    _begin(amazon, "login down")

    outcomes = set()
    for _ in range(8):
        try:
            outcomes.add(requests.post(amazon.lwa_url, timeout=20).status_code)
        except requests.ConnectionError:
            outcomes.add(0)

    assert outcomes == {0, 500}


def test_first_page_is_read_before_paging_goes_wrong(
    amazon: Simulator, api: requests.Session
) -> None:
    """A token expires only in the middle of paging."""
    _begin(amazon, "page token expired")
    first = _payload(_page(api))

    assert _page(api, first["NextToken"]).json()["errors"][0]["message"].endswith("expired.")


def test_page_comes_empty_with_a_token(amazon: Simulator, api: requests.Session) -> None:
    """The token of an empty page is another one, and leads to what the page should have held."""
    first = _payload(_page(api))
    usual = _payload(_page(api, first["NextToken"]))
    _begin(amazon, "empty page")
    empty = _payload(_page(api, first["NextToken"]))
    amazon.storms.end()

    assert empty["Orders"] == []
    assert _payload(_page(api, empty["NextToken"]))["Orders"] == usual["Orders"]


def test_row_is_repeated_on_the_next_page(amazon: Simulator, api: requests.Session) -> None:
    """A page may begin with the row that the page before ended with."""
    _begin(amazon, "row repeated")
    first = _payload(_page(api))
    second = _payload(_page(api, first["NextToken"]))

    assert second["Orders"][0] == first["Orders"][-1]
    assert len(second["Orders"]) == 6


def test_row_moves_while_pages_are_read(amazon: Simulator, api: requests.Session) -> None:
    """An order changes between two pages, and a new one comes in."""
    before = {row["order_id"]: row for row in amazon.partner.order_rows()}
    _begin(amazon, "row moved", moves=[UNTIL + timedelta(hours=2)])
    first = _payload(_page(api))
    _page(api, first["NextToken"])
    after = {row["order_id"]: row for row in amazon.partner.order_rows()}

    assert len(after) == len(before) + 1
    assert sum(after[each] != before[each] for each in before) == 1


def test_documents_are_cut_and_their_urls_expire(amazon: Simulator, api: requests.Session) -> None:
    """A compressed document may come by half, or its URL be too old."""
    amazon.end_next_report("DONE", "a\tb\n" * 5000)
    spec = {"reportType": "GET_FLAT_FILE_OPEN_LISTINGS_DATA", "marketplaceIds": ["ATVPDKIKX0DER"]}
    report_id = api.post("/reports/2021-06-30/reports", json=spec).json()["reportId"]
    report = api.get(f"/reports/2021-06-30/reports/{report_id}").json()
    path = f"/reports/2021-06-30/documents/{report['reportDocumentId']}"
    url = api.get(path).json()["url"]

    _begin(amazon, "half a document")
    cut = requests.get(url, timeout=20, stream=True).raw.read()
    _begin(amazon, "document URL expired")
    refused = requests.get(url, timeout=20)

    assert "Request has expired" in refused.text
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(cut)


def test_items_of_an_order_are_gone(amazon: Simulator, api: requests.Session) -> None:
    """Items that are lost stay lost, storm or not; other orders keep theirs."""
    lost, kept, *_ = amazon.partner.books.by_id
    amazon.storms.lose_items([lost])
    statuses = [api.get(f"{ORDERS_V0}/{each}/orderItems").status_code for each in (lost, kept)]
    amazon.storms.begin(seed=1, share=0)
    api.get(f"{ORDERS_V0}/{lost}/orderItems")

    assert statuses == [404, 200]
    assert amazon.storms.counts() == {"items gone": 1}


def test_same_seed_makes_the_same_storm(amazon: Simulator, api: requests.Session) -> None:
    """Two storms of one seed let the same calls meet the same trouble."""
    kinds: list[Kind] = ["error page", "throttled", "null payload"]

    def statuses() -> list[int]:
        amazon.storms.begin(seed=5, share=0.5, kinds=kinds)
        return [_page(api).status_code for _ in range(12)]

    assert statuses() == statuses()


@pytest.mark.parametrize("settings", [{"share": 2}, {"kinds": ["rain"]}], ids=["share", "kind"])
def test_storm_that_cannot_be_is_refused(amazon: Simulator, settings: Any) -> None:
    """A share beyond one and an unknown kind are mistakes of the test."""
    with pytest.raises(ValueError, match="share lies between 0 and 1, and kinds are error page"):
        amazon.storms.begin(seed=1, **settings)


def test_other_processes_can_let_a_storm_begin(amazon: Simulator, api: requests.Session) -> None:
    """A storm begins, tells its counts and ends through the simulator's own endpoint."""
    door = f"{amazon.url}/simulator/storm"
    began = requests.post(door, json={"seed": 1, "share": 1, "kinds": ["throttled"]}, timeout=20)
    _page(api)
    counts = requests.get(door, timeout=20).json()
    ended = requests.post(door, json={"share": 0}, timeout=20)

    assert (began.json(), counts, ended.json()) == ({}, {"throttled": 1}, {"throttled": 1})
    assert _page(api).status_code == 200
    assert requests.post(door, json={"kinds": ["rain"]}, timeout=20).status_code == 400


def test_every_kind_has_a_name() -> None:
    """The kinds are told apart by their names."""
    assert len(set(KINDS)) == len(KINDS) == 18


def test_report_ends_fatally(amazon: Simulator, api: requests.Session) -> None:
    """A report may end in FATAL, with a document that explains it, and the next one in DONE."""
    asked = {
        "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": "2026-11-20T00:00:00Z",
        "dataEndTime": "2026-11-22T00:00:00Z",
    }
    _begin(amazon, "report fatal")
    made = [api.post("/reports/2021-06-30/reports", json=asked).json()["reportId"]]
    amazon.storms.end()
    made.append(api.post("/reports/2021-06-30/reports", json=asked).json()["reportId"])
    amazon.finish_reports()

    reports = [api.get(f"/reports/2021-06-30/reports/{each}").json() for each in made]
    assert [each["processingStatus"] for each in reports] == ["FATAL", "DONE"]
    assert all("reportDocumentId" in each for each in reports)
