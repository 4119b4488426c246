"""Report documents: presigned URLs that expire, and want no token."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator

REPORTS = "/reports/2021-06-30/reports"
BODY = {
    "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
    "marketplaceIds": ["ATVPDKIKX0DER"],
    "dataStartTime": "2026-11-20T00:00:00Z",
}

Document = dict[str, Any]


@pytest.fixture
def document(api: requests.Session) -> Callable[..., Document]:
    """Ask for a report and return where its document can be downloaded."""

    def make(**params: str) -> Document:
        report_id = api.post(REPORTS, json=BODY).json()["reportId"]
        document_id = api.get(f"{REPORTS}/{report_id}").json()["reportDocumentId"]
        path = f"/reports/2021-06-30/documents/{document_id}"
        found: Document = api.get(path, params=params).json()
        return found

    return make


def _get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=20)


def test_some_documents_are_compressed(document: Callable[..., Document]) -> None:
    """Every other document is gzip, and says so; the others say nothing."""
    zipped, plain = document(), document()
    downloads = [_get(each["url"]) for each in (zipped, plain)]

    assert (zipped["compressionAlgorithm"], "compressionAlgorithm" in plain) == ("GZIP", False)
    assert gzip.decompress(downloads[0].content) == downloads[1].content
    assert {each.headers["Content-Encoding"] for each in downloads} == {"identity"}


def test_http_clients_can_unzip_themselves(document: Callable[..., Document]) -> None:
    """With the content encoding asked for, an HTTP client unzips by itself."""
    zipped = document(enableContentEncodingUrlHeader="true")
    plain = document(enableContentEncodingUrlHeader="true")
    downloads = [_get(each["url"]) for each in (zipped, plain)]

    assert [each.headers["Content-Encoding"] for each in downloads] == ["gzip", "identity"]
    assert downloads[0].content == downloads[1].content


def test_charset_is_told(document: Callable[..., Document]) -> None:
    """The download states its charset."""
    download = _get(document()["url"])

    assert download.headers["Content-Type"] == "text/plain;charset=UTF-8"


def test_urls_expire(document: Callable[..., Document], go_on: Callable[[float], None]) -> None:
    """A URL opens its document for five minutes, then S3 says that it has expired."""
    url = document()["url"]
    go_on(300)
    in_time = _get(url)
    go_on(1)
    too_late = _get(url)

    assert (in_time.status_code, too_late.status_code) == (200, 403)
    assert too_late.headers["Content-Type"] == "application/xml"
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in too_late.text


def test_urls_can_be_expired(simulator: Simulator, document: Callable[..., Document]) -> None:
    """A test can end all URLs; one signed afterwards works."""
    before = document()["url"]
    simulator.expire_documents()

    assert (_get(before).status_code, _get(document()["url"]).status_code) == (403, 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [("X-Amz-Signature=", "X-Amz-Signature=0"), ("Expires=300", "Expires=900"), ("00001", "00002")],
    ids=["signature", "life", "document"],
)
def test_forged_urls_are_refused(document: Callable[..., Document], old: str, new: str) -> None:
    """A URL that was changed in any way does not fit its signature."""
    forged = document()["url"].replace(old, new)
    document()

    answer = _get(forged)
    assert (answer.status_code, "SignatureDoesNotMatch" in answer.text) == (403, True)


def test_only_reading_was_signed(document: Callable[..., Document]) -> None:
    """A URL signed for GET opens nothing for other methods."""
    assert requests.post(document()["url"], timeout=20).status_code == 403


@pytest.mark.parametrize("header", ["x-amz-access-token", "Authorization"])
def test_tokens_are_refused_and_remembered(
    simulator: Simulator, document: Callable[..., Document], header: str
) -> None:
    """A token that comes along is refused, and a test can find it."""
    answer = _get(document()["url"], **{header: "Atza|leaked"})

    assert (answer.status_code, "InvalidArgument" in answer.text) == (400, True)
    assert simulator.tokens_seen_at_documents == ["Atza|leaked"]


def test_well_behaved_downloads_leave_no_token(
    simulator: Simulator, document: Callable[..., Document]
) -> None:
    """A download without a token is not remembered as a leak."""
    _get(document()["url"])

    assert simulator.tokens_seen_at_documents == []
    assert simulator.count("downloadDocument", 200) == 1


def test_life_of_urls_can_be_set(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """The five minutes can be made shorter."""
    api = connect(start(document_seconds=5))
    report_id = api.post(REPORTS, json=BODY).json()["reportId"]
    document_id = api.get(f"{REPORTS}/{report_id}").json()["reportDocumentId"]
    url = api.get(f"/reports/2021-06-30/documents/{document_id}").json()["url"]

    assert "X-Amz-Expires=5&" in url
