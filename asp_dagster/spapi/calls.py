"""One call of an operation, before it is sent and again at each attempt.

Here belongs what a request consists of. When it is sent, and how often, is the client's.

https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asp_dagster.spapi.quota import QuotaKey
from asp_dagster.spapi.restricted_operations import RestrictedResource
from asp_dagster.spapi.usage_plans import Operation

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests


@dataclass(frozen=True)
class Call:
    """One call with everything it needs but the token of the moment.

    Attributes:
        operation: What is called, with its usage plan.
        request: What is sent, without what authorises it.
        key: Whose quota it takes.
        scope: The scope of a grantless operation; none of another.
        restricted: What a restricted data token is got for, if one is needed.
    """

    operation: Operation
    request: "requests.Request"
    key: QuotaKey
    scope: str | None
    restricted: RestrictedResource | None = None

    def with_headers(self, token: str, date: str) -> "requests.Request":
        """Return the request as it is sent.

        Args:
            token: The access token, or the restricted one.
            date: When it is sent, `20261101T080000Z`.
        """
        import requests  # noqa: PLC0415 - slow to import

        request = self.request
        headers = {"x-amz-access-token": token, "x-amz-date": date, "Accept": "application/json"}
        if request.data:
            headers["Content-Type"] = "application/json"
        return requests.Request(
            request.method, request.url, headers, data=request.data, params=request.params
        )
