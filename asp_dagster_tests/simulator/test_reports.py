"""Reports 2021-06-30: asking, waiting, cancelling, listing."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator

PATH = "/reports/2021-06-30/reports"
DAY = {"dataStartTime": "2026-11-20T00:00:00Z", "dataEndTime": "2026-11-20T23:59:59.999Z"}
BEFORE_THE_FIRST_ORDER = dict.fromkeys(DAY, "2026-10-01T00:00:00Z")
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"

Connect = Callable[[Simulator], requests.Session]
Start = Callable[..., Simulator]


def _body(**changes: Any) -> dict[str, Any]:
    body = {"reportType": ORDERS, "marketplaceIds": ["ATVPDKIKX0DER"], **DAY, **changes}
    return {name: value for name, value in body.items() if value is not None}


def _create(api: requests.Session, **changes: Any) -> str:
    answer = api.post(PATH, json=_body(**changes))
    assert answer.status_code == 202, answer.text
    report_id: str = answer.json()["reportId"]
    return report_id


def _report(api: requests.Session, report_id: str) -> dict[str, Any]:
    report: dict[str, Any] = api.get(f"{PATH}/{report_id}").json()
    return report


def test_report_on_its_way(start: Start, connect: Connect, go_on: Callable[[float], None]) -> None:
    """A report waits, is made, and is done; its times and document appear as they come."""
    api = connect(start(report_seconds=30))
    report_id = _create(api)
    waiting = _report(api, report_id)
    go_on(10)
    begun = _report(api, report_id)
    go_on(20)
    done = _report(api, report_id)

    assert waiting == {
        "reportId": report_id,
        "reportType": ORDERS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        **DAY,
        "createdTime": "2026-11-22T12:00:00Z",
        "processingStatus": "IN_QUEUE",
    }
    assert begun == waiting | {
        "processingStatus": "IN_PROGRESS",
        "processingStartTime": "2026-11-22T12:00:10Z",
    }
    assert done == begun | {
        "processingStatus": "DONE",
        "processingEndTime": "2026-11-22T12:00:30Z",
        "reportDocumentId": done["reportDocumentId"],
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"reportType": "GET_NO_SUCH_REPORT"}, id="unknown type"),
        pytest.param({"reportType": None}, id="no type"),
        pytest.param({"marketplaceIds": None}, id="no marketplaces"),
        pytest.param({"marketplaceIds": []}, id="empty marketplaces"),
        pytest.param({"marketplaceIds": "ATVPDKIKX0DER"}, id="text for a list"),
        pytest.param({"marketplaceIds": ["ATVPDKIKX0DER"] * 26}, id="26 marketplaces"),
        pytest.param({"marketplaceIds": ["ATVPD"]}, id="unknown marketplace"),
        pytest.param({"reportOptions": {"custom": True}}, id="option that is no text"),
        pytest.param({"reportOptions": ["custom"]}, id="options that are no object"),
        pytest.param({"dataEndTime": "2026-11-22T12:00:00.001Z"}, id="future"),
        pytest.param({"dataEndTime": "2026-11-19T00:00:00Z"}, id="backwards"),
        pytest.param({"dataStartTime": "2026-11-20"}, id="date without time"),
        pytest.param({"dataStartTime": 20261120}, id="number"),
        pytest.param({"reportPeriod": "DAY"}, id="unknown field"),
    ],
)
def test_bad_requests(api: requests.Session, changes: dict[str, Any]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    answer = api.post(PATH, json=_body(**changes))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


@pytest.mark.parametrize("body", [b"", b"{", b"[]"], ids=["empty", "broken", "list"])
def test_bodies_that_are_no_objects(api: requests.Session, body: bytes) -> None:
    """A body that is no JSON object is refused."""
    assert api.post(PATH, data=body).status_code == 400


def test_other_regions_are_forbidden(api: requests.Session) -> None:
    """A marketplace of another selling region answers 403."""
    answer = api.post(PATH, json=_body(marketplaceIds=["A1PA6795UKMFR9"]))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"dataStartTime": "2026-11-22T00:00:00Z", "dataEndTime": None}, id="no lines"),
        pytest.param({"marketplaceIds": ["A2EUQ1WTGCTBG2"]}, id="no orders there"),
        pytest.param({"reportType": SALES, **BEFORE_THE_FIRST_ORDER}, id="no days"),
        pytest.param({"reportType": SALES, "dataStartTime": "2024-11-21T00:00:00Z"}, id="too old"),
    ],
)
def test_no_data_is_cancelled(api: requests.Session, changes: dict[str, Any]) -> None:
    """A report without data ends CANCELLED, without a document."""
    report = _report(api, _create(api, **changes))

    assert report["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in report


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"marketplaceIds": ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]},
            "only one marketplaceId",
            id="two marketplaces",
        ),
        pytest.param(
            {"reportOptions": {"dateGranularity": "HOUR"}}, "dateGranularity=HOUR", id="granularity"
        ),
        pytest.param({"reportOptions": {"period": "DAY"}}, "period=DAY", id="unknown option"),
    ],
)
def test_impossible_reports_are_fatal(
    api: requests.Session, changes: dict[str, Any], words: str
) -> None:
    """A report that cannot be made ends FATAL, and its document says why."""
    report = _report(api, _create(api, reportType=SALES, **changes))
    document = api.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}").json()

    assert report["processingStatus"] == "FATAL"
    assert words in _download(document)


def _download(document: dict[str, str]) -> str:
    content = requests.get(document["url"], timeout=20).content
    return (gzip.decompress(content) if "compressionAlgorithm" in document else content).decode()


@pytest.mark.parametrize("status", ["FATAL", "CANCELLED", "DONE"])
def test_endings_can_be_chosen(simulator: Simulator, api: requests.Session, status: Any) -> None:
    """A test can end the next report as it likes, and only that one."""
    simulator.end_next_report(status, document="<no report>")
    chosen = _report(api, _create(api))
    document = api.get(f"/reports/2021-06-30/documents/{chosen['reportDocumentId']}").json()

    assert chosen["processingStatus"] == status
    assert _download(document) == "<no report>"
    assert _report(api, _create(api))["processingStatus"] == "DONE"


def test_ending_without_document(simulator: Simulator, api: requests.Session) -> None:
    """A chosen ending needs no document."""
    simulator.end_next_report("FATAL")

    assert "reportDocumentId" not in _report(api, _create(api))


def test_cancelling_in_the_queue(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """A report can be cancelled while it waits, and no later."""
    api = connect(start(report_seconds=30))
    waiting, begun = _create(api), _create(api)
    cancelled = api.delete(f"{PATH}/{waiting}")
    go_on(10)
    too_late = api.delete(f"{PATH}/{begun}")

    assert (cancelled.status_code, cancelled.content) == (200, b"")
    assert _report(api, waiting)["processingStatus"] == "CANCELLED"
    assert too_late.status_code == 400
    assert "IN_PROGRESS" in too_late.json()["errors"][0]["details"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_reports(api: requests.Session, method: str) -> None:
    """A report that was not asked for answers 404."""
    assert api.request(method, f"{PATH}/1").status_code == 404


def test_documents_wait_for_their_report(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """A document cannot be had before its report is finished."""
    api = connect(start(report_seconds=30))
    report_id = _create(api)
    path = "/reports/2021-06-30/documents/amzn1.spdoc.1.4.na.00000001"
    early = api.get(path).status_code
    go_on(30)

    assert _report(api, report_id)["reportDocumentId"] == path.rpartition("/")[2]
    assert (early, api.get(path).status_code) == (404, 200)


def _listed(api: requests.Session, **params: str) -> list[str]:
    answer = api.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return [report["reportId"] for report in answer.json()["reports"]]


def test_listing(start: Start, connect: Connect, go_on: Callable[[float], None]) -> None:
    """Reports are listed by type, status, marketplace and time, newest first."""
    api = connect(start(report_seconds=30))
    old = _create(api)
    go_on(60)
    empty = _create(api, marketplaceIds=["A2EUQ1WTGCTBG2"])
    sales = _create(api, reportType=SALES)

    assert _listed(api, reportTypes=f"{ORDERS},{SALES}") == [sales, empty, old]
    assert _listed(api, reportTypes=ORDERS) == [empty, old]
    assert _listed(api, reportTypes=ORDERS, processingStatuses="DONE") == [old]
    assert _listed(api, reportTypes=ORDERS, marketplaceIds="A2EUQ1WTGCTBG2") == [empty]
    assert _listed(api, reportTypes=ORDERS, createdSince="2026-11-22T12:00:01Z") == [empty]
    assert _listed(api, reportTypes=ORDERS, createdUntil="2026-11-22T12:00:01Z") == [old]


def test_old_reports_are_forgotten(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """Reports are listed for ninety days, whatever is asked for."""
    api = connect(start(token_seconds=10_000_000))
    _create(api)
    go_on(90 * 86400 + 1)

    assert _listed(api, reportTypes=ORDERS, createdSince="2026-11-01T00:00:00Z") == []


def test_pages_take_the_token_alone(api: requests.Session) -> None:
    """The next page is asked for by its token and nothing else."""
    ids = [_create(api) for _ in range(3)]
    first = api.get(PATH, params={"reportTypes": ORDERS, "pageSize": "2"}).json()
    second = api.get(PATH, params={"nextToken": first["nextToken"]}).json()
    both = api.get(PATH, params={"nextToken": first["nextToken"], "pageSize": "2"})

    assert [report["reportId"] for report in first["reports"]] == [ids[2], ids[1]]
    assert [report["reportId"] for report in second["reports"]] == [ids[0]]
    assert "nextToken" not in second
    assert both.status_code == 400


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="no type"),
        pytest.param({"reportTypes": ORDERS, "processingStatuses": "BAD"}, id="status"),
        pytest.param({"reportTypes": ORDERS, "pageSize": "0"}, id="page size"),
        pytest.param({"reportTypes": ",".join([ORDERS] * 11)}, id="11 types"),
        pytest.param({"nextToken": "made-up"}, id="token"),
    ],
)
def test_bad_listings(api: requests.Session, params: dict[str, str]) -> None:
    """What getReports cannot read is refused."""
    assert api.get(PATH, params=params).status_code == 400


def test_type_that_cools_down(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """A type with a cool-down is cancelled when it was made just before, and made again after."""
    api = connect(start(report_seconds=1, report_cool_downs={ORDERS: 1800}))
    statuses = []
    for seconds in (1, 1800, 1):
        report_id = _create(api)
        go_on(seconds)
        statuses.append(_report(api, report_id)["processingStatus"])

    assert statuses == ["DONE", "CANCELLED", "DONE"]


def test_another_type_does_not_cool_down(start: Start, connect: Connect) -> None:
    """The cool-down is the type's own."""
    api = connect(start(report_seconds=0, report_cool_downs={SALES: 1800}))

    reports = [_report(api, _create(api)) for _ in range(2)]
    assert [report["processingStatus"] for report in reports] == ["DONE", "DONE"]
