"""Walks through the pages of a list operation.

Here belongs: the walk. Where records and tokens stand and how a token is sent back is data, in
`paging_rules`; finding them in an answer is the work of `records`; sending is the client's.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from asp_dagster.spapi.errors import ResponseError
from asp_dagster.spapi.lost_records import LostRecords
from asp_dagster.spapi.paging_rules import PagingRule, PagingRules
from asp_dagster.spapi.records import records_of, value_at
from asp_dagster.spapi.responses import Response

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """One answer of a list operation.

    Attributes:
        records: The records, as Amazon sent them.
        body: The whole answer.
        number: 1 for the first page.
        next_token: What asks for the next page; None on the last.
    """

    records: Sequence[Record] = field(repr=False)
    body: Record = field(repr=False)
    number: int
    next_token: str | None = field(repr=False)


class Sender(Protocol):
    """What sends the requests: a `SellingPartnerClient`."""

    paging_rules: PagingRules

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Record | None = None,
        body: Record | None = None,
        check: Callable[[Response], None] | None = None,
    ) -> Response:
        """Send one request, and again while the check raises what asking again can cure."""
        ...


def pages(  # noqa: PLR0913 - a request has these parts
    client: Sender,
    path: str,
    params: Record | None = None,
    *,
    method: str = "GET",
    body: Record | None = None,
    results_key: str | None = None,
    rule: PagingRule | None = None,
    after: str | None = None,
) -> Iterator[Page]:
    """Yield the pages of a list operation; each is asked for when it is wanted.

    An empty page with a token is followed by the next; only a missing, null or empty token ends.
    An answer that lost its records is asked for again: see `lost_records`.

    Args:
        client: What sends the requests.
        path: Concrete path.
        params: Query parameters of the first page; a page token among them starts in the middle.
        method: POST for the few searches that are one.
        body: JSON body of the first page.
        results_key: Where the records stand, if not as in the table: see `records`.
        rule: How to page, if not as in the table.
        after: A page's next token, to go on behind it; the rest is given as for its first page.

    Raises:
        ResponseError: When the results key stays missing, a token repeats, or there is a token but
            no way to send it back.
        ApiError: When a page cannot be had.
    """
    documented_key = client.paging_rules.rule(method, path).results_key
    rule = rule or client.paging_rules.rule(method, path)
    if results_key is not None:
        rule = replace(rule, results_key=results_key)
    request = _PageRequest(params or {}, body)
    seen = {request.params.get(rule.token_param) or ""}
    if after:
        seen.add(after)
        request = request.following(rule, after)
    number = 1
    while True:
        is_first = number == 1 and after is None
        lost = LostRecords(
            documented_key, rule.results_key, is_first=is_first, token_keys=rule.token_keys
        )
        response = client.request(
            method, path, params=request.params, body=request.body, check=lost.check
        )
        records = records_of(response, rule.results_key)
        token = _next_token(response, rule, request, len(records))
        if token in seen:
            raise ResponseError(response.refusal(f"page {number} repeats an earlier page token"))
        yield Page(records, response.body, number, token)
        if token is None:
            return
        seen.add(token)
        request = request.following(rule, token)
        number += 1


@dataclass(frozen=True)
class _PageRequest:
    """The part of a request that changes from page to page."""

    params: Record
    body: Record | None

    @property
    def offset(self) -> int:
        return int(value_at(self.body or {}, "pagination.offset") or 0)

    def following(self, rule: PagingRule, token: str) -> "_PageRequest":
        body = self.body or {}
        match rule.next_page:
            case "token_only":
                return _PageRequest({rule.token_param: token}, self.body)
            case "same_body":
                return _PageRequest(self.params, {**body, rule.token_param: token})
            case "offset":
                pagination = {**body.get("pagination", {}), "offset": int(token)}
                return _PageRequest(self.params, {**body, "pagination": pagination})
            case _:
                params = {**self.params, **rule.companions, rule.token_param: token}
                return _PageRequest(params, self.body)


def _next_token(
    response: Response, rule: PagingRule, request: _PageRequest, records: int
) -> str | None:
    found = next(filter(None, (value_at(response.body, key) for key in rule.token_keys)), None)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise ResponseError(response.refusal(f"{type(found).__name__} in place of a page token"))
    if rule.next_page == "offset" and not re.fullmatch("[0-9]{1,18}", str(found)):
        raise ResponseError(response.refusal("no number in place of the count of all records"))
    if rule.next_page == "offset":
        return _next_offset(response, int(found), request.offset, records)
    if rule.next_page == "none":
        raise ResponseError(
            response.refusal("there are more pages, but no known way to ask for them"),
            "declare how the operation is paged, or use one that is",
        )
    return str(found)


def _next_offset(response: Response, total: int, offset: int, records: int) -> str | None:
    reached = offset + records
    if reached >= total:
        return None
    if records == 0:
        raise ResponseError(response.refusal(f"no records from {offset} on, of {total} in all"))
    return str(reached)
