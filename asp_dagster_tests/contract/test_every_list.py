"""Every list operation on input that nobody here made: Amazon's published sandbox cases.

Each GET operation of the paging table is declared as a feed, its params taken from a case that
Amazon published, and what its raw asset lands is held against Amazon's example, record by record.
Operations for which that cannot be done are listed here, each with its reason.

Run as a script, this file prints how many operations land their example, and which do not.
"""

import csv
import gzip
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import dagster as dg
import pytest
import yaml

from asp_dagster.assets import RAW_IO_MANAGER, build_feed_assets
from asp_dagster.components import AmazonSPApi
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.resources import AmazonSPResource
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi.restricted_operations import RESTRICTED_OPERATIONS

MODELS = Path(os.environ["ASP_MODELS"])
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

Json = Any
TOKEN_PARAMS = {"NextToken", "nextToken", "nextPageToken", "pageToken", "paginationToken"}
NEXT_TOKEN = re.compile(r'"(?:[Nn]extToken|nextPageToken|nextTokenForLineItems)": "([^"]+)"')
"""A page token, wherever it stands in an answer: the table shall not vouch for itself."""

NOT_LANDED = {
    "fulfillmentInboundV0.getShipmentItemsByShipmentId": (
        "its answer names a next page, but it takes no parameter that would ask for one",
        "there are more pages, but no known way to ask for them",
    ),
}
"""Operations whose published case does not land: the reason, and what the run says."""

_NO_SANDBOX = "Amazon's model has no sandbox case"
_DYNAMIC = "Amazon's model has a dynamic sandbox only: no case of a request with its answer"
_NO_MODEL = "no model lies among Amazon's published ones; the table follows Amazon's SDK"

NOT_PUBLISHED = {
    "aplusContent_2020-11-01.listContentDocumentAsinRelations": _NO_SANDBOX,
    "aplusContent_2020-11-01.searchContentDocuments": _NO_SANDBOX,
    "aplusContent_2020-11-01.searchContentPublishRecords": _NO_SANDBOX,
    "fbaInventory.getInventorySummaries": _DYNAMIC,
    "finance_remittance_v2026_03_17.getRemittance": _NO_MODEL,
    "finance_remittance_v2026_03_17.getRemittanceHeaders": _NO_MODEL,
    "fulfillmentOutbound_2020-07-01.getFeatureInventory": _DYNAMIC,
    "fulfillmentOutbound_2020-07-01.getFeatures": _DYNAMIC,
    "fulfillmentOutbound_2020-07-01.getPackageTrackingDetails": _DYNAMIC,
    "fulfillmentOutbound_2020-07-01.listAllFulfillmentOrders": _DYNAMIC,
    "fulfillmentOutbound_2020-07-01.listReturnReasonCodes": _DYNAMIC,
    "fulfillmentOutbound_2026-07-04.listOrders": _DYNAMIC,
    "promotions_v2025_12_01.getSelection": _NO_MODEL,
    "promotions_v2025_12_01.searchPromotions": _NO_MODEL,
    "support_v2025_02_01.listContacts": _NO_MODEL,
    "vendorDirectFulfillmentOrders_2021-12-28.getOrders": _DYNAMIC,
    "vendorDirectFulfillmentShipping_2021-12-28.getCustomerInvoices": _DYNAMIC,
    "vendorDirectFulfillmentShipping_2021-12-28.getPackingSlips": _DYNAMIC,
    "vendorDirectFulfillmentShipping_2021-12-28.getShippingLabels": _DYNAMIC,
}


@dataclass(frozen=True)
class Case:
    """A request that Amazon published, and its answer."""

    parameters: Mapping[str, Json]
    answer: Mapping[str, Json]

    @property
    def sent_token(self) -> str:
        """The page token that the request sends; empty if none."""
        return "".join(self.parameters[name] for name in self.parameters.keys() & TOKEN_PARAMS)

    @property
    def next_token(self) -> str:
        """The page token that the answer hands out; empty if none."""
        return "".join(NEXT_TOKEN.findall(json.dumps(self.answer))[:1])

    def agreement(self, other: "Case") -> int:
        """In how many parameters two requests agree."""
        return sum(other.parameters.get(name) == value for name, value in self.parameters.items())


@dataclass(frozen=True)
class Landing:
    """What a raw file holds, and how many requests it took, those for tokens included."""

    records: Sequence[Json]
    requests: int


@dataclass(frozen=True)
class ListOperation:
    """A row of the paging table, and the successful cases that Amazon published for it."""

    name: str
    path: str
    results_key: str
    cases: Sequence[Case]

    @cached_property
    def pages(self) -> Sequence[Case]:
        """The case to declare, and the cases its page tokens lead to."""
        pages = [max(self.cases, key=self._merits)]
        while following := [case for case in self._next(pages[-1]) if case not in pages]:
            pages.append(max(following, key=pages[-1].agreement))
        return pages

    @property
    def example(self) -> Landing:
        """What should land: every published page, and after an unpublished token an empty one."""
        records = [record for page in self.pages for record in self.records(page)]
        requests = len(self.pages) + bool(self.pages[-1].next_token)
        return Landing(records, requests + (("GET", self.path) in RESTRICTED_OPERATIONS))

    @property
    def declaration(self) -> Mapping[str, Json]:
        """The feed as a user declares it; a path variable that the case forgot gets any value."""
        params = dict(self.pages[0].parameters)
        path = re.sub(
            r"{(\w+)}", lambda found: quote(str(params.pop(found[1], "ANY")), safe=""), self.path
        )
        return {
            "name": "raw_" + re.sub(r"\W", "_", self.name),
            "path": path,
            "results_key": self.results_key,
            "params": params,
            "table": False,
            "pii": "include" if ("GET", self.path) in RESTRICTED_OPERATIONS else "exclude",
        }

    def records(self, page: Case) -> list[Json]:
        """Pick the records out of an answer by hand; those of several lists under their names."""
        holder, last = self.holder(page), self.results_key.rpartition(".")[2]
        if "*" not in last:
            return list(holder[last])
        names = [name for name in holder if name.endswith(last.removeprefix("*"))]
        return [{name: record} for name in names for record in holder[name]]

    def holder(self, page: Case) -> Mapping[str, Json]:
        """Return the part of an answer that the list of records stands in."""
        holder = page.answer
        for name in self.results_key.split(".")[:-1]:
            holder = holder[name]
        return holder

    def _merits(self, case: Case) -> tuple[bool, ...]:
        """Rank cases: a first page, one with records, one that leads to a further page."""
        return (not case.sent_token, bool(self.records(case)), bool(self._next(case)))

    def _next(self, page: Case) -> list[Case]:
        token = page.next_token
        return [case for case in self.cases if token and case.sent_token == token]


def _list_operations() -> Iterator[ListOperation]:
    published = dict(_published_cases())
    table = (files("asp_dagster.spapi") / "paging.csv").read_text("utf-8")
    for row in csv.DictReader(table.splitlines()):
        if row["method"] == "GET":
            name, cases = f"{row['model']}.{row['operation']}", published.get(row["path"], ())
            yield ListOperation(name, row["path"], row["results_key"], cases)


def _published_cases() -> Iterator[tuple[str, Sequence[Case]]]:
    """Yield the successful cases of every GET operation by its path."""
    for file in sorted(MODELS.rglob("*.json")):
        model = json.loads(file.read_text(encoding="utf-8"))
        for path, methods in model.get("paths", {}).items() if isinstance(model, dict) else ():
            success = methods.get("get", {}).get("responses", {}).get("200", {})
            sandbox = success.get("x-amzn-api-sandbox", {}).get("static", ())
            # Two of Amazon's vendor models spell it differently.
            sandbox = sandbox or success.get("x-amazon-spds-sandbox-behaviors", ())
            yield path, [Case(_parameters(case), case["response"]) for case in sandbox]


def _parameters(case: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a case sends; the one body among them is empty, and no GET can send it."""
    parameters = case.get("request", {}).get("parameters", {})
    return {name: each["value"] for name, each in parameters.items() if name != "body"}


Land = Callable[[ListOperation], Landing]

OPERATIONS = list(_list_operations())
PUBLISHED = [operation for operation in OPERATIONS if operation.cases]
LANDED = [operation for operation in PUBLISHED if operation.name not in NOT_LANDED]


@contextmanager
def _landing(folder: Path) -> Iterator[Land]:
    """Serve Amazon's examples, and lend what lands an operation's."""
    partner = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
    simulator = Simulator(partner, speed=1e6, models=MODELS)
    with simulator as amazon, dg.DagsterInstance.ephemeral() as instance:
        names = ("lwa_url", "client_id", "client_secret", "refresh_token")
        settings = {name: getattr(amazon, name) for name in names}
        state = f"sqlite:///{folder / 'state.db'}"
        door = AmazonSPResource(endpoint=amazon.url, state=state, **settings)
        raw = RawFileIOManager(base_path=str(folder))
        resources = {"amazon": door, RAW_IO_MANAGER: raw}
        yield lambda operation: _land(operation, instance=instance, resources=resources)


def _land(operation: ListOperation, **place: Any) -> Landing:
    """Declare the operation, run its raw asset, and read what landed."""
    feed = AmazonSPApi.resolve_from_yaml(yaml.safe_dump(operation.declaration)).declared()
    [raw] = build_feed_assets(feed)
    result = dg.materialize([raw], **place)
    metadata = result.asset_materializations_for_node(feed.name)[0].metadata
    with gzip.open(str(metadata["path"].value), "rt", encoding="utf-8") as lines:
        return Landing([json.loads(line) for line in lines], int(str(metadata["api_calls"].value)))


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Land]:
    """Land operations, all from one simulator."""
    with _landing(tmp_path_factory.mktemp("raw")) as landing:
        yield landing


@pytest.mark.parametrize("operation", LANDED, ids=lambda operation: operation.name)
def test_landed_records_are_amazons_example(operation: ListOperation, land: Land) -> None:
    """A declared operation lands Amazon's example one to one, having asked for every page."""
    landing = land(operation)

    assert landing.records
    assert landing == operation.example


@pytest.mark.parametrize("name", NOT_LANDED)
def test_what_does_not_land_says_why(name: str, land: Land) -> None:
    """An operation that cannot land its example fails in the words that are listed."""
    [operation] = [each for each in PUBLISHED if each.name == name]

    with pytest.raises(dg.Failure, match=NOT_LANDED[name][1]):
        land(operation)


@pytest.mark.parametrize("operation", PUBLISHED, ids=lambda operation: operation.name)
def test_no_list_beside_the_records_is_left_out(operation: ListOperation) -> None:
    """The results key takes every list of objects that stands where the records stand."""
    holder = operation.holder(operation.pages[0])
    lists = [records for records in holder.values() if isinstance(records, list)]

    taken = operation.records(operation.pages[0])
    assert len(taken) == sum(isinstance(each, dict) for records in lists for each in records)


def test_every_operation_without_an_example_is_listed() -> None:
    """What Amazon has published no case for is exactly what is listed, so none gets lost."""
    assert {each.name for each in OPERATIONS if not each.cases} == NOT_PUBLISHED.keys()


def _difference(operation: ListOperation, land: Land) -> str | None:
    """Return why an operation does not land its example; None if it does."""
    try:
        landing = land(operation)
    except dg.Failure as failure:
        return NOT_LANDED.get(operation.name, (failure.description,))[0]
    return None if landing == operation.example else "it lands something else"


def _main() -> None:
    """Print how many operations land Amazon's own example, and the others with their reasons."""
    logging.disable()
    with TemporaryDirectory() as folder, _landing(Path(folder)) as land:
        failed = {each.name: why for each in PUBLISHED if (why := _difference(each, land))}
    landed = f"{len(PUBLISHED) - len(failed)} of {len(PUBLISHED)} list operations"
    lines = [
        f"{landed} land Amazon's own example; not:",
        *(f"  {name}: {reason}" for name, reason in failed.items()),
        f"{len(NOT_PUBLISHED)} more have no example to land:",
        *(f"  {name}: {reason}" for name, reason in NOT_PUBLISHED.items()),
    ]
    print("\n".join(lines))  # noqa: T201 - the command's answer


if __name__ == "__main__":
    _main()
