"""Lands the records of a list operation as JSON Lines, each extended as declared.

Here belong: the rounds of requests that a declaration means, and the walk from pages to lines.
Paging and quota are `spapi`'s, the place of the file is the raw store's.
"""

import gzip
import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.landing.extensions import (
    Extender,
    PendingRecord,
    Record,
    filled_extension,
    paging_rule,
)
from asp_dagster.landing.extraction import PREVIEW_ROWS, FileToLand, Landed
from asp_dagster.landing.placeholders import Placeholders, names_one_marketplace
from asp_dagster.landing.windows import DataWindow
from asp_dagster.landing.workers import workers
from asp_dagster.spapi import Page, SellingPartnerClient, pages
from asp_dagster.spapi.records import value_at
from asp_dagster.spapi.wire import timestamp

_log = logging.getLogger(__name__)

MARKETPLACE_FIELD = "_marketplace_id"
"""The field of ours that tells the marketplace of a record which came in one marketplace's round:
Amazon does not always say it, and an id may be another product's elsewhere."""

_PROGRESS_SECONDS = 30.0
# The next page is asked for while so many records still wait for their extensions. They keep the
# workers busy through a minute's wait for the next page, and bound what is held in memory.
_RECORDS_AHEAD = 100


@dataclass(frozen=True)
class EndpointExtraction:
    """The records of one list operation, one JSON Lines file a window.

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

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's one file.

        Raises:
            SettingError: When a placeholder stands for nothing here; nothing has been sent by then.
        """
        rounds = list(self._rounds(Placeholders(window, self.marketplace_ids, self.seller_id)))
        yield FileToLand(None, lambda sink: self._write(rounds, sink))

    def _write(self, rounds: Sequence["_Round"], sink: BinaryIO) -> Landed:
        rows = 0
        preview: list[Record] = []
        # mtime 0: the same records give the same bytes.
        with (
            gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0) as lines,
            workers() as crew,
        ):
            extender = Extender(self.client, crew)
            records = self._watched(_finished(extender, self._begun(extender, rounds)))
            for rows, record in enumerate(records, start=1):
                lines.write(record_line(record))
                if rows <= PREVIEW_ROWS:
                    preview.append(self._preview(record))
        extender.not_found.warn(self.spec.path)
        return Landed(rows, preview, extender.not_found.total)

    def _watched(self, records: Iterator[Record]) -> Iterator[Record]:
        """Pass the records on, and tell every now and then how many there were."""
        clock = self.client.clock
        told = clock.monotonic()
        for number, record in enumerate(records, start=1):
            if clock.monotonic() - told >= _PROGRESS_SECONDS:
                told = clock.monotonic()
                _log.info("%s: %d records so far", self.spec.path, number)
            yield record

    def _begun(
        self, extender: Extender, rounds: Sequence["_Round"]
    ) -> Iterator[list[PendingRecord]]:
        """Yield page after page, its records' extensions asked for."""
        for each in rounds:
            for page in self._pages(each):
                yield [
                    extender.begin(each.extensions, {**record, **each.added})
                    for record in page.records
                ]

    def _pages(self, each: "_Round") -> Iterator[Page]:
        spec = self.spec
        return pages(
            self.client,
            each.path,
            each.params,
            method=spec.method,
            body=each.body,
            results_key=spec.results_key,
            rule=paging_rule(self.client, spec.method, each.path, spec.paging),
        )

    def _rounds(self, placeholders: Placeholders) -> Iterator["_Round"]:
        """Yield a round of requests for each marketplace and each batch of values, as declared."""
        per_marketplace = _is_per_marketplace(self.spec)
        rounds = placeholders.of_each_marketplace() if per_marketplace else [placeholders]
        for each in rounds:
            for values in self._batches():
                yield self._round(each, values)

    def _batches(self) -> Iterator[Mapping[str, list[str]]]:
        """Yield the parameter that receives the values, a few at a time; once nothing if none."""
        wanted = self.spec.values_from
        if wanted is None:
            yield {}
            return
        values = list(dict.fromkeys(self.values))
        for first in range(0, len(values), wanted.per_request):
            yield {wanted.param: values[first : first + wanted.per_request]}

    def _round(self, placeholders: Placeholders, values: Mapping[str, list[str]]) -> "_Round":
        spec, marketplace_id = self.spec, placeholders.marketplace_id
        return _Round(
            path=placeholders.fill_path(spec.path),
            params={
                **placeholders.fill(spec.params),
                **_bounds(spec, placeholders.window),
                **values,
            },
            body=placeholders.fill(spec.body),
            extensions=[filled_extension(each, placeholders) for each in spec.extend_resources],
            added={MARKETPLACE_FIELD: marketplace_id} if marketplace_id else {},
        )

    def _preview(self, record: Record) -> Record:
        config = self.spec.record_config
        return {place: value_at(record, place) for place in (config.fields if config else ())}


@dataclass(frozen=True)
class _Round:
    """One request with all its pages.

    Attributes:
        path: The concrete path.
        params: Its parameters.
        body: Its body.
        extensions: What each record is extended by.
        added: What each record receives from us.
    """

    path: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    extensions: Sequence[ExtensionSpec]
    added: Record


def _finished(extender: Extender, begun: Iterator[list[PendingRecord]]) -> Iterator[Record]:
    """Yield the records in Amazon's order, fetching pages ahead while extensions are under way."""
    pending: deque[PendingRecord] = deque()
    for page in begun:
        pending.extend(page)
        while len(pending) > _RECORDS_AHEAD:
            yield extender.finish(pending.popleft())
    while pending:
        yield extender.finish(pending.popleft())


def _is_per_marketplace(spec: EndpointSpec) -> bool:
    parts = [spec.path, spec.params, spec.body]
    return names_one_marketplace(parts) or any(map(_names_marketplace, spec.extend_resources))


def _names_marketplace(extension: ExtensionSpec) -> bool:
    parts = [extension.path, extension.params]
    return names_one_marketplace(parts) or any(map(_names_marketplace, extension.extend_resources))


def _bounds(spec: EndpointSpec, window: DataWindow | None) -> dict[str, str]:
    """Return the parameters that receive the window's ends."""
    if window is None:
        return {}
    ends = {
        spec.updated_at_param: window.start,
        spec.updated_before_param: window.last_instant,
    }
    return {name: timestamp(moment) for name, moment in ends.items() if name}


def record_line(record: Record) -> bytes:
    """Write a record as one line; a lone surrogate, which UTF-8 cannot hold, stays escaped."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"
