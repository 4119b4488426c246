"""Regions and marketplaces are values, and settings are checked against them."""

from zoneinfo import ZoneInfo

import pytest

from asp_dagster.spapi import (
    EUROPE,
    MARKETPLACES,
    NORTH_AMERICA,
    ConfigurationError,
    check_endpoint,
    check_marketplaces,
    marketplace,
    marketplace_of_country,
    region_of,
)


def test_knows_amazons_marketplaces() -> None:
    """There are 23 marketplaces with 23 ids, countries and domains."""
    for attribute in ("marketplace_id", "country_code", "domain"):
        assert len({getattr(known, attribute) for known in MARKETPLACES}) == 23


def test_time_zones_exist() -> None:
    """Every marketplace's days are counted in a zone that the computer knows."""
    assert all(ZoneInfo(known.time_zone) for known in MARKETPLACES)


def test_finds_a_marketplace_by_its_id() -> None:
    """An id leads to country, currency, time zone and region."""
    found = marketplace("A1PA6795UKMFR9")

    assert (found.country_code, found.domain, found.region) == ("DE", "amazon.de", EUROPE)
    assert (found.currency, found.time_zone) == ("EUR", "Europe/Berlin")


def test_unknown_id_is_answered_with_the_known_ones() -> None:
    """A misspelt id is an error that lists what would have been right."""
    with pytest.raises(ConfigurationError, match=r"'A1PA'; use one of .*A1PA6795UKMFR9 \(DE\)"):
        marketplace("A1PA")


@pytest.mark.parametrize("code", ["UK", "GB", "gb"])
def test_the_united_kingdom_has_two_codes(code: str) -> None:
    """GB and UK, in any case, mean the same marketplace."""
    assert marketplace_of_country(code).marketplace_id == "A1F83G8C2ARO7P"


def test_unknown_country_is_answered_with_the_known_ones() -> None:
    """A country without a shop is an error that lists those with one."""
    with pytest.raises(ConfigurationError, match=r"'AT'; use one of AE, AU"):
        marketplace_of_country("AT")


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://sellingpartnerapi-eu.amazon.com", EUROPE),
        ("https://SellingPartnerAPI-eu.amazon.com/", EUROPE),
        ("https://sandbox.sellingpartnerapi-na.amazon.com", NORTH_AMERICA),
        ("http://127.0.0.1:8000", None),
    ],
    ids=["production", "spelt otherwise", "sandbox", "foreign"],
)
def test_finds_the_region_of_an_endpoint(endpoint: str, region: object) -> None:
    """Amazon's endpoints have a region; other hosts have none."""
    assert region_of(endpoint) is region


def test_accepts_marketplaces_of_the_region() -> None:
    """Marketplaces that belong to the endpoint are fine."""
    check_marketplaces(EUROPE.endpoint, ["A1PA6795UKMFR9", "A13V1IB3VIYZZH"])


def test_accepts_any_marketplace_of_a_foreign_host() -> None:
    """A simulator may serve what it likes."""
    check_marketplaces("http://127.0.0.1:8000", ["ATVPDKIKX0DER", "SIMULATED"])


def test_refuses_a_marketplace_of_another_region() -> None:
    """A marketplace of another region is an error that names both endpoints."""
    with pytest.raises(ConfigurationError) as caught:
        check_marketplaces(NORTH_AMERICA.endpoint, ["ATVPDKIKX0DER", "A1PA6795UKMFR9"])

    assert str(caught.value) == (
        "Marketplace A1PA6795UKMFR9 (DE) belongs to the EU endpoint"
        " https://sellingpartnerapi-eu.amazon.com, not to the NA endpoint"
        " https://sellingpartnerapi-na.amazon.com; change one of the two."
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://sellingpartnerapi-na.amazon.com",
        "http://127.0.0.1:8000",
        "http://localhost:8000/auth",
        "http://[::1]:8000",
    ],
)
def test_accepts_https_and_this_machine(url: str) -> None:
    """An endpoint is encrypted, or does not leave the machine; a trailing slash does not matter."""
    assert check_endpoint(f"{url}/") == url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sellingpartnerapi-na.amazon.com", "is no URL"),
        ("ftp://sellingpartnerapi-na.amazon.com", "is no URL"),
        ("https://", "is no URL"),
        ("", "is no URL"),
        ("https://[::1", "is no URL"),
        ("https://host:port", "is no URL"),
        ("http://sellingpartnerapi-na.amazon.com", "unencrypted"),
        ("http://10.0.0.1", "unencrypted"),
        ("https://user:hunter2@host", "holds a user"),
        ("https://host/?key=hunter2", "holds a user, query"),
        ("https://sellingpartnerapi-na.amazon.com/orders", "holds a path"),
    ],
)
def test_refuses_what_secrets_must_not_go_to(url: str, words: str) -> None:
    """A wrong endpoint is an error that says why, and quotes no password."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        check_endpoint(url)

    assert "hunter2" not in str(caught.value)
