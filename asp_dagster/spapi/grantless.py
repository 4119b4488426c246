"""Which operations are grantless: authorised by a scope, not by a selling partner.

Here belongs: Amazon's list of them. Logging in for a scope is the work of `auth`.

https://developer-docs.amazon.com/sp-api/docs/grantless-operations
"""

from collections.abc import Mapping

NOTIFICATIONS = "sellingpartnerapi::notifications"
ROTATION = "sellingpartnerapi::client_credential:rotation"
TRACKING = "sellingpartnerapi::shipments:track"

_DESTINATIONS = "/notifications/v1/destinations"
_SUBSCRIPTION = "/notifications/v1/subscriptions/{notificationType}/{subscriptionId}"

GRANTLESS_SCOPES: Mapping[tuple[str, str], str] = {
    ("GET", _DESTINATIONS): NOTIFICATIONS,
    ("POST", _DESTINATIONS): NOTIFICATIONS,
    ("GET", f"{_DESTINATIONS}/{{destinationId}}"): NOTIFICATIONS,
    ("DELETE", f"{_DESTINATIONS}/{{destinationId}}"): NOTIFICATIONS,
    ("GET", _SUBSCRIPTION): NOTIFICATIONS,
    ("DELETE", _SUBSCRIPTION): NOTIFICATIONS,
    ("POST", "/applications/2023-11-30/clientSecret"): ROTATION,
    ("GET", "/tracking/2026-01-30/shipments/track"): TRACKING,
}
"""The scope of each, by method and path template."""
