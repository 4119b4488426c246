"""Lands orders that are known by their ids, each asked for by getOrder.

For what notifications tell to have changed: the records are those of a search, and load as they do.
Here belongs the way from ids to lines. When it is cheaper than searching is said in `costs`.

https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from asp_dagster.catalog.bulk_orders import BulkOrders
from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.landing.extensions import Extender, Record
from asp_dagster.landing.extraction import PREVIEW_ROWS, FileToLand, Landed
from asp_dagster.landing.record_lines import preview_of, record_line
from asp_dagster.landing.windows import DataWindow
from asp_dagster.landing.workers import workers
from asp_dagster.spapi import SellingPartnerClient

_ID, _FOUND = "id", "found"
_AHEAD = 100


@dataclass(frozen=True)
class OrdersById:
    """The orders with some ids, in one file beside that of the partition.

    Attributes:
        client: Who asks Amazon.
        spec: The list operation whose records they are.
        orders: Its version.
        order_ids: The ids; one that Amazon does not know is told and left out.
        name: What the file is called, so that each run has its own.
    """

    client: SellingPartnerClient
    spec: EndpointSpec
    orders: BulkOrders
    order_ids: Sequence[str]
    name: str

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:  # noqa: ARG002 - as Extraction
        """Yield the one file."""
        yield FileToLand(None, self._write, extension=f".{self.name}.jsonl.gz")

    def _write(self, sink: BinaryIO) -> Landed:
        rows = 0
        preview: list[Record] = []
        with (
            gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0) as lines,
            workers() as crew,
        ):
            extender = Extender(self.client, crew)
            for rows, record in enumerate(self._records(extender), start=1):
                lines.write(record_line(record))
                if rows <= PREVIEW_ROWS:
                    preview.append(preview_of(record, self.spec.record_config))
        extender.not_found.warn(self.spec.path)
        return Landed(rows, preview, extender.not_found.total)

    def _records(self, extender: Extender) -> Iterator[Record]:
        """Yield the orders, several under way at the same time."""
        ids = list(dict.fromkeys(self.order_ids))
        for first in range(0, len(ids), _AHEAD):
            pending = [
                extender.begin([self._one_order], {_ID: order_id})
                for order_id in ids[first : first + _AHEAD]
            ]
            for each in pending:
                yield from extender.finish(each)[_FOUND] or ()

    @property
    def _one_order(self) -> ExtensionSpec:
        """The request of one order, and of what each record is extended by."""
        params = {key: value for key, value in self.spec.params.items() if key == "includedData"}
        return ExtensionSpec(
            new_field_name=_FOUND,
            path=self.orders.order_path,
            path_variable_name=_ID,
            results_key=self.orders.order_key,
            params=params,
            extend_resources=self.spec.extend_resources,
        )
