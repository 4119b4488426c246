"""Extends records: asks for what belongs to each, many at a time, and puts the answers in.

Here belong: which requests a record's extensions are, and joining their answers. Threads are
`workers`' business, the order of the records is kept by who asks.

How many requests of one operation are under way at once follows from its usage plan: as many as
its bucket holds, for those may be sent together, or as many as it refills in a second, which is how
long an answer may take; 16 at most, since the connections to one host are not free. Beyond that the
quota sets the pace, and more threads would only stand in line.
"""

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

from asp_dagster.catalog.endpoints import ExtensionSpec, PagingSpec
from asp_dagster.landing.errors import UnexpectedDocumentError
from asp_dagster.landing.path_values import filled_path, path_values
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.unrepeated import Unrepeated, known_ids
from asp_dagster.landing.workers import Workers
from asp_dagster.spapi import (
    NotFoundError,
    Operation,
    PagingRule,
    SellingPartnerClient,
    pages,
)
from asp_dagster.spapi.paging_rules import NextPage

Record = Mapping[str, Any]

_log = logging.getLogger(__name__)

_WIDEST = 16
_IDS_SHOWN = 5


@dataclass(frozen=True)
class PendingRecord:
    """A record whose extensions have been asked for.

    Attributes:
        record: The record as it came.
        requests: By the name of the new field, the requests whose answers it receives.
    """

    record: Record
    requests: Mapping[str, Sequence["_Request"]]

    @property
    def is_answered(self) -> bool:
        """Whether nothing of it has to be waited for, nor has failed."""
        return all(each.is_answered for requests in self.requests.values() for each in requests)


@dataclass(frozen=True)
class _Request:
    """One request of an extension.

    Attributes:
        values: The values in its path.
        answer: Its records, themselves pending; None if Amazon knows nothing under the values.
    """

    values: tuple[str, ...]
    answer: "Future[Sequence[PendingRecord] | None]"

    @property
    def is_answered(self) -> bool:
        """Whether all of its answer is there, its records' own extensions included."""
        if not self.answer.done() or self.answer.exception():
            return False
        return all(each.is_answered for each in self.answer.result() or ())


@dataclass
class NotFound:
    """What Amazon did not know: told once, at the end, instead of once for each record."""

    counts: Counter[str] = field(default_factory=Counter)
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def total(self) -> int:
        """How many requests were answered 404."""
        return self.counts.total()

    def note(self, field_name: str, values: Sequence[str]) -> None:
        """Count a request that was answered 404."""
        self.counts[field_name] += 1
        if len(self.ids[field_name]) < _IDS_SHOWN:
            self.ids[field_name].append("/".join(values))

    def warn(self, path: str) -> None:
        """Warn of each field that could not be filled everywhere."""
        for field_name, count in self.counts.items():
            _log.warning(
                "%s: %d requests for %s were answered 404 (not found), the first for %s; where none"
                " was found, %s is null.",
                path,
                count,
                field_name,
                ", ".join(self.ids[field_name]),
                field_name,
            )


@dataclass(frozen=True)
class Extender:
    """Asks for records' extensions: `begin` a number of records, then `finish` them in order."""

    client: SellingPartnerClient
    workers: Workers
    not_found: NotFound = field(default_factory=NotFound)

    def begin(
        self,
        extensions: Sequence[ExtensionSpec],
        record: Record,
        *around: Record,
        known: Mapping[str, Sequence[Record]] | None = None,
    ) -> PendingRecord:
        """Hand in the requests of a record; it is called from any thread, and waits for none.

        Args:
            extensions: What is asked for, placeholders filled.
            record: The record.
            around: The record in whose extension it came, the one around that, and so on.
            known: By the name of the new field, answers that need not be asked for.

        Raises:
            UnexpectedDocumentError: When the record lacks a value that a path needs, or has a field
                of an extension's name already.
            StoppedError: When another request has failed.
        """
        for each in extensions:
            if each.new_field_name in record:
                raise _taken(each)
        records = (record, *around)
        answers = known or {}
        requests = {
            each.new_field_name: [_answered(answers[each.new_field_name])]
            if each.new_field_name in answers
            else self._requests(each, records)
            for each in extensions
        }
        return PendingRecord(record, requests)

    def finish(self, pending: PendingRecord) -> Record:
        """Return a record with its extensions in it, waiting for those that are on their way.

        Raises:
            ApiError: When a request failed for another reason than that its id is unknown.
            StoppedError: When another request did.
        """
        extensions = {name: self._joined(name, each) for name, each in pending.requests.items()}
        return {**pending.record, **extensions}

    def _requests(self, extension: ExtensionSpec, records: Sequence[Record]) -> list[_Request]:
        operation = self.client.usage_plans.operation("GET", extension.path)
        lane, width = (operation.method, operation.path), _width(operation)
        return [
            _Request(
                values,
                self.workers.submit(lane, width, partial(self._ask, extension, values, records)),
            )
            for values in path_values(extension, records)
        ]

    def _ask(
        self, extension: ExtensionSpec, values: Sequence[str], records: Sequence[Record]
    ) -> Sequence[PendingRecord] | None:
        """Fetch all pages of one request, and hand in the requests of what it brought."""
        path = filled_path(extension, values)
        asked = pages(
            self.client,
            path,
            extension.params,
            results_key=extension.results_key,
            rule=paging_rule(self.client, "GET", path, extension.paging),
        )
        try:
            # A 404 of a later page is no unknown id: what the first brought would be lost.
            first = next(asked, None)
        except NotFoundError:
            return None
        unrepeated = Unrepeated(known_ids(path))
        return [
            self.begin(extension.extend_resources, entry, *records)
            for page in chain(filter(None, [first]), asked)
            for entry in unrepeated.of(page.records)
        ]

    def _joined(self, name: str, requests: Sequence[_Request]) -> list[Record] | None:
        """Return all that the requests brought, in order; None if Amazon knows none of the ids."""
        answers = [request.answer.result() for request in requests]
        for request, answer in zip(requests, answers, strict=True):
            if answer is None:
                self.not_found.note(name, request.values)
        found = [answer for answer in answers if answer is not None]
        if answers and not found:
            return None
        return [self.finish(pending) for answer in found for pending in answer]


def _answered(records: Sequence[Record]) -> _Request:
    """Return a request whose answer is known."""
    answer: Future[Sequence[PendingRecord] | None] = Future()
    answer.set_result([PendingRecord(record, {}) for record in records])
    return _Request((), answer)


def filled_extension(extension: ExtensionSpec, placeholders: Placeholders) -> ExtensionSpec:
    """Return an extension with its placeholders filled, and those of its own extensions."""
    return replace(
        extension,
        path=placeholders.fill_path(extension.path),
        params=placeholders.fill(extension.params),
        extend_resources=tuple(
            filled_extension(each, placeholders) for each in extension.extend_resources
        ),
    )


def paging_rule(
    client: SellingPartnerClient, method: str, path: str, paging: PagingSpec | None
) -> PagingRule | None:
    """Return the rule of a declared paging; None leaves it to Amazon's table."""
    if paging is None:
        return None
    next_page: NextPage = "token_only" if paging.token_only else "same_params"
    return replace(
        client.paging_rules.rule(method, path),
        token_keys=(paging.token,),
        token_param=paging.param,
        next_page="same_body" if method == "POST" else next_page,
        companions={},
    )


def _taken(extension: ExtensionSpec) -> UnexpectedDocumentError:
    return UnexpectedDocumentError(
        f"A record has a field {extension.new_field_name!r} of Amazon's already, so what"
        f" {extension.path} brings cannot stand there. Choose another `new_field_name`."
    )


def _width(operation: Operation) -> int:
    """Return how many requests of an operation are under way at once."""
    return min(_WIDEST, max(operation.burst, math.ceil(operation.rate)))
