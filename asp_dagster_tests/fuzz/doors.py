"""The doors by which anybody's bytes come in: each takes them, or refuses them in words of ours.

Here belongs what a door is, and which there are. What is let in is the business of `inputs`.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import yaml
from dagster import DagsterError
from dagster.components.resolved.errors import ResolutionException
from dagster_shared.yaml_utils import parse_yamls_with_source_position
from pydantic import ValidationError

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.retirements import AS_OF
from asp_dagster.catalog.tables import InferredTable, RawFormat
from asp_dagster.components import AmazonSPApi, AmazonSPListedReport, AmazonSPReport
from asp_dagster.spapi import (
    Credentials,
    InProcessQuota,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    download_document,
)
from asp_dagster.warehouse import Origin, RawData, Warehouse, WarehouseError
from asp_dagster_tests.spapi.conftest import FakeClock, ScriptedServer

LISTS = (
    ("/orders/2026-01-01/orders", "GET"),
    ("/orders/v0/orders", "GET"),
    ("/replenishment/2022-11-07/offers/search", "POST"),
)
COMPONENTS = (AmazonSPApi, AmazonSPReport, AmazonSPListedReport)
WITHOUT_ROWS = ("pdf", "zip")
"""Formats that no table is loaded from."""

REFUSALS_OF_DECLARATIONS = (DeclarationError, DagsterError, ResolutionException, ValidationError)


@dataclass(frozen=True)
class Door:
    """A way in.

    Attributes:
        name: What it is called, and the folder of its corpus.
        enter: Takes bytes; a mistake of Python's that comes out is a find.
    """

    name: str
    enter: Callable[[bytes], None]


@contextmanager
def doors(folder: Path) -> Iterator[list[Door]]:
    """Open every door, with a server and a folder of their own."""
    with ExitStack() as stack:
        server = ScriptedServer()
        stack.callback(server.close)
        client = stack.enter_context(_client(server))
        formats = [name for name in get_args(RawFormat) if name not in WITHOUT_ROWS]
        yield [
            Door("answer", partial(_answer, client, server)),
            Door("page", partial(_page, client, server)),
            Door("login", partial(_login, server)),
            Door("download", partial(_download, client, server)),
            Door("declaration", _declaration),
            *(Door(name, partial(_document, folder, name)) for name in formats),
        ]


def _client(server: ScriptedServer) -> SellingPartnerClient:
    clock = FakeClock()
    return SellingPartnerClient(
        Credentials("application", "the-client-secret", "the-refresh-token"),
        server.url,
        lwa_url=server.lwa_url,
        retry=RetryPolicy(max_attempts=1),
        clock=clock,
        quota=InProcessQuota(clock),
    )


def _answer(client: SellingPartnerClient, server: ScriptedServer, content: bytes) -> None:
    server.reset()
    server.answer_bytes(content)
    with suppress(SellingPartnerError):
        client.request("GET", "/x")


def _page(client: SellingPartnerClient, server: ScriptedServer, content: bytes) -> None:
    for path, method in LISTS:
        server.reset()
        for _ in range(20):
            server.answer_bytes(content)
        with suppress(SellingPartnerError):
            list(islice(client.list(path, method=method), 9))


def _login(server: ScriptedServer, content: bytes) -> None:
    server.reset()
    server.login_bytes(content).answer({"a": 1})
    with _client(server) as client, suppress(SellingPartnerError):
        client.request("GET", "/x")


def _download(client: SellingPartnerClient, server: ScriptedServer, content: bytes) -> None:
    server.reset()
    for _ in range(3):
        document = {"url": f"{server.url}/document", "compressionAlgorithm": "GZIP"}
        server.answer(document).answer_bytes(content)
    with suppress(SellingPartnerError):
        download_document(client, "1", io.BytesIO())


def _declaration(content: bytes) -> None:
    text = content.decode(errors="replace")
    try:
        list(parse_yamls_with_source_position(text))
    except (yaml.YAMLError, RecursionError, TypeError):  # a key that is an object
        return  # Dagster's own reader gives up, before we are asked
    for component in COMPONENTS:
        with suppress(*REFUSALS_OF_DECLARATIONS):
            check_feed(component.resolve_from_yaml(text).declared("feed"), today=AS_OF)


def _document(folder: Path, raw_format: RawFormat, content: bytes) -> None:
    with TemporaryDirectory(dir=folder) as inside, suppress(WarehouseError):
        file = Path(inside) / f"document.{raw_format}"
        file.write_bytes(content)
        Warehouse.from_url(f"duckdb:///{inside}/warehouse.duckdb").load(
            [InferredTable(name="rows")],
            RawData([file], raw_format),
            Origin(
                schema="amazon", partition="2026-11-01", loaded_at=datetime(2026, 11, 2, tzinfo=UTC)
            ),
        )
