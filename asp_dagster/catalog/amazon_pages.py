"""Amazon's own page on what a feed asks for, and the words it is found by.

Here belongs what follows from a declaration and the tables of the package. A report type's page
stands in `report_types.csv`. An operation's page is named after it; where several APIs have an
operation of the same name, the pages of all but one have a number that is not known here, so the
page of its API version is named instead, or where that is not known the list of all.

https://developer-docs.amazon.com/sp-api/reference/welcome-to-api-references
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.catalog.operations import Operations
from asp_dagster.catalog.report_types import ReportTypes

_REFERENCE = "https://developer-docs.amazon.com/sp-api/reference"
_ALL_OPERATIONS = f"{_REFERENCE}/welcome-to-api-references"
_ALL_REPORT_TYPES = "https://developer-docs.amazon.com/sp-api/docs/report-type-values"
_API_PAGES = {
    "/catalog/2020-12-01/": "catalog-items-v2020-12-01",
    "/catalog/2022-04-01/": "catalog-items-v2022-04-01",
    "/fulfillment/outbound/2026-07-04/": "fulfillment-outbound-v2026-07-04",
    "/inbound/fba/2024-03-20/": "fulfillment-inbound-v2024-03-20",
    "/listings/2021-08-01/": "listings-items-v2021-08-01",
    "/orders/2026-01-01/": "orders-v2026-01-01",
    "/orders/v0/": "orders-v0",
}
"""What Amazon calls the pages of API versions that share names of operations, by their paths."""
_API_VERSION = re.compile(r"v\d+|\d{4}-\d\d-\d\d")

Source = EndpointSpec | ReportSpec


@dataclass(frozen=True)
class OnAmazon:
    """Where Amazon tells of a source.

    Attributes:
        page: The URL of Amazon's page on it.
        words: What it is found by: its report type, or its operation and API version.
    """

    page: str
    words: Mapping[str, str]

    @classmethod
    def of(cls, source: Source) -> Self:
        """Return Amazon's page on a report type or an operation, and its words."""
        if isinstance(source, ReportSpec):
            page = ReportTypes.load().find(source.report_type).page or _ALL_REPORT_TYPES
            return cls(page, {"report_type": source.report_type})
        operations = Operations.load()
        found = operations.find(source.method, source.path)
        versions = [part for part in source.path.split("/") if _API_VERSION.fullmatch(part)]
        version = {"api_version": versions[0]} if versions else {}
        if found is None:
            return cls(_ALL_OPERATIONS, version)
        name = found.name.lower()
        is_alone = [each.name.lower() for each in operations.all].count(name) == 1
        page = f"{_REFERENCE}/{name}" if is_alone else _page_of_api(source.path)
        return cls(page, {"operation": found.name, **version})


def _page_of_api(path: str) -> str:
    """Return Amazon's page on the API version that a path belongs to."""
    pages = (page for prefix, page in _API_PAGES.items() if path.startswith(prefix))
    return f"{_REFERENCE}/{next(pages, 'welcome-to-api-references')}"
