"""Selling regions and marketplaces, as values.

Here belong: which endpoint, AWS region, currency and time zone belong together, and the checks of
settings against them. Which marketplaces a selling partner really takes part in, only Amazon knows.

https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
https://developer-docs.amazon.com/sp-api/docs/marketplace-ids
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from asp_dagster.spapi.errors import ConfigurationError

AMAZON_LWA_URL = "https://api.amazon.com/auth/o2/token"
"""Login with Amazon, which is the same in all selling regions."""


@dataclass(frozen=True)
class SellingRegion:
    """One of Amazon's three selling regions; an authorisation is valid in one of them.

    Attributes:
        name: Amazon's short name: `NA`, `EU`, `FE`.
        endpoint: Base URL of the production API.
        sandbox_endpoint: Base URL of Amazon's sandbox.
        aws_region: The AWS region that signatures name.
    """

    name: str
    endpoint: str
    sandbox_endpoint: str
    aws_region: str


@dataclass(frozen=True)
class Marketplace:
    """One Amazon shop.

    Attributes:
        marketplace_id: Amazon's id: `A1PA6795UKMFR9`.
        country_code: Amazon's code of the country; the United Kingdom is `UK`.
        name: The country's name.
        domain: The shop's domain.
        currency: ISO 4217 code of the currency that prices are in.
        time_zone: IANA name of the zone that the shop's days are counted in.
        region: The selling region it belongs to.
    """

    marketplace_id: str
    country_code: str
    name: str
    domain: str
    currency: str
    time_zone: str
    region: SellingRegion


def _selling_region(name: str, aws_region: str) -> SellingRegion:
    host = f"sellingpartnerapi-{name.lower()}.amazon.com"
    return SellingRegion(name, f"https://{host}", f"https://sandbox.{host}", aws_region)


NORTH_AMERICA = _selling_region("NA", "us-east-1")
EUROPE = _selling_region("EU", "eu-west-1")
FAR_EAST = _selling_region("FE", "us-west-2")
SELLING_REGIONS = (NORTH_AMERICA, EUROPE, FAR_EAST)

# fmt: off
_NA = (
    ("ATVPDKIKX0DER", "US", "United States", "amazon.com", "USD", "America/Los_Angeles"),
    ("A2EUQ1WTGCTBG2", "CA", "Canada", "amazon.ca", "CAD", "America/Los_Angeles"),
    ("A1AM78C64UM0Y8", "MX", "Mexico", "amazon.com.mx", "MXN", "America/Los_Angeles"),
    ("A2Q3Y263D00KWC", "BR", "Brazil", "amazon.com.br", "BRL", "America/Sao_Paulo"),
)
_EU = (
    ("A1F83G8C2ARO7P", "UK", "United Kingdom", "amazon.co.uk", "GBP", "Europe/London"),
    ("A1PA6795UKMFR9", "DE", "Germany", "amazon.de", "EUR", "Europe/Berlin"),
    ("A13V1IB3VIYZZH", "FR", "France", "amazon.fr", "EUR", "Europe/Paris"),
    ("APJ6JRA9NG5V4", "IT", "Italy", "amazon.it", "EUR", "Europe/Rome"),
    ("A1RKKUPIHCS9HS", "ES", "Spain", "amazon.es", "EUR", "Europe/Madrid"),
    ("A1805IZSGTT6HS", "NL", "Netherlands", "amazon.nl", "EUR", "Europe/Amsterdam"),
    ("AMEN7PMS3EDWL", "BE", "Belgium", "amazon.com.be", "EUR", "Europe/Brussels"),
    ("A28R8C7NBKEWEA", "IE", "Ireland", "amazon.ie", "EUR", "Europe/Dublin"),
    ("A2NODRKZP88ZB9", "SE", "Sweden", "amazon.se", "SEK", "Europe/Stockholm"),
    ("A1C3SOZRARQ6R3", "PL", "Poland", "amazon.pl", "PLN", "Europe/Warsaw"),
    ("A33AVAJ2PDY3EV", "TR", "Turkey", "amazon.com.tr", "TRY", "Europe/Istanbul"),
    ("A17E79C6D8DWNP", "SA", "Saudi Arabia", "amazon.sa", "SAR", "Asia/Riyadh"),
    ("A2VIGQ35RCS4UG", "AE", "United Arab Emirates", "amazon.ae", "AED", "Asia/Dubai"),
    ("ARBP9OOSHTCHU", "EG", "Egypt", "amazon.eg", "EGP", "Africa/Cairo"),
    ("AE08WJ6YKNBMC", "ZA", "South Africa", "amazon.co.za", "ZAR", "Africa/Johannesburg"),
    ("A21TJRUUN4KGV", "IN", "India", "amazon.in", "INR", "Asia/Kolkata"),
)
_FE = (
    ("A1VC38T7YXB528", "JP", "Japan", "amazon.co.jp", "JPY", "Asia/Tokyo"),
    ("A39IBJ37TRP1C6", "AU", "Australia", "amazon.com.au", "AUD", "Australia/Sydney"),
    ("A19VAU5U5O7RUS", "SG", "Singapore", "amazon.sg", "SGD", "Asia/Singapore"),
)
# fmt: on

MARKETPLACES = tuple(
    Marketplace(*row, region)
    for region, rows in ((NORTH_AMERICA, _NA), (EUROPE, _EU), (FAR_EAST, _FE))
    for row in rows
)


def marketplace(marketplace_id: str) -> Marketplace:
    """Return the marketplace with this id.

    Raises:
        ConfigurationError: When there is none; the message lists those that exist.
    """
    for known in MARKETPLACES:
        if known.marketplace_id == marketplace_id:
            return known
    ids = ", ".join(f"{known.marketplace_id} ({known.country_code})" for known in MARKETPLACES)
    raise ConfigurationError(f"There is no marketplace {marketplace_id!r}; use one of {ids}.")


def marketplace_of_country(country_code: str) -> Marketplace:
    """Return the marketplace of a country; `GB` means `UK`, and case does not matter.

    Raises:
        ConfigurationError: When Amazon has no shop there; the message lists the countries.
    """
    wanted = {"GB": "UK"}.get(country_code.upper(), country_code.upper())
    for known in MARKETPLACES:
        if known.country_code == wanted:
            return known
    codes = ", ".join(sorted(known.country_code for known in MARKETPLACES))
    raise ConfigurationError(f"There is no marketplace for {country_code!r}; use one of {codes}.")


def region_of(endpoint: str) -> SellingRegion | None:
    """Return the region whose endpoint or sandbox this is; none for a foreign host."""
    host = _host(_split(endpoint))
    for region in SELLING_REGIONS:
        if host in {_host(_split(region.endpoint)), _host(_split(region.sandbox_endpoint))}:
            return region
    return None


def check_marketplaces(endpoint: str, marketplace_ids: Iterable[str]) -> None:
    """Make sure that the marketplaces belong to the endpoint's region.

    A foreign host, such as a simulator, may serve any marketplace: nothing is checked there.

    Raises:
        ConfigurationError: When an id is unknown or belongs to another region.
    """
    region = region_of(endpoint)
    if region is None:
        return
    for found in map(marketplace, marketplace_ids):
        if found.region != region:
            raise ConfigurationError(
                f"Marketplace {found.marketplace_id} ({found.country_code}) belongs to the"
                f" {found.region.name} endpoint {found.region.endpoint}, not to the {region.name}"
                f" endpoint {endpoint}; change one of the two."
            )


def check_endpoint(url: str) -> str:
    """Return the URL without a trailing slash, once it is fit to send secrets to.

    Raises:
        ConfigurationError: When it is no URL, is not https although it leaves this machine, or is
            one of Amazon's endpoints with a path behind it.
    """
    if "@" in url or "?" in url or "#" in url:
        # Not quoted: what stands there may be a password.
        raise ConfigurationError(
            "A URL among the settings holds a user, query or fragment; remove it."
        )
    parts = _split(url)
    if parts.scheme not in {"https", "http"} or not _host(parts):
        raise ConfigurationError(f"{url!r} is no URL; write {NORTH_AMERICA.endpoint} or its like.")
    if parts.scheme == "http" and not is_loopback(_host(parts)):
        raise ConfigurationError(
            f"{url!r} would carry secrets unencrypted; write https://. Plain http:// is for"
            " this machine only, for example http://127.0.0.1:8000."
        )
    if region_of(url) and parts.path.strip("/"):
        raise ConfigurationError(
            f"{url!r} holds a path; write {parts.scheme}://{parts.netloc} alone."
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read only for its check
    except ValueError as error:
        raise ConfigurationError(f"{url!r} is no URL: {error}.") from error
    return parts


def _host(parts: SplitResult) -> str:
    return parts.hostname or ""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, which needs no encryption."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
