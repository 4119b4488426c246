"""Tells a page without records from an answer that lost them.

Here belongs: the doubt about an answer that has no results key. Amazon's models say where an
operation's records stand; an answer without that place is no empty page. Asking again is the work
of `retry`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asp_dagster.spapi.errors import BrokenResponseError
from asp_dagster.spapi.records import value_at
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
    page that the page before announced. A null in place of the list itself is doubted as long where
    pages go on, before it or after it: alone it is how others say that there is nothing.

    Attributes:
        documented_key: Where the model has the records: `payload.Orders`; empty if no list is
            known, and nothing is doubted.
        results_key: Where they are declared to be.
        is_first: Whether no page came before.
        token_keys: Where an answer may have the token of the next page.
    """

    documented_key: str
    results_key: str
    is_first: bool
    token_keys: Sequence[str] = ()
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
        if top == _PAYLOAD and body.get(_PAYLOAD, "") is None:
            if not (self._is_insisted_on() and self.is_first):
                raise BrokenResponseError(response.refusal("the payload is null"))
        elif self._lacks_list(body) and self._has_other_pages(body) and not self._is_insisted_on():
            raise BrokenResponseError(response.refusal(f"{self.documented_key!r} is null"))

    def _is_insisted_on(self) -> bool:
        self._nulls += 1
        return self._nulls >= _INSISTS

    def _lacks_list(self, body: Mapping[str, Any]) -> bool:
        """Tell whether there is a null where the model has the list of records."""
        *around, name = self.documented_key.split(".")
        inside = value_at(body, ".".join(around)) if around else body
        return isinstance(inside, Mapping) and name in inside and inside[name] is None

    def _has_other_pages(self, body: Mapping[str, Any]) -> bool:
        return not self.is_first or any(value_at(body, key) for key in self.token_keys)


def _found(body: Mapping[str, Any]) -> str:
    return ", ".join(body) or "nothing"
