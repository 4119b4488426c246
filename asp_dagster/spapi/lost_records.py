"""Tells a page without records from an answer that lost them.

Here belongs: the doubt about an answer that has no results key. Amazon's models say where an
operation's records stand; an answer without that place is no empty page. Asking again is the work
of `retry`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asp_dagster.spapi.errors import BrokenResponseError
from asp_dagster.spapi.responses import Response

_PAYLOAD = "payload"
_INSISTS = 4
"""How often Amazon must answer null before it means that there is nothing."""

_REMEDY = "try again later, and report the changed answer if it stays so"


@dataclass
class LostRecords:
    """Doubts the answers to one request for a page.

    A null `payload` is how some operations say that there is nothing, and how others lose a page.
    Where the model has a payload at all, a null is believed if Amazon insists on it; but not for a
    page that the page before announced.

    Attributes:
        documented_key: Where the model has the records: `payload.Orders`; empty if no list is
            known, and nothing is doubted.
        results_key: Where they are declared to be.
        is_first: Whether no page came before.
    """

    documented_key: str
    results_key: str
    is_first: bool
    _nulls: int = field(default=0, repr=False)

    def check(self, response: Response) -> None:
        """Return if the answer may be a page.

        Raises:
            BrokenResponseError: When it lacks the place of the records: ask again.
        """
        body, (top, *_) = response.body, self.documented_key.split(".")
        if not top:
            return
        if top not in body and self.results_key.split(".")[0] not in body:
            what = f"no {top!r}; in its place: {_found(body)}"
            raise BrokenResponseError(response.refusal(what), _REMEDY)
        if top == _PAYLOAD and body.get(_PAYLOAD, "") is None and not self._is_believed():
            raise BrokenResponseError(response.refusal("the payload is null"))

    def _is_believed(self) -> bool:
        self._nulls += 1
        return self.is_first and self._nulls >= _INSISTS


def _found(body: Mapping[str, Any]) -> str:
    return ", ".join(body) or "nothing"
