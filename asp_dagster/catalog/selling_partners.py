"""Several selling partners in one declaration: who they are, and which feeds they go without.

Here belong the value, and what can be known of all of them together. How their feeds are made is
said in the component.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ConfigDict

from asp_dagster.catalog.accounts import CredentialsSpec, literal_secrets_warning
from asp_dagster.catalog.declarations import DeclarationError

# It stands before asset keys, and names a schema.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, kw_only=True)
class SellingPartnerSpec:
    """A selling partner, and what is its own.

    Attributes:
        name: A name of ours: before the asset keys, and the schema of the tables unless they are
            shared.
        credentials: The name of the credentials, or the credentials; by default named as it is.
        endpoint: Base URL of the selling region.
        marketplaces: The marketplace ids.
        seller_id: The selling partner's id, for paths that hold it.
        without: Feeds that it does not have, by their names.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    credentials: str | CredentialsSpec | None = None
    endpoint: str | None = None
    marketplaces: tuple[str, ...] = ()
    seller_id: str | None = None
    without: tuple[str, ...] = ()

    @property
    def attributes(self) -> Mapping[str, object]:
        """What it says in the words of a single feed."""
        return {
            "account": self.name,
            "credentials": self.credentials,
            "endpoint": self.endpoint,
            "marketplaces": list(self.marketplaces),
            "seller_id": self.seller_id,
        }


def check_partners(partners: Sequence[SellingPartnerSpec], feeds: Sequence[str]) -> None:
    """Refuse selling partners that could not be told apart, or go without what there is not.

    Args:
        partners: All of a declaration.
        feeds: The names of its feeds.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    if mistakes := list(_mistakes(partners, feeds)):
        raise DeclarationError("; ".join(mistakes))


def literal_secrets_of(accounts: object) -> str | None:
    """Return what to warn of where secrets of selling partners stand in the declaration itself."""
    entries = accounts if isinstance(accounts, list) else []
    found = [
        f"accounts.{number}.{warning}"
        for number, entry in enumerate(entries)
        if isinstance(entry, Mapping)
        if (warning := literal_secrets_warning(entry.get("credentials")))
    ]
    return " ".join(found) or None


def _mistakes(partners: Sequence[SellingPartnerSpec], feeds: Sequence[str]) -> Iterator[str]:
    if not partners:
        yield "accounts: is empty; write the name of a selling partner at the least"
    places: dict[str, int] = {}
    for number, partner in enumerate(partners):
        place = f"accounts.{number}"
        if not _NAME.fullmatch(partner.name):
            yield (
                f"{place}.name: {partner.name!r} cannot name asset keys and a schema; use at most"
                " 63 letters, digits and underscores, a letter first"
            )
        # A schema's name has no capital letters.
        if (first := places.setdefault(partner.name.lower(), number)) != number:
            yield f"{place}.name: is that of accounts.{first} too; each needs a name of its own"
        for name in partner.without:
            if name not in feeds:
                yield f"{place}.without: no feed is called {name!r}; known: {', '.join(feeds)}"
