"""The Selling Partner API, without Dagster: standard library and requests only.

    credentials = Credentials(client_id=…, client_secret=…, refresh_token=…)
    with SellingPartnerClient(credentials, "https://sellingpartnerapi-eu.amazon.com") as client:
        for order in client.list("searchOrders", {"lastUpdatedAfter": yesterday}):
            ...

The map, from the ground up: `errors`, `clock`, `regions`, `wire` (values and their spelling);
`path_templates`, `grantless`, `restricted_operations`, `usage_plans`, `operation_names`,
`paging_rules` (Amazon's tables); `quota`, `retry`, `statistics` (pace and patience); `transport`,
`responses`, `token_cache`, `auth`, `restricted`, `signing`, `calls`, `client` (one request);
`records`, `paging`, `document_urls`, `documents`, `reports`, `notifications` (many). What can
be extracted and where it goes is decided above this package.
"""

from typing import TYPE_CHECKING

from asp_dagster.on_demand import on_demand
from asp_dagster.spapi.clock import Clock, StoppedError, SystemClock, stopped_by
from asp_dagster.spapi.errors import (
    AccessDeniedError,
    AccessTokenRefusedError,
    ApiError,
    AuthorizationError,
    BrokenDocumentError,
    BrokenResponseError,
    ConfigurationError,
    DocumentError,
    LoginError,
    NotFoundError,
    NotRestrictedError,
    QuotaWaitError,
    Refusal,
    ReportCancelledError,
    ReportError,
    ReportFatalError,
    ReportNotReadyError,
    RequestError,
    ResponseError,
    RestrictedDataError,
    SellingPartnerError,
    SignatureRefusedError,
    ThrottledError,
    UnavailableError,
)

if TYPE_CHECKING:
    from asp_dagster.spapi.auth import AccessTokens, Credentials
    from asp_dagster.spapi.client import SellingPartnerClient
    from asp_dagster.spapi.documents import (
        DownloadedDocument,
        download_document,
        read_document_start,
    )
    from asp_dagster.spapi.notifications import (
        Destination,
        Subscription,
        create_destination,
        create_subscription,
        delete_destination,
        delete_subscription,
        destinations,
        subscription,
    )
    from asp_dagster.spapi.paging import Page, pages
    from asp_dagster.spapi.paging_rules import PagingRule, PagingRules
    from asp_dagster.spapi.quota import InProcessQuota, Quota, QuotaKey, TokenBucket, Turn
    from asp_dagster.spapi.regions import (
        AMAZON_LWA_URL,
        EUROPE,
        FAR_EAST,
        MARKETPLACES,
        NORTH_AMERICA,
        SELLING_REGIONS,
        Marketplace,
        SellingRegion,
        check_endpoint,
        check_marketplaces,
        marketplace,
        marketplace_of_country,
        region_of,
    )
    from asp_dagster.spapi.reports import Report, ReportRequest, create_report, wait_for_report
    from asp_dagster.spapi.responses import Response
    from asp_dagster.spapi.restricted import RestrictedTokens
    from asp_dagster.spapi.restricted_operations import RestrictedResource
    from asp_dagster.spapi.retry import RetryPolicy
    from asp_dagster.spapi.schedules import (
        ReportSchedule,
        ScheduledReport,
        cancel_report_schedule,
        create_report_schedule,
        report_schedules,
    )
    from asp_dagster.spapi.signing import AwsKeys, Signer
    from asp_dagster.spapi.statistics import CallCounter, CallStatistics, Pace
    from asp_dagster.spapi.usage_plans import Operation, UsagePlans
else:  # only who sends requests pays for loading what does
    __getattr__ = on_demand(
        __name__,
        {
            "auth": ["AccessTokens", "Credentials"],
            "client": ["SellingPartnerClient"],
            "documents": ["DownloadedDocument", "download_document", "read_document_start"],
            "notifications": [
                "Destination",
                "Subscription",
                "create_destination",
                "create_subscription",
                "delete_destination",
                "delete_subscription",
                "destinations",
                "subscription",
            ],
            "paging": ["Page", "pages"],
            "paging_rules": ["PagingRule", "PagingRules"],
            "quota": ["InProcessQuota", "Quota", "QuotaKey", "TokenBucket", "Turn"],
            "regions": [
                "AMAZON_LWA_URL",
                "EUROPE",
                "FAR_EAST",
                "MARKETPLACES",
                "NORTH_AMERICA",
                "SELLING_REGIONS",
                "Marketplace",
                "SellingRegion",
                "check_endpoint",
                "check_marketplaces",
                "marketplace",
                "marketplace_of_country",
                "region_of",
            ],
            "reports": ["Report", "ReportRequest", "create_report", "wait_for_report"],
            "responses": ["Response"],
            "restricted": ["RestrictedTokens"],
            "restricted_operations": ["RestrictedResource"],
            "retry": ["RetryPolicy"],
            "schedules": [
                "ReportSchedule",
                "ScheduledReport",
                "cancel_report_schedule",
                "create_report_schedule",
                "report_schedules",
            ],
            "signing": ["AwsKeys", "Signer"],
            "statistics": ["CallCounter", "CallStatistics", "Pace"],
            "usage_plans": ["Operation", "UsagePlans"],
        },
    )

__all__ = [
    "AMAZON_LWA_URL",
    "EUROPE",
    "FAR_EAST",
    "MARKETPLACES",
    "NORTH_AMERICA",
    "SELLING_REGIONS",
    "AccessDeniedError",
    "AccessTokenRefusedError",
    "AccessTokens",
    "ApiError",
    "AuthorizationError",
    "AwsKeys",
    "BrokenDocumentError",
    "BrokenResponseError",
    "CallCounter",
    "CallStatistics",
    "Clock",
    "ConfigurationError",
    "Credentials",
    "Destination",
    "DocumentError",
    "DownloadedDocument",
    "InProcessQuota",
    "LoginError",
    "Marketplace",
    "NotFoundError",
    "NotRestrictedError",
    "Operation",
    "Pace",
    "Page",
    "PagingRule",
    "PagingRules",
    "Quota",
    "QuotaKey",
    "QuotaWaitError",
    "Refusal",
    "Report",
    "ReportCancelledError",
    "ReportError",
    "ReportFatalError",
    "ReportNotReadyError",
    "ReportRequest",
    "ReportSchedule",
    "RequestError",
    "Response",
    "ResponseError",
    "RestrictedDataError",
    "RestrictedResource",
    "RestrictedTokens",
    "RetryPolicy",
    "ScheduledReport",
    "SellingPartnerClient",
    "SellingPartnerError",
    "SellingRegion",
    "SignatureRefusedError",
    "Signer",
    "StoppedError",
    "Subscription",
    "SystemClock",
    "ThrottledError",
    "TokenBucket",
    "Turn",
    "UnavailableError",
    "UsagePlans",
    "cancel_report_schedule",
    "check_endpoint",
    "check_marketplaces",
    "create_destination",
    "create_report",
    "create_report_schedule",
    "create_subscription",
    "delete_destination",
    "delete_subscription",
    "destinations",
    "download_document",
    "marketplace",
    "marketplace_of_country",
    "pages",
    "read_document_start",
    "region_of",
    "report_schedules",
    "stopped_by",
    "subscription",
    "wait_for_report",
]
