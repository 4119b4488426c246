"""Lands the records of a list operation as JSON Lines, each extended as declared.

Here belong: the walk from pages to lines. Paging and quota are `spapi`'s, the place of the file is
the raw store's.
"""

import gzip
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote

from asp_dagster.catalog.feeds import EndpointSpec, ExtensionSpec
from asp_dagster.landing.errors import UnexpectedDocumentError
from asp_dagster.landing.extraction import (
    PREVIEW_ROWS,
    FileToLand,
    Landed,
    Placeholders,
)
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import SellingPartnerClient, pages
from asp_dagster.spapi.records import value_at
from asp_dagster.spapi.wire import timestamp

Record = Mapping[str, Any]

_log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 30.0


@dataclass(frozen=True)
class EndpointExtraction:
    """The records of one list operation, one JSON Lines file a window."""

    client: SellingPartnerClient
    spec: EndpointSpec
    marketplace_ids: Sequence[str]

    def files(self, window: DataWindow) -> Iterator[FileToLand]:
        """Yield the window's one file."""
        yield FileToLand(None, lambda sink: self._write(window, sink))

    def _write(self, window: DataWindow, sink: BinaryIO) -> Landed:
        rows = 0
        preview: list[Record] = []
        # mtime 0: the same records give the same bytes.
        with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0) as lines:
            for rows, record in enumerate(self._watched(self._records(window)), start=1):
                lines.write(_line(record))
                if rows <= PREVIEW_ROWS:
                    preview.append(self._preview(record))
        return Landed(rows, preview)

    def _watched(self, records: Iterator[Record]) -> Iterator[Record]:
        """Pass the records on, and tell every now and then how many there were."""
        clock = self.client.clock
        told = clock.monotonic()
        for number, record in enumerate(records, start=1):
            if clock.monotonic() - told >= _PROGRESS_SECONDS:
                told = clock.monotonic()
                _log.info("%s: %d records so far", self.spec.path, number)
            yield record

    def _records(self, window: DataWindow) -> Iterator[Record]:
        spec = self.spec
        params = _params(spec, Placeholders(window, self.marketplace_ids))
        for page in pages(self.client, spec.path, params, results_key=spec.results_key):
            for record in page.records:
                yield self._extended(record)

    def _extended(self, record: Record) -> Record:
        extensions = {
            extension.new_field_name: self._extension(extension, record)
            for extension in self.spec.extend_resources
        }
        return {**record, **extensions}

    def _extension(self, extension: ExtensionSpec, record: Record) -> list[Record]:
        """Ask for everything one record's extension has, page by page."""
        path = extension.path.format(_path_value(extension, record))
        further = pages(
            self.client, path, dict(extension.params), results_key=extension.results_key
        )
        return [entry for page in further for entry in page.records]

    def _preview(self, record: Record) -> Record:
        config = self.spec.record_config
        return {place: value_at(record, place) for place in (config.fields if config else ())}


def _params(spec: EndpointSpec, placeholders: Placeholders) -> dict[str, Any]:
    params = {name: placeholders.fill(value) for name, value in spec.params.items()}
    if spec.updated_at_param:
        params[spec.updated_at_param] = timestamp(placeholders.window.start)
    if spec.updated_before_param:
        params[spec.updated_before_param] = timestamp(placeholders.window.last_instant)
    return params


def _path_value(extension: ExtensionSpec, record: Record) -> str:
    value = value_at(record, extension.path_variable_name)
    if value is None or value == "":
        raise UnexpectedDocumentError(
            f"A record has no {extension.path_variable_name!r}, which {extension.path} needs; it"
            f" has {', '.join(sorted(record))}. Correct `path_variable_name` in the declaration."
        )
    # The value goes into a URL: whatever it holds stays one path segment.
    return quote(str(value), safe="")


def _line(record: Record) -> bytes:
    """Write a record as one line; a lone surrogate, which UTF-8 cannot hold, stays escaped."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"
