"""A document too large for memory is made as it is sent."""

import gzip
from collections.abc import Callable

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Credentials,
    ReportRequest,
    SellingPartnerClient,
    create_report,
    wait_for_report,
)

US = "ATVPDKIKX0DER"
TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
PIECE, COUNT = b"x" * 1000, 50


@pytest.fixture
def url() -> Callable[[Simulator], str]:
    """Have a report made and return where its document is."""

    def of(amazon: Simulator) -> str:
        credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)
        with SellingPartnerClient(credentials, amazon.url, lwa_url=amazon.lwa_url) as client:
            request = ReportRequest(report_type=TYPE, marketplace_ids=[US])
            made = wait_for_report(client, create_report(client, request))
            path = f"/reports/2021-06-30/documents/{made.report_document_id}"
            return str(client.request("GET", path).body["url"])

    return of


def test_pieces_are_sent_compressed_or_not(
    partner: Partner, url: Callable[[Simulator], str]
) -> None:
    """Whoever downloads it gets the pieces one after the other, each time anew."""
    with Simulator(partner, speed=0, report_seconds=0) as amazon:
        for unpack in (gzip.decompress, bytes):  # every other document is compressed
            amazon.end_next_report("DONE", lambda: (PIECE for _ in range(COUNT)))
            where = url(amazon)

            contents = [requests.get(where, timeout=20, stream=True).raw.read() for _ in range(2)]

            assert [unpack(each) for each in contents] == [PIECE * COUNT] * 2


def test_first_piece_may_be_all(partner: Partner, url: Callable[[Simulator], str]) -> None:
    """A large document breaks off behind its first piece."""
    with Simulator(partner, speed=0, report_seconds=0) as amazon:
        amazon.end_next_report("DONE", lambda: (PIECE for _ in range(COUNT)))
        amazon.fault("downloadDocument", truncate=True)
        where = url(amazon)

        with pytest.raises(requests.RequestException):
            requests.get(where, timeout=20)
