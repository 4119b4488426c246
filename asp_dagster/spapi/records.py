"""Finds records and page tokens in an answer.

Here belong: the meaning of a results key and of a dotted place. Where the records of an operation
stand is data: see `paging_rules`.

A results key is one of:

- `Orders`, a plain name: `payload.Orders` if there is one, otherwise `Orders`;
- `payload.pagination.items`, a dotted path: exactly that;
- `payload.FinancialEvents.*List`, a path that ends in a pattern: all lists that fit. Each record is
  then wrapped under the name of the list it came from: `{"RefundEventList": {…}}`;
- empty: the whole answer, or its `payload`, as one record.

A list holds records; a mapping is one record; null, also on the way, is none. A key that is not
there is an error: a misspelt key would otherwise read as "no data".
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from asp_dagster.spapi.errors import ResponseError
from asp_dagster.spapi.responses import Response

_REMEDY = "correct the results key, or report the changed answer"


def records_of(response: Response, results_key: str) -> Sequence[Mapping[str, Any]]:
    """Return the records of an answer.

    Raises:
        ResponseError: When they are not where the results key says; it names the keys that are.
    """
    value: Any = response.body
    for name in _names(response.body, results_key):
        if value is None:
            return []
        if "*" in name:
            value = _wrapped(value, name)
            break
        if not isinstance(value, Mapping) or name not in value:
            raise _missing(response, results_key, name, value)
        value = value[name]
    return _as_records(response, results_key, value)


def value_at(body: Mapping[str, Any], place: str) -> Any:
    """Return the value at a dotted place, or None if it or anything on the way is missing."""
    value: Any = body
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _names(body: Mapping[str, Any], results_key: str) -> list[str]:
    """Return the names to follow from the top of the answer."""
    if not results_key:
        return ["payload"] if "payload" in body else []
    if "." in results_key or "payload" not in body or results_key == "payload":
        return results_key.split(".")
    inside = body["payload"]
    is_outside = results_key in body and not (isinstance(inside, Mapping) and results_key in inside)
    return [results_key] if is_outside else ["payload", results_key]


def _wrapped(value: Any, pattern: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    return [
        {name: record}
        for name, records in value.items()
        if fnmatchcase(name, pattern)
        for record in (records if isinstance(records, list) else [records] if records else ())
    ]


def _as_records(response: Response, results_key: str, value: Any) -> Sequence[Mapping[str, Any]]:
    if value is None:
        return []
    records = value if isinstance(value, list) else [value]
    for record in records:
        if not isinstance(record, Mapping):
            what = f"{results_key!r} holds {type(record).__name__} instead of records"
            raise ResponseError(response.refusal(what), _REMEDY)
    return records


def _missing(response: Response, results_key: str, name: str, value: Any) -> ResponseError:
    found = ", ".join(map(str, value)) if isinstance(value, Mapping) else type(value).__name__
    what = f"no {name!r} of the results key {results_key!r}; in its place: {found or 'nothing'}"
    return ResponseError(response.refusal(what), _REMEDY)
