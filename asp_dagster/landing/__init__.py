"""The first half of the way: from Amazon to raw files, slow as Amazon's quota.

Here belong: running a declared extraction with a client and keeping what comes as a file. No
Dagster, no warehouse: every table can be rebuilt from these files without calling Amazon.
"""

from typing import TYPE_CHECKING

from asp_dagster.landing.errors import (
    LandingError,
    RawFileMissingError,
    RawStoreError,
    RawStoreUnavailableError,
    ReportsLeftError,
    ReportTooSoonError,
    SettingError,
    UnexpectedDocumentError,
    WindowError,
)
from asp_dagster.landing.windows import SETTLING_TIME, DataWindow
from asp_dagster.on_demand import on_demand

if TYPE_CHECKING:
    from asp_dagster.landing.bulk_reports import PART, BulkExtraction, empty_parts, shared_reports
    from asp_dagster.landing.costs import Costs
    from asp_dagster.landing.endpoints import EndpointExtraction
    from asp_dagster.landing.extraction import PREVIEW_ROWS, Extraction, FileToLand, Landed, Place
    from asp_dagster.landing.listed_reports import Listing, Look
    from asp_dagster.landing.open_reports import OpenReports
    from asp_dagster.landing.orders_by_id import OrdersById
    from asp_dagster.landing.outputs import output_name
    from asp_dagster.landing.raw_store import LocalRawStore, RawStore, note_charset, open_store
    from asp_dagster.landing.reports import ReportExtraction
    from asp_dagster.landing.reports_ahead import asked_ahead
    from asp_dagster.landing.rounds import MARKETPLACE_FIELD
    from asp_dagster.landing.s3_store import Encryption, S3RawStore
    from asp_dagster.landing.submissions import Submission
else:  # only who asks Amazon for data pays for loading what does
    __getattr__ = on_demand(
        __name__,
        {
            "bulk_reports": ["PART", "BulkExtraction", "empty_parts", "shared_reports"],
            "costs": ["Costs"],
            "endpoints": ["EndpointExtraction"],
            "extraction": ["PREVIEW_ROWS", "Extraction", "FileToLand", "Landed", "Place"],
            "listed_reports": ["Listing", "Look"],
            "open_reports": ["OpenReports"],
            "orders_by_id": ["OrdersById"],
            "outputs": ["output_name"],
            "raw_store": ["LocalRawStore", "RawStore", "note_charset", "open_store"],
            "reports": ["ReportExtraction"],
            "reports_ahead": ["asked_ahead"],
            "rounds": ["MARKETPLACE_FIELD"],
            "s3_store": ["Encryption", "S3RawStore"],
            "submissions": ["Submission"],
        },
    )

__all__ = [
    "MARKETPLACE_FIELD",
    "PART",
    "PREVIEW_ROWS",
    "SETTLING_TIME",
    "BulkExtraction",
    "Costs",
    "DataWindow",
    "Encryption",
    "EndpointExtraction",
    "Extraction",
    "FileToLand",
    "Landed",
    "LandingError",
    "Listing",
    "LocalRawStore",
    "Look",
    "OpenReports",
    "OrdersById",
    "Place",
    "RawFileMissingError",
    "RawStore",
    "RawStoreError",
    "RawStoreUnavailableError",
    "ReportExtraction",
    "ReportTooSoonError",
    "ReportsLeftError",
    "S3RawStore",
    "SettingError",
    "Submission",
    "UnexpectedDocumentError",
    "WindowError",
    "asked_ahead",
    "empty_parts",
    "note_charset",
    "open_store",
    "output_name",
    "shared_reports",
]
