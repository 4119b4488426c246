"""The `{placeholders}` of a declaration, and what they stand for in one round of requests.

Here belongs: filling them. What may be declared is the catalog's business; what a file is called is
`outputs`'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from asp_dagster.landing.errors import SettingError
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi.wire import timestamp

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ONE_MARKETPLACE = "{marketplace_id}"


@dataclass(frozen=True)
class Placeholders:
    """The values of one round of requests.

    Attributes:
        window: What `{window_start}`, `{window_end}` (its last instant) and `{window_until}` (the
            end itself) are taken from; none for a feed without any.
        marketplace_ids: `{marketplace_ids}`.
        seller_id: `{seller_id}`; none where no setting tells it.
        marketplace_id: `{marketplace_id}`, in a round for one marketplace.
    """

    window: DataWindow | None
    marketplace_ids: Sequence[str]
    seller_id: str | None = None
    marketplace_id: str | None = None

    def of_each_marketplace(self) -> list["Placeholders"]:
        """Return the values of one round for each marketplace."""
        return [replace(self, marketplace_id=each) for each in self.marketplace_ids]

    def fill(self, value: Any) -> Any:
        """Fill the placeholders of a parameter or body; what has none stays as it is.

        `{marketplace_ids}` alone becomes a list, within a text it is joined by commas.

        Raises:
            SettingError: When a placeholder has no value here.
        """
        if value == "{marketplace_ids}":
            return list(self.marketplace_ids)
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda found: self._value(found[1], found[0]), value)
        if isinstance(value, Mapping):
            return {name: self.fill(entry) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(entry) for entry in value]
        return value

    def fill_path(self, path: str) -> str:
        """Fill the placeholders of a path; each value stays within its path segment.

        Raises:
            SettingError: When a placeholder has no value here, or is unknown.
        """

        def filled(found: re.Match[str]) -> str:
            value = self._value(found[1], "")
            if not value:
                raise SettingError(f"The path {path} holds {found[0]}, which stands for nothing.")
            return quote(value, safe="")

        return _PLACEHOLDER.sub(filled, path)

    def _value(self, name: str, unknown: str) -> str:
        """Return what a name stands for, or `unknown` for one that is not ours."""
        match name:
            case "marketplace_ids":
                return ",".join(self.marketplace_ids)
            case "marketplace_id" if self.marketplace_id:
                return self.marketplace_id
            case "seller_id":
                return self._seller_id()
            case "window_start" | "window_end" | "window_until":
                return timestamp(self._moment(name))
            case _:
                return unknown

    def _seller_id(self) -> str:
        if self.seller_id:
            return self.seller_id
        raise SettingError(
            "{seller_id} stands for the selling partner's id (merchant token), which is not set:"
            " set ASP_SELLER_ID and start again."
        )

    def _moment(self, name: str) -> datetime:
        if self.window is not None:
            ends = {"window_start": self.window.start, "window_end": self.window.last_instant}
            return ends.get(name, self.window.end)
        raise SettingError(
            f"{{{name}}} stands for an end of the run's window, but the feed has none: declare"
            " `partitions` or `updated_at_param`, or write a fixed time."
        )


def names_one_marketplace(value: Any) -> bool:
    """Tell whether a path, parameter or body, or anything in it, holds `{marketplace_id}`."""
    if isinstance(value, str):
        return _ONE_MARKETPLACE in value
    if isinstance(value, Mapping):
        return any(map(names_one_marketplace, value.values()))
    return isinstance(value, list | tuple) and any(map(names_one_marketplace, value))
