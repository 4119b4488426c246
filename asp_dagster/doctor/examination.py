"""The whole connection check, in the order in which one thing needs the other.

Here belongs the order, and which selling partners there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from asp_dagster.catalog.feeds import Account, Feed
from asp_dagster.doctor.findings import Finding
from asp_dagster.doctor.partners import SellingPartner
from asp_dagster.doctor.places import examine_raw_path, examine_state, examine_warehouse
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.resources import AmazonSPResource, StateResource, WarehouseResource


@dataclass(frozen=True)
class Patient:
    """What is examined.

    Attributes:
        amazon: The way to Amazon.
        state: The shared state.
        warehouse: The warehouse.
        raw: Where raw files go.
    """

    amazon: AmazonSPResource
    state: StateResource
    warehouse: WarehouseResource
    raw: RawFileIOManager


def examine(patient: Patient, feeds: Sequence[Feed]) -> Iterator[Finding]:
    """Yield what is found: of the places first, for without them Amazon need not be asked."""
    yield examine_state(patient.state)
    yield examine_warehouse(patient.warehouse)
    yield examine_raw_path(patient.raw)
    partners: dict[Account, list[Feed]] = {} if feeds else {Account(): []}
    for feed in feeds:
        # Feeds of one partner may differ in their marketplaces; it is examined once.
        whose = replace(feed.account, marketplaces=(), seller_id=None)
        partners.setdefault(whose, []).append(feed)
    for account, own in partners.items():
        yield from SellingPartner(account, own, patient.amazon).findings()
