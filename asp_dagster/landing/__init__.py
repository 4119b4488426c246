"""The first half of the way: from Amazon to raw files, slow as Amazon's quota.

Here belong: running a declared extraction with a client and keeping what comes as a file. No
Dagster, no warehouse: every table can be rebuilt from these files without calling Amazon.
"""

from asp_dagster.landing.endpoints import MARKETPLACE_FIELD, EndpointExtraction
from asp_dagster.landing.errors import (
    LandingError,
    RawFileMissingError,
    ReportTooSoonError,
    SettingError,
    UnexpectedDocumentError,
    WindowError,
)
from asp_dagster.landing.extraction import PREVIEW_ROWS, Extraction, FileToLand, Landed
from asp_dagster.landing.outputs import output_name
from asp_dagster.landing.raw_store import LocalRawStore, RawStore, S3RawStore, open_store
from asp_dagster.landing.reports import ReportExtraction
from asp_dagster.landing.windows import SETTLING_TIME, DataWindow

__all__ = [
    "MARKETPLACE_FIELD",
    "PREVIEW_ROWS",
    "SETTLING_TIME",
    "DataWindow",
    "EndpointExtraction",
    "Extraction",
    "FileToLand",
    "Landed",
    "LandingError",
    "LocalRawStore",
    "RawFileMissingError",
    "RawStore",
    "ReportExtraction",
    "ReportTooSoonError",
    "S3RawStore",
    "SettingError",
    "UnexpectedDocumentError",
    "WindowError",
    "open_store",
    "output_name",
]
