"""Settlement reports, which Amazon makes by itself when it pays: nobody can ask for one.

Here belong: GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2, when one appears, and its document. Each
marketplace is settled every fourteen days, and its report is there some hours later. Numbers and
dates are written as the marketplace writes them: `1.234,56` and `01.11.2026 00:00:00 UTC`.

https://developer-docs.amazon.com/sp-api/docs/report-type-values-settlement
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from threading import Lock

from asp_dagster.simulator.documents import Document
from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_ledger import Report, ReportLedger
from asp_dagster.simulator.report_types import ReportRequest

SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

HEADER = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"),
    *("total-amount", "currency", "transaction-type", "order-id", "merchant-order-id"),
    *("adjustment-id", "shipment-id", "marketplace-name", "amount-type", "amount-description"),
    *("amount", "fulfillment-id", "posted-date", "posted-date-time", "order-item-code"),
    *("merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    "promotion-id",
)

_MEDIA_TYPE = "text/plain;charset=UTF-8"
_LISTED_FOR = timedelta(days=90)
_PERIOD = timedelta(days=14)
_MADE_AFTER = timedelta(hours=3)
_MAKING_TAKES = timedelta(minutes=4)
_DEPOSITED_AFTER = timedelta(days=2)
_BEGINNING = datetime(2024, 1, 1, 8, 24, 50, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a marketplace writes numbers and dates.

    Attributes:
        decimal: What stands before the decimals.
        group: What stands between thousands.
        date: How a date is written, as `strftime` says it.
    """

    decimal: str = "."
    group: str = ""
    date: str = "%Y-%m-%d"

    def number(self, amount: Decimal) -> str:
        """Write an amount."""
        whole, _, decimals = f"{amount:,}".partition(".")
        whole = whole.replace(",", self.group)
        return f"{whole}{self.decimal}{decimals}" if decimals else whole

    def moment(self, at: datetime) -> str:
        """Write a moment."""
        return f"{at.strftime(self.date)} {at:%H:%M:%S} UTC"


_DOTTED = "%d.%m.%Y"
_CONTINENTAL = Manner(",", ".", _DOTTED)
_SPACED = Manner(",", "\u00a0", _DOTTED)
MANNERS: Mapping[str, Manner] = {
    "BR": Manner(",", "."),
    "GB": Manner(".", ",", _DOTTED),
    "DE": _CONTINENTAL,
    "IT": _CONTINENTAL,
    "ES": _CONTINENTAL,
    "NL": _CONTINENTAL,
    "FR": Manner(",", "\u202f", _DOTTED),
    "SE": _SPACED,
    "PL": _SPACED,
    "JP": Manner(".", ",", "%Y/%m/%d"),
}
"""The manners of the countries that do not write as the United States do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One amount of a settlement."""

    kind: str
    description: str
    amount: Decimal
    order_id: str
    sku: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a marketplace is paid for some days.

    Attributes:
        settlement_id: Amazon's id of the settlement.
        marketplace: Where it was sold.
        start: The first moment.
        end: The moment after the last.
        total: What is paid: the sum of the lines, unless it was spoilt.
        lines: What it is made of.
    """

    settlement_id: str
    marketplace: Marketplace
    start: datetime
    end: datetime
    total: Decimal
    lines: tuple[Line, ...]

    @property
    def deposited_at(self) -> datetime:
        """When it is paid."""
        return self.end + _DEPOSITED_AFTER

    def document(self) -> bytes:
        """Return the report as Amazon writes it."""
        rows = [HEADER, *(tuple(row.get(name, "") for name in HEADER) for row in self._rows())]
        return "".join("\t".join(row) + "\r\n" for row in rows).encode()

    def _rows(self) -> Iterator[dict[str, str]]:
        """Yield the settlement's own line, then those of its amounts."""
        manner = MANNERS.get(self.marketplace.country_code, Manner())
        yield {
            "settlement-id": self.settlement_id,
            "settlement-start-date": manner.moment(self.start),
            "settlement-end-date": manner.moment(self.end),
            "deposit-date": manner.moment(self.deposited_at),
            "total-amount": manner.number(self.total),
            "currency": self.marketplace.currency,
        }
        for line in self.lines:
            yield self._row(line, manner)

    def _row(self, line: Line, manner: Manner) -> dict[str, str]:
        is_of_order = bool(line.order_id)
        return {
            "settlement-id": self.settlement_id,
            "transaction-type": "Order" if is_of_order else "other-transaction",
            "order-id": line.order_id,
            "marketplace-name": self.marketplace.name if is_of_order else "",
            "amount-type": line.kind,
            "amount-description": line.description,
            "amount": manner.number(line.amount),
            "fulfillment-id": "AFN" if is_of_order else "",
            "posted-date": line.posted_at.strftime(manner.date),
            "posted-date-time": manner.moment(line.posted_at),
            "sku": line.sku,
            "quantity-purchased": "1" if line.description == "Principal" else "",
        }


@dataclass
class Settlements:
    """The settlement reports of one partner: they appear as time goes by.

    Attributes:
        partner: Whose they are.
        ledger: Where they are put.
    """

    partner: Partner
    ledger: ReportLedger
    _by_report: dict[str, Settlement] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def appear(self, now: datetime) -> None:
        """Put in the ledger what has been made by now and is not older than ninety days."""
        with self._lock:
            for number, shop in enumerate(self.partner.marketplaces):
                for period in _periods(now, timedelta(days=number)):
                    report_id = f"6{number:02d}{period:05d}"
                    if report_id not in self._by_report:
                        settlement = self._settlement(number, period, shop)
                        self._put(report_id, settlement, settlement.end + _MADE_AFTER)

    def made(self, now: datetime) -> Mapping[str, Settlement]:
        """Return the truth: the settlements by the ids of their reports, the oldest first."""
        self.appear(now)
        by_end = sorted(self._by_report.items(), key=lambda entry: (entry[1].end, entry[0]))
        return dict(by_end)

    def make_again(self, report_id: str, now: datetime) -> str:
        """Make a further report of a settlement, as Seller Central does; return its id."""
        with self._lock:
            again = f"7{len(self._by_report):07d}"
            self._put(again, self._by_report[report_id], now - _MAKING_TAKES)
        return again

    def spoil(self, report_id: str, by: Decimal, now: datetime) -> None:
        """Let a settlement's total differ from the sum of its lines."""
        self.appear(now)
        with self._lock:
            right = self._by_report[report_id]
            wrong = Settlement(
                right.settlement_id,
                right.marketplace,
                right.start,
                right.end,
                right.total + by,
                right.lines,
            )
            self._by_report[report_id] = wrong
            self._keep(report_id, wrong)

    def _put(self, report_id: str, settlement: Settlement, made_at: datetime) -> None:
        self._by_report[report_id] = settlement
        request = ReportRequest(
            SETTLEMENTS,
            (settlement.marketplace.marketplace_id,),
            {},
            settlement.start,
            settlement.end,
        )
        self.ledger.appear(
            Report(
                report_id=report_id,
                request=request,
                created_at=made_at,
                started_at=made_at,
                finished_at=made_at + _MAKING_TAKES,
                status_at_last="DONE",
                document_id=self._keep(report_id, settlement),
            )
        )

    def _keep(self, report_id: str, settlement: Settlement) -> str:
        """Keep a settlement's document; every other one is compressed."""
        document_id = f"amzn1.spdoc.1.4.na.{report_id}"
        compress = int(report_id) % 2 == 1
        text = settlement.document()
        self.ledger.documents.add(Document.of(document_id, text, _MEDIA_TYPE, compress=compress))
        return document_id

    def _settlement(self, number: int, period: int, shop: Marketplace) -> Settlement:
        """Draw a settlement, the same at each time."""
        random = Random(f"settlement {self.partner.seed} {number} {period}")  # noqa: S311 - repeatable, not secret
        start = _BEGINNING + timedelta(days=number) + period * _PERIOD
        lines = tuple(self._lines(random, shop, start))
        total = sum((line.amount for line in lines), Decimal(0))
        end = start + _PERIOD
        return Settlement(
            f"{18_000_000_000 + 1000 * period + number}", shop, start, end, total, lines
        )

    def _lines(self, random: Random, shop: Marketplace, start: datetime) -> Iterator[Line]:
        coin = shop.smallest_coin
        for count in range(random.randint(4, 12)):
            price = (Decimal(random.randint(500, 250_000)) / 100 * shop.price_factor).quantize(coin)
            fee = (-price * Decimal("0.15")).quantize(coin)
            order_id = f"{shop.order_prefixes[0]}-{random.randint(0, 9_999_999):07d}-{count:07d}"
            sku = random.choice(self.partner.products).sku
            posted_at = start + timedelta(seconds=random.randint(0, 14 * 86_400 - 1))
            yield Line("ItemPrice", "Principal", price, order_id, sku, posted_at)
            yield Line("ItemFees", "Commission", fee, order_id, sku, posted_at)
        fee = (Decimal(-39) * shop.price_factor).quantize(coin)
        yield Line("other-transaction", "Subscription Fee", fee, "", "", start)


def _periods(now: datetime, offset: timedelta) -> range:
    """Return the numbers of the periods whose reports are there, and not yet forgotten."""
    since_beginning = now - _MADE_AFTER - _BEGINNING - offset
    last = since_beginning // _PERIOD
    first = -((_LISTED_FOR - since_beginning) // _PERIOD)
    return range(max(first - 1, 0), max(last, 0))
