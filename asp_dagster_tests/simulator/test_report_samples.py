"""Every report type can be asked for or is made, in the formats and character sets of Amazon."""

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator, sample_rows
from asp_dagster.simulator.report_samples import ReportSample, report_samples

PATH = "/reports/2021-06-30"
UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
DAY = {"dataStartTime": "2026-11-20T00:00:00Z", "dataEndTime": "2026-11-20T23:59:59Z"}
SHOPS = {"US": "ATVPDKIKX0DER", "DE": "A1PA6795UKMFR9", "JP": "A1VC38T7YXB528"}
CODECS = {"US": "utf-8-sig", "DE": "cp1252", "JP": "cp932"}
ASKED_FOR = [name for name, each in report_samples().items() if each.is_requestable]
MADE = [name for name, each in report_samples().items() if not each.is_requestable]
LISTINGS, LEDGER = "GET_MERCHANT_LISTINGS_ALL_DATA", "GET_LEDGER_DETAIL_VIEW_DATA"

Connect = Callable[[Simulator], requests.Session]
Start = Callable[..., Simulator]


def _partner(country: str) -> Partner:
    shops = (SHOPS[country],)
    return Partner.generate(seed=7, orders=9, until=UNTIL, days=1, marketplaces=shops)


def _create(api: requests.Session, report_type: str, shop: str = SHOPS["US"]) -> requests.Response:
    body = {"reportType": report_type, "marketplaceIds": [shop], **DAY}
    return api.post(f"{PATH}/reports", json=body)


def _download(api: requests.Session, report_id: str) -> tuple[str, bytes]:
    """Return the type and the content of a report's document."""
    report = api.get(f"{PATH}/reports/{report_id}").json()
    document = api.get(f"{PATH}/documents/{report['reportDocumentId']}").json()
    answer = requests.get(document["url"], timeout=20)
    is_zipped = "compressionAlgorithm" in document
    content = gzip.decompress(answer.content) if is_zipped else answer.content
    return answer.headers["Content-Type"], content


@pytest.mark.parametrize("report_type", ASKED_FOR)
def test_type_can_be_asked_for(start: Start, connect: Connect, report_type: str) -> None:
    """A createReport takes the type, and the same question has the same answer."""
    api = connect(start(restricted_report_types=()))
    ids = [_create(api, report_type).json()["reportId"] for _ in range(2)]

    first, second = (_download(api, report_id) for report_id in ids)
    assert first == second


@pytest.mark.parametrize("report_type", MADE)
def test_type_that_cannot_be_asked_for_is_listed(
    start: Start, connect: Connect, report_type: str
) -> None:
    """A createReport of the type is refused; one that was made stands in getReports."""
    simulator = start(restricted_report_types=())
    api = connect(simulator)
    refused = _create(api, report_type)
    report_id = simulator.make_report(report_type)

    listed = api.get(f"{PATH}/reports?reportTypes={report_type}").json()["reports"]
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "InvalidInput")
    assert [each["reportId"] for each in listed] == [report_id]
    assert _download(api, report_id)[1]


def test_type_that_nobody_knows_is_not_made(simulator: Simulator) -> None:
    """A test that misspells a type is told."""
    with pytest.raises(ValueError, match="GET_NO_SUCH_REPORT"):
        simulator.make_report("GET_NO_SUCH_REPORT")


@pytest.mark.parametrize("country", SHOPS)
@pytest.mark.parametrize("report_type", [LISTINGS, "GET_SELLER_FEEDBACK_DATA"])
def test_character_set_is_that_of_the_marketplace(
    start: Start, connect: Connect, country: str, report_type: str
) -> None:
    """Japan has Shift-JIS, Europe Windows-1252, others UTF-8; the texts stand there as they are."""
    api = connect(start(_partner(country)))
    report_id = _create(api, report_type, SHOPS[country]).json()["reportId"]

    text = _download(api, report_id)[1].decode(CODECS[country])
    header, *lines = [line.rstrip("\t") for line in text.splitlines()]
    rows = sample_rows(report_type, [SHOPS[country]], date(2026, 11, 20))[""]
    assert header.split("\t") == list(rows[0])
    assert lines == ["\t".join(row.values()).rstrip("\t") for row in rows]


@pytest.mark.parametrize(
    ("country", "spellings"),
    [
        pytest.param("US", {"UTF-8", "utf8", "ISO-8859-1", ""}, id="US"),
        pytest.param("DE", {"Cp1252", "windows-1252", "ISO-8859-1", ""}, id="DE"),
        pytest.param("JP", {"Shift_JIS", "windows-31j", "ISO-8859-1", ""}, id="JP"),
    ],
)
def test_character_set_is_spelt_in_many_ways(
    start: Start, connect: Connect, country: str, spellings: set[str]
) -> None:
    """Among the types, each spelling is met, none at all and a wrong one among them."""
    api = connect(start(_partner(country), restricted_report_types=()))
    tables = [name for name in ASKED_FOR if report_samples()[name].format == "TSV"]
    ids = [_create(api, name, SHOPS[country]).json()["reportId"] for name in tables]

    types = {_download(api, report_id)[0] for report_id in ids}
    assert {
        each.removeprefix("text/plain").removeprefix(";charset=") for each in types
    } == spellings


def test_ledger_quotes_every_field(api: requests.Session) -> None:
    """The ledger's fields are quoted, and a quotation mark in one is doubled."""
    text = _download(api, _create(api, LEDGER).json()["reportId"])[1].decode("utf-8-sig")

    fields = [field for line in text.splitlines() for field in line.rstrip("\t").split("\t")]
    assert all(field.startswith('"') and field.endswith('"') for field in fields)
    assert any('""gift""' in field for field in fields)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        pytest.param({"couponStartDateFrom": "2026-01-01"}, "coupons", id="seller"),
        pytest.param({"campaignStartDateFrom": "2026-01-01"}, "campaigns", id="vendor"),
    ],
)
def test_options_choose_between_sellers_and_vendors(
    api: requests.Session, options: dict[str, str], name: str
) -> None:
    """Sellers get coupons, vendors campaigns, and the document repeats what was asked for."""
    body = {
        "reportType": "GET_COUPON_PERFORMANCE_REPORT",
        "marketplaceIds": [SHOPS["US"]],
        "reportOptions": options,
    }
    report_id = api.post(f"{PATH}/reports", json=body).json()["reportId"]
    report = api.get(f"{PATH}/reports/{report_id}").json()
    document = api.get(f"{PATH}/documents/{report['reportDocumentId']}").json()
    content = requests.get(document["url"], timeout=20).content

    text: Any = gzip.decompress(content) if "compressionAlgorithm" in document else content
    found = requests.models.complexjson.loads(text)
    assert set(found) == {"reportSpecification", name}
    assert found["reportSpecification"]["reportOptions"] == options


def test_report_can_be_stuck(simulator: Simulator, api: requests.Session, go_on: Any) -> None:
    """A stuck report stays in the making until all are finished; the next one is not stuck."""
    simulator.let_reports_take(3)
    simulator.stick_next_report()
    ids = [_create(api, LISTINGS).json()["reportId"] for _ in range(2)]
    go_on(1800)
    before = [api.get(f"{PATH}/reports/{each}").json()["processingStatus"] for each in ids]
    simulator.finish_reports()

    after = [api.get(f"{PATH}/reports/{each}").json()["processingStatus"] for each in ids]
    assert (before, after) == (["IN_PROGRESS", "DONE"], ["DONE", "DONE"])
    assert simulator.requested_report_types == [LISTINGS, LISTINGS]


def test_document_of_a_sample_can_be_chosen(simulator: Simulator, api: requests.Session) -> None:
    """A chosen document comes in UTF-8, whatever the type's own would be."""
    simulator.end_next_report("DONE", document="sku\n\u00e9\n")

    media_type, content = _download(api, _create(api, LISTINGS).json()["reportId"])
    assert (media_type, content.decode()) == ("text/plain;charset=UTF-8", "sku\n\u00e9\n")


def test_place_that_is_none_is_refused() -> None:
    """A mistake in the table of samples is told by its place."""
    sample = ReportSample("GET_X", "JSON", is_requestable=True, columns={"rows": ["?"]})

    with pytest.raises(ValueError, match="no place of a value"):
        sample.rows([SHOPS["US"]], date(2026, 1, 1))
