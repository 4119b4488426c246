"""The marketplaces a simulated selling partner can sell in.

Here belong: what Amazon publishes about a marketplace, and the towns our parcels go to. The
marketplaces the client knows are `spapi`'s own: a simulator that shared them would share their
mistakes.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Town:
    """Where a parcel goes: the part of an address that is no personal data."""

    city: str
    state: str | None
    postal_code: str


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One Amazon shop.

    Attributes:
        marketplace_id: Amazon's id.
        region: The selling region: `NA`, `EU` or `FE`.
        country_code: ISO 3166-1.
        domain: `amazon.com`, of which `Amazon.com` is the shop's name.
        currency: ISO 4217.
        language: The shop's default language: `en_US`.
        price_factor: How much a dollar costs here, roughly.
        tax_rate: Tax that Amazon shows per item, 0 where prices include it.
        order_prefixes: The first three digits of this shop's order ids.
        towns: Where parcels go.
    """

    marketplace_id: str
    region: str
    country_code: str
    domain: str
    currency: str
    language: str
    price_factor: Decimal
    tax_rate: Decimal
    order_prefixes: tuple[str, ...]
    towns: tuple[Town, ...]

    @property
    def name(self) -> str:
        """The shop's name, which Amazon also uses for the sales channel."""
        return self.domain.capitalize()

    @property
    def smallest_coin(self) -> Decimal:
        """What amounts are rounded to: a yen has no cents."""
        return Decimal(1) if self.currency == "JPY" else Decimal("0.01")


def marketplace(marketplace_id: str) -> Marketplace:
    """Return the marketplace with this id.

    https://developer-docs.amazon.com/sp-api/docs/marketplace-ids

    Raises:
        ValueError: When Amazon has no such marketplace, or the simulator does not know it.
    """
    for known in MARKETPLACES:
        if known.marketplace_id == marketplace_id:
            return known
    choice = ", ".join(known.marketplace_id for known in MARKETPLACES)
    raise ValueError(f"No marketplace has the id {marketplace_id!r}. Known are: {choice}.")


def _shop(
    marketplace_id: str, facts: str, order_prefixes: str, towns: str, tax_rate: str = "0"
) -> Marketplace:
    """Read one line of the table below."""
    region, country_code, domain, currency, language, price_factor = facts.split()
    return Marketplace(
        marketplace_id=marketplace_id,
        region=region,
        country_code=country_code,
        domain=domain,
        currency=currency,
        language=language,
        price_factor=Decimal(price_factor),
        tax_rate=Decimal(tax_rate),
        order_prefixes=tuple(order_prefixes.split()),
        towns=tuple(_town(town) for town in towns.split("; ")),
    )


def _town(town: str) -> Town:
    city, state, postal_code = town.split(", ")
    return Town(city, state or None, postal_code)


MARKETPLACES = (
    _shop(
        "ATVPDKIKX0DER",
        "NA US amazon.com USD en_US 1",
        "111 112 113 114",
        "Seattle, WA, 98109; Boston, MA, 02118; Austin, TX, 78701; San José, CA, 95112;"
        " Newark, NJ, 07102; Lake Hiawatha, NJ, 07034-1010",
        tax_rate="0.0825",
    ),
    _shop(
        "A2EUQ1WTGCTBG2",
        "NA CA amazon.ca CAD en_CA 1.35",
        "701 702",
        "Toronto, ON, M5V 2T6; Montréal, QC, H2X 1Y4; Vancouver, BC, V6B 1A1",
        tax_rate="0.13",
    ),
    _shop(
        "A1AM78C64UM0Y8",
        "NA MX amazon.com.mx MXN es_MX 17.5",
        "701 702",
        "Ciudad de México, CDMX, 06600; Mérida, Yucatán, 97000",
    ),
    _shop(
        "A2Q3Y263D00KWC",
        "NA BR amazon.com.br BRL pt_BR 5.2",
        "701 702",
        "São Paulo, SP, 01234-567; Brasília, DF, 70040-010",
    ),
    _shop(
        "A1F83G8C2ARO7P",
        "EU GB amazon.co.uk GBP en_GB 0.8",
        "202 203 204 205 206",
        "London, , SW1A 1AA; Leeds, West Yorkshire, LS1 4AP; Cardiff, Wales, CF10 1EP",
    ),
    _shop(
        "A1PA6795UKMFR9",
        "EU DE amazon.de EUR de_DE 0.95",
        "302 303 304 305 306",
        "München, , 80331; Köln, , 50667; Dresden, Sachsen, 01067; Würzburg, Bayern, 97070",
    ),
    _shop(
        "A13V1IB3VIYZZH",
        "EU FR amazon.fr EUR fr_FR 0.95",
        "402 403 404 405 406",
        "Paris, , 75001; Orléans, , 45000; Bourg-en-Bresse, Ain, 01000",
    ),
    _shop(
        "APJ6JRA9NG5V4",
        "EU IT amazon.it EUR it_IT 0.95",
        "404 405 406 407",
        "Roma, RM, 00184; Forlì, FC, 47121",
    ),
    _shop(
        "A1RKKUPIHCS9HS",
        "EU ES amazon.es EUR es_ES 0.95",
        "404 405 406 407",
        "Málaga, Málaga, 29001; Vitoria-Gasteiz, Álava, 01001",
    ),
    _shop(
        "A1805IZSGTT6HS",
        "EU NL amazon.nl EUR nl_NL 0.95",
        "404 405",
        "'s-Gravenhage, , 2511 CS; Utrecht, , 3511 LX",
    ),
    _shop(
        "A2NODRKZP88ZB9",
        "EU SE amazon.se SEK sv_SE 10.5",
        "404 405",
        "Malmö, , 211 20; Göteborg, , 411 03",
    ),
    _shop(
        "A1C3SOZRARQ6R3",
        "EU PL amazon.pl PLN pl_PL 4",
        "404 405",
        "Łódź, , 90-001; Kraków, małopolskie, 30-002",
    ),
    _shop(
        "A21TJRUUN4KGV",
        "EU IN amazon.in INR en_IN 83",
        "404 405",
        "Mumbai, Maharashtra, 400001; Bengaluru, Karnataka, 560001",
    ),
    _shop(
        "A1VC38T7YXB528",
        "FE JP amazon.co.jp JPY ja_JP 150",
        "249 250 503",
        "渋谷区, 東京都, 150-0002; 札幌市, 北海道, 060-0001",
    ),
    _shop(
        "A39IBJ37TRP1C6",
        "FE AU amazon.com.au AUD en_AU 1.5",
        "249 250 503",
        "Sydney, NSW, 2000; Darwin, NT, 0800",
    ),
    _shop(
        "A19VAU5U5O7RUS",
        "FE SG amazon.sg SGD en_SG 1.35",
        "249 250 503",
        "Singapore, , 018956",
    ),
)
"""The shops of Amazon's three selling regions that our partner may choose among."""
