"""How each list operation is paged, as data.

Here belong: the rules of `paging.csv` and the look-up of the one a request needs. Walking the pages
is the work of `paging`.

The table holds Amazon's eleven ways to name and place a page token. Data Kiosk's createQuery is not
in it: its next page is a new query, not a new request.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, Self, cast

from asp_dagster.spapi.path_templates import PathTemplates

NextPage = Literal["none", "same_params", "token_only", "same_body", "offset"]


@dataclass(frozen=True, kw_only=True)
class PagingRule:
    """How one list operation is paged.

    Attributes:
        results_key: Where the records stand: see `records`.
        token_keys: Dotted places where the token to the next page may stand; with `offset`, where
            the number of all records stands.
        token_param: Name under which the token is sent back; empty if the operation takes none.
        next_page: What asks for the next page. `same_params`: the same query parameters and the
            token; `token_only`: the token alone; `same_body`: the same body and the token;
            `offset`: the same body with `pagination.offset` moved on; `none`: nothing, there is
            one page.
        companions: Query parameters that change once a token is sent.
        page_size_param: Query parameter that sets the size of a page; empty if there is none.
        max_page_size: The largest page; None if Amazon does not say.
        token_seconds: How long a token lives; None if Amazon does not say.
    """

    results_key: str = ""
    token_keys: tuple[str, ...] = ()
    token_param: str = ""
    next_page: NextPage = "none"
    companions: Mapping[str, str] = field(default_factory=dict)
    page_size_param: str = ""
    max_page_size: int | None = None
    token_seconds: int | None = None


class PagingRules:
    """The rules of all list operations, found by method and concrete path."""

    def __init__(self, rules: Iterable[tuple[str, str, PagingRule]]) -> None:
        known = list(rules)
        self._templates = PathTemplates(known)
        # An operation that is not in the table has one page. Should its answer hold a token after
        # all, in any place where others hold theirs, then that is an error and not the end.
        tokens = {
            key for *_, rule in known if rule.next_page != "offset" for key in rule.token_keys
        }
        self._unlisted = PagingRule(token_keys=tuple(sorted(tokens)))

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.spapi") / "paging.csv"
        rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
        return cls((row["method"], row["path"], _rule(row)) for row in rows)

    def rule(self, method: str, path: str) -> PagingRule:
        """Return the rule of the operation that a request calls."""
        return self._templates.find(method, path) or self._unlisted


def _rule(row: Mapping[str, str]) -> PagingRule:
    return PagingRule(
        results_key=row["results_key"],
        token_keys=(row["token_key"],) if row["token_key"] else (),
        token_param=row["token_param"],
        next_page=cast("NextPage", row["next_page"]),
        companions=dict(pair.split("=") for pair in row["companions"].split()),
        page_size_param=row["page_size_param"],
        max_page_size=int(row["max_page_size"]) if row["max_page_size"] else None,
        token_seconds=int(row["token_ttl_seconds"]) if row["token_ttl_seconds"] else None,
    )
