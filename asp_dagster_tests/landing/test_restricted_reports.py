"""A report of personal data lands with a restricted data token, or says which role is missing."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import ReportExtraction
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import RestrictedDataError, SellingPartnerClient

SPEC = ReportSpec(report_type="GET_SALES_AND_TRAFFIC_REPORT")
FEED = Feed(name="raw_x", group="reports", source=SPEC, raw_format="tsv", pii="include")
KNOWN = {"is_restricted": True, "roles": ("Tax Remittance (Restricted)",)}
DOCUMENT = "buyer\nSynthetic Buyer\n"

Serve = Callable[..., Simulator]


@pytest.fixture
def serve_restricted(partner: Partner) -> Iterator[Serve]:
    """Start a simulator whose next report is restricted."""
    with ExitStack() as running:

        def served(**settings: Any) -> Simulator:
            restricted = {SPEC.report_type}
            usual = {"speed": 1e6, "report_seconds": 0, "restricted_report_types": restricted}
            simulator = running.enter_context(Simulator(partner, **(usual | settings)))
            simulator.end_next_report("DONE", DOCUMENT)
            return simulator

        yield served


def _land(client: SellingPartnerClient, sink: io.BytesIO, **restriction: Any) -> Any:
    [file] = ReportExtraction(client, SPEC, FEED, ["ATVPDKIKX0DER"], **restriction).files(None)
    return file.write(sink)


@pytest.mark.parametrize(("known", "asked"), [(KNOWN, 1), ({}, 2)], ids=["known", "found out"])
def test_restricted_document_lands(
    serve_restricted: Serve, connect: Any, known: dict[str, Any], asked: int
) -> None:
    """What the catalogue knows saves a call; what it does not know Amazon says."""
    simulator, sink = serve_restricted(), io.BytesIO()

    landed = _land(connect(simulator), sink, **known)

    assert (landed.rows, sink.getvalue().decode()) == (1, DOCUMENT)
    assert simulator.count("getReportDocument") == asked
    assert "sprdt" not in repr(landed)


def test_missing_role_is_named(serve_restricted: Serve, connect: Any) -> None:
    """The refusal says which role is missing, and that a new role needs a new authorisation."""
    simulator = serve_restricted(has_restricted_roles=False)

    with pytest.raises(RestrictedDataError, match=r"Tax Remittance.*authorise the application aga"):
        _land(connect(simulator), io.BytesIO(), **KNOWN)

    assert simulator.count("createRestrictedDataToken") == 1
