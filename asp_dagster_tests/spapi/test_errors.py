"""Errors say what happened and what to do, and whether waiting helps."""

import pickle

import pytest

from asp_dagster.spapi import (
    BrokenDocumentError,
    BrokenResponseError,
    ConfigurationError,
    Refusal,
    ReportCancelledError,
    ReportFatalError,
    ReportNotReadyError,
    RequestError,
    ResponseError,
    SellingPartnerError,
    ThrottledError,
    UnavailableError,
)
from asp_dagster.spapi.errors import ApiError, DocumentError, ReportError, redacted


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        pytest.param(
            Refusal(operation="getOrders", status=403, code="Unauthorized", message="Denied."),
            "getOrders: Amazon answered 403 Unauthorized, Denied",
            id="answered",
        ),
        pytest.param(
            Refusal(operation="getOrders", message="no answer from Amazon (ReadTimeout)"),
            "getOrders: no answer from Amazon (ReadTimeout)",
            id="not answered",
        ),
        pytest.param(
            Refusal(operation="getOrders", status=500, request_id="r-1"),
            "getOrders: Amazon answered 500 (request id r-1)",
            id="without a word",
        ),
        pytest.param(
            Refusal(operation="getOrders", status=400, details="CreatedBefore."),
            "getOrders: Amazon answered 400 (details: CreatedBefore)",
            id="details alone",
        ),
    ],
)
def test_refusal_reads_as_a_clause(refusal: Refusal, sentence: str) -> None:
    """A refusal prints whatever Amazon said, and nothing it did not say."""
    assert str(refusal) == sentence


def test_own_remedy_takes_the_place_of_the_usual_one() -> None:
    """A remedy that fits the case is printed instead of the class's."""
    error = RequestError(Refusal(operation="getOrders", status=400), "write DE instead of Germany")

    assert str(error) == "getOrders: Amazon answered 400; write DE instead of Germany."


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError,
        ThrottledError,
        BrokenResponseError,
        BrokenDocumentError,
        ReportNotReadyError,
    ],
)
def test_waiting_cures(error: type[SellingPartnerError]) -> None:
    """Outages, spent quotas, broken answers and slow reports pass."""
    assert error.is_curable_by_waiting


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError,
        ApiError,
        RequestError,
        ResponseError,
        ReportError,
        ReportCancelledError,
        ReportFatalError,
        DocumentError,
    ],
)
def test_waiting_does_not_cure(error: type[SellingPartnerError]) -> None:
    """Whatever needs a person does not pass by itself."""
    assert not error.is_curable_by_waiting


def test_report_error_names_report_type_reason_and_remedy() -> None:
    """A report's error says which report, how it ended, why, and what to do."""
    error = ReportFatalError("77", "GET_X", "FATAL", "Amazon's reason: dates")

    sentence = str(error)

    assert sentence.startswith("Report 77 of GET_X is FATAL (Amazon's reason: dates); check that")


@pytest.mark.parametrize(
    "error",
    [
        ThrottledError(Refusal(operation="getOrders", status=429, retry_after=3.0)),
        ReportCancelledError("77", "GET_X", "CANCELLED"),
    ],
    ids=["api", "report"],
)
def test_errors_travel_between_processes(error: SellingPartnerError) -> None:
    """An error that was pickled says the same."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (str(copy), copy.retry_after) == (str(error), error.retry_after)


def test_redacts_every_secret() -> None:
    """Secrets vanish from text that echoes them; an empty one changes nothing."""
    assert redacted("a KEY and a WORD", ["KEY", "", "WORD"]) == "a [secret] and a [secret]"


@pytest.mark.parametrize(
    "token", ["Atza|a.b-c", "Atzr|a_b/c=", "Atc|abc", "Atz.sprdt|abc", "amzn1.oa2-cs.v1.abc"]
)
def test_redacts_what_looks_like_amazons_secrets(token: str) -> None:
    """A token that is not ours, or no longer, is not shown either."""
    assert redacted(f"the token '{token}' has expired", []) == "the token '[secret]' has expired"
