"""Whether the reason of a fatal report will last is told by Amazon's words."""

import pytest

from asp_dagster.landing.report_endings import will_last
from asp_dagster.spapi import ReportFatalError


@pytest.mark.parametrize(
    "explanation",
    [
        "Amazon's reason: The reportOptions are invalid.",
        "Amazon's reason: Report period and date range do not align.",
        'Amazon\'s reason: {"errorDetails": "dataStartTime is missing"}',
        "Amazon's reason: This seller lacks the permission Brand Analytics.",
        "Amazon's reason: Marketplace is not supported.",
    ],
)
def test_mistakes_last(explanation: str) -> None:
    """Options, dates, roles and marketplaces stay wrong, however often one asks."""
    assert will_last(ReportFatalError("1", "GET_X", "FATAL", explanation))


@pytest.mark.parametrize(
    "explanation",
    [
        "Amazon gave no reason",
        "Amazon's reason: Internal error. Please contact Selling Partner Support.",
        "Amazon's reason: Failed to update and validate the seller's data.",
        "Amazon's reason: The data of this date range are temporarily not to be had.",
        "Amazon's reason: Timed out while formatting",
    ],
)
def test_trouble_of_amazons_passes(explanation: str) -> None:
    """Where Amazon itself had trouble, or says nothing, asking once more may help."""
    assert not will_last(ReportFatalError("1", "GET_X", "FATAL", explanation))
