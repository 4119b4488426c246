"""What is asked for when records land: an operation, for whom, and with which values.

Here belong: its rounds of requests, and the names by which it is known again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.rounds import Round, rounds_of
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import SellingPartnerClient


@dataclass(frozen=True)
class RecordRequest:
    """The records of one list operation.

    Attributes:
        client: Who asks Amazon.
        spec: What is asked for.
        marketplace_ids: What `{marketplace_ids}` stands for, and `{marketplace_id}` in turn.
        seller_id: What `{seller_id}` stands for.
        values: What is asked for where the declaration takes `values_from` a table.
    """

    client: SellingPartnerClient
    spec: EndpointSpec
    marketplace_ids: Sequence[str]
    seller_id: str | None = None
    values: Sequence[str] = ()

    def rounds(self, windows: Sequence[DataWindow | None]) -> list[Round]:
        """Return the rounds of requests for some windows, one window behind the other.

        Raises:
            SettingError: When a placeholder stands for nothing here.
        """
        return [
            each
            for window in windows
            for each in rounds_of(
                self.spec,
                Placeholders(window, self.marketplace_ids, self.seller_id),
                self.values,
            )
        ]

    @property
    def may_be_cut(self) -> bool:
        """Whether two windows bring the same records as one: both ends only choose among them."""
        spec = self.spec
        chooses = spec.updated_at_param is not None and spec.updated_before_param is not None
        return chooses and "{window" not in repr(spec)

    @property
    def name(self) -> str:
        """What names the request, whatever its window: who asks, and all that is declared."""
        declared = [repr(self.spec), list(self.marketplace_ids), self.seller_id, list(self.values)]
        return _name(self.client.identity, *declared)

    @property
    def extensions_name(self) -> str:
        """What names the requests of the extensions that may be reused; empty if none may."""
        reusable = self.spec.reusable_extensions
        personal = ["personal data"] if self.spec.personal_data else []
        return (
            _name(self.spec.path, repr(reusable), list(self.marketplace_ids), *personal)
            if reusable
            else ""
        )


def _name(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
