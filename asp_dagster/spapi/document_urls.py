"""Asks where a report document can be downloaded: getReportDocument.

Here belongs: when the question needs a restricted data token. Downloading is the work of
`documents`.

Sources disagree about which report types are restricted, so what the caller believes is where we
begin, and Amazon's answer decides.

https://developer-docs.amazon.com/sp-api/docs/get-authorization-to-access-restricted-report-types
"""

import logging
from collections.abc import Sequence
from urllib.parse import quote

from asp_dagster.spapi.client import SellingPartnerClient
from asp_dagster.spapi.errors import (
    AccessDeniedError,
    NotRestrictedError,
    ResponseError,
    RestrictedDataError,
)
from asp_dagster.spapi.responses import Response
from asp_dagster.spapi.restricted_operations import RestrictedResource

_log = logging.getLogger(__name__)


def presigned_url(
    client: SellingPartnerClient,
    report_document_id: str,
    *,
    is_restricted: bool = False,
    roles: Sequence[str] = (),
    personal_data: bool = True,
) -> str:
    """Return the URL that opens a report document for five minutes; it is a secret for as long.

    A restricted data token is asked for once at most.

    Args:
        client: Asks Amazon.
        report_document_id: From a finished report.
        is_restricted: Whether the report's type is known to be restricted: saves a call.
        roles: The roles of which the application needs one, if known; only errors speak of them.
        personal_data: Whether a document of personal data is wanted: otherwise no token is asked
            for.

    Raises:
        RestrictedDataError: When the document holds personal data which the application may not
            see, or which is not wanted.
        ResponseError: When Amazon names no URL.
        ApiError: When Amazon refuses, or does not answer.
    """
    path = f"/reports/2021-06-30/documents/{quote(report_document_id, safe='')}"
    resource = RestrictedResource("GET", path, roles=tuple(roles))
    response = _answer(client, resource, is_restricted=is_restricted, personal_data=personal_data)
    url = response.body.get("url")
    if not isinstance(url, str) or not url:
        raise ResponseError(response.refusal(f"no url of document {report_document_id}"))
    return url


def _answer(
    client: SellingPartnerClient,
    resource: RestrictedResource,
    *,
    is_restricted: bool,
    personal_data: bool,
) -> Response:
    if not personal_data:
        return _ask_without_token(client, resource)
    ask = _ask_with_token if is_restricted else _ask_plainly
    return ask(client, resource)


def _ask_without_token(client: SellingPartnerClient, resource: RestrictedResource) -> Response:
    """Ask with an access token, which opens no personal data."""
    try:
        return client.request("GET", resource.path)
    except AccessDeniedError as error:
        raise RestrictedDataError(
            error.refusal,
            "perhaps the document holds personal data, which was not to be asked for: if it is"
            " wanted, declare `pii: include`; otherwise look for a role that is missing",
        ) from error


def _ask_plainly(client: SellingPartnerClient, resource: RestrictedResource) -> Response:
    """Ask with an access token; with a restricted data token if that is refused."""
    try:
        return client.request("GET", resource.path)
    except AccessDeniedError as error:
        refused = error
    _log.info("Asking again with a restricted data token: %s", refused)
    try:
        return client.request("GET", resource.path, restricted=resource)
    except NotRestrictedError as error:
        raise refused from error


def _ask_with_token(client: SellingPartnerClient, resource: RestrictedResource) -> Response:
    """Ask with a restricted data token; plainly if Amazon says that there is none."""
    try:
        return client.request("GET", resource.path, restricted=resource)
    except NotRestrictedError as error:
        _log.info("Asking without a restricted data token: %s", error)
    return client.request("GET", resource.path)
