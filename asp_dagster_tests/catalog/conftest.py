"""Declares endpoints and tells what the checks say of them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.endpoint_checks import check_endpoint
from asp_dagster.catalog.endpoints import EndpointSpec

TODAY = date(2026, 11, 23)


def _warnings(
    endpoint: str | None = None,
    marketplaces: Sequence[str] = (),
    today: date = TODAY,
    **declared: Any,
) -> Sequence[str]:
    source = parse(EndpointSpec, declared, place="endpoint")
    return check_endpoint(source, endpoint=endpoint, marketplace_ids=marketplaces, today=today)


def _mistakes(**declared: Any) -> str:
    try:
        _warnings(**declared)
    except DeclarationError as error:
        return str(error)
    return ""


@pytest.fixture
def warnings_of() -> Callable[..., Sequence[str]]:
    """Return the warnings about a declared endpoint that has no mistakes."""
    return _warnings


@pytest.fixture
def mistakes_of() -> Callable[..., str]:
    """Return the mistakes of a declared endpoint as one text, empty if there are none."""
    return _mistakes
