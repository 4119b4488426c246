"""Watches whether personal data that was asked for comes.

Orders v2026-01-01 refuses nothing: to an application without the restricted roles it answers the
same orders, only without the fields. Here belongs finding out that not one of them came.

https://developer-docs.amazon.com/sp-api/docs/orders-api
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.personal_data import asks_by_role
from asp_dagster.spapi.records import value_at
from asp_dagster.spapi.restricted_operations import INVOICING_ROLE, REMITTANCE_ROLE, SHIPPING_ROLE

_log = logging.getLogger(__name__)

_WITH_ROLE_ONLY = (
    "buyer.buyerName",
    "buyer.buyerEmail",
    *(f"recipient.deliveryAddress.{name}" for name in ("name", "addressLine1", "phone")),
)
"""What an application without the roles never gets; a company's name, say, it does."""


@dataclass
class PersonalWatch:
    """A look at the lines of a file on their way.

    Attributes:
        spec: What was asked for.
        seen: How many records were looked at.
        is_found: Whether one had a personal field.
    """

    spec: EndpointSpec
    seen: int = 0
    is_found: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether records came, and personal data with none of them."""
        return self.seen > 0 and not self.is_found

    def of(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """Return the lines, watched if a role decides whether personal data comes."""
        is_watched = self.spec.personal_data and asks_by_role(self.spec)
        return self._watched(lines) if is_watched else lines

    def _watched(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            if not self.is_found:
                record = json.loads(line)
                self.is_found = any(value_at(record, place) for place in _WITH_ROLE_ONLY)
                self.seen += 1
            yield line

    def warn(self) -> None:
        """Warn if nothing of it came."""
        if self.is_missing:
            _log.warning(
                "%s: personal data was asked for, and none came with any of %d records: the"
                " application may lack the roles %s and %s or %s, or the selling partner has not"
                " authorised it again since it has them.",
                self.spec.path,
                self.seen,
                SHIPPING_ROLE,
                INVOICING_ROLE,
                REMITTANCE_ROLE,
            )
