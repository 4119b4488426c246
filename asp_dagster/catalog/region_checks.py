"""Whether the endpoint and the marketplaces of a declaration belong together.

Here belong: the rules about both, the same for operations and reports. Which marketplace belongs to
which region is known to `spapi.regions`.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from asp_dagster.spapi.errors import ConfigurationError
from asp_dagster.spapi.regions import check_endpoint, check_marketplaces, region_of

Named = Mapping[str, Sequence[str]]
"""Marketplace ids by the dotted place where they are named."""

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def region_mistakes(endpoint: str | None, named: Named) -> Iterator[str]:
    """Name an endpoint that is none, and marketplaces that belong to another.

    Args:
        endpoint: Base URL of the selling region; None where only the environment knows it: then a
            run checks it.
        named: The marketplaces.
    """
    if endpoint is None:
        return
    try:
        check_endpoint(endpoint)
    except ConfigurationError as error:
        yield f"endpoint: {error}"
        return
    for place, ids in named.items():
        for marketplace_id in ids:
            try:
                check_marketplaces(endpoint, [marketplace_id])
            except ConfigurationError as error:
                yield f"{place}: {error}"


def endpoint_warnings(endpoint: str | None) -> Iterator[str]:
    """Name an endpoint that credentials are sent to although it is not Amazon's."""
    if endpoint is None or region_of(endpoint):
        return
    if urlsplit(endpoint).hostname not in _THIS_MACHINE:
        yield (
            f"endpoint: {endpoint} is none of Amazon's; credentials are sent there. Amazon's are"
            " https://sellingpartnerapi-na.amazon.com, …-eu… and …-fe…"
        )


def written_ids(value: object) -> Sequence[str]:
    """Return the marketplaces that a value names; a placeholder's come from elsewhere."""
    listed = value if isinstance(value, list | tuple) else str(value).split(",")
    return [each.strip() for each in listed if "{" not in each]
