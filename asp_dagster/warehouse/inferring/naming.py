"""Names of columns and tables that are made from the names of fields.

Here belongs how a field's name becomes one that both databases take, and how names are told apart.
Which field has which name is remembered by the stored table, as `memory` says.
"""

import hashlib
import re
import unicodedata
from collections.abc import Container, Iterable
from itertools import chain, count

LONGEST_NAME = 63
"""PostgreSQL cuts longer names without a word."""

TEXT = "#text"
"""The name under which an XML element's text stands beside its attributes: it adds no name."""

_NESTED = "__"
_DIGEST_LENGTH = 8
# orderId, line1Text | B2BPrice, but not URLs
_WORD_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z][0-9])(?=[A-Z])")
_ACRONYM_ENDS = re.compile(r"(?<=[A-Z0-9])(?=[A-Z](?!s(?:[^a-z]|$))[a-z])")
_IDENTIFIER_WORDS = frozenset(
    {"id", "ids", "identifier", "identifiers", "number", "numbers", "code", "codes", "key", "keys"}
    | {"reference", "ref", "sku", "skus", "msku", "fnsku", "asin", "ean", "gtin", "isbn", "upc"}
    | {"barcode", "serial", "lpn", "tracking", "version", "account", "iban", "swift", "tin", "vat"}
    | {"phone", "telephone", "fax", "postal", "postcode", "zip", "zipcode"}
    | {"no", "browse", "hsn", "sac", "gstin", "gstid"}
)
_QUANTITY_WORDS = ("number_of_", "numbers_of_", "no_of_")
_DIGITS = "0123456789"


def snake_case(name: str, *, nameless: str = "field") -> str:
    """Return a field's name in snake_case: `AmazonOrderId` as `amazon_order_id`.

    Latin letters with marks lose them, all else that is neither a letter nor a digit becomes an
    underscore. Where letters of another script are lost, a digest tells the name from others of
    which the same is left, wherever they stand: `注文ID` is `id_a40dd9e6`.

    Args:
        name: The field's name.
        nameless: What stands for a name of which nothing is left.
    """
    decomposed = unicodedata.normalize("NFKD", name)
    plain = decomposed.encode("ascii", "ignore").decode()
    words = _WORD_ENDS.sub("_", _ACRONYM_ENDS.sub("_", plain)).lower()
    left = re.sub(r"[^a-z0-9]+", "_", words).strip("_") or nameless
    return f"{left}_{_digest(name)}" if any(map(_is_lost, decomposed)) else left


def _is_lost(character: str) -> bool:
    """Return whether a character is a letter or digit that has no like in ASCII."""
    return (
        character.isalnum()
        and not character.isascii()
        and not unicodedata.name(character, "").startswith("LATIN ")
    )


def _digest(name: str) -> str:
    """Return some letters and digits that stand for a name."""
    return hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]


def nested_name(names: Iterable[str]) -> str:
    """Return the name of a field within objects: `buyer_info__buyer_email`."""
    parts = list(names)
    named = [name for name in parts if name != TEXT] or parts
    return _NESTED.join(snake_case(name) for name in named)


def covers(name: str, nested: str) -> bool:
    """Return whether a nested name is the name, or of something below it."""
    return nested == name or nested.startswith(name + _NESTED)


def fitting(name: str) -> str:
    """Return a name that is neither too long nor begins with a digit."""
    if name[0].isdigit():
        name = f"column_{name}"
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - _DIGEST_LENGTH - 1]}_{_digest(name)}"


def free_name(name: str, taken: Container[str]) -> str:
    """Return the name, or the first of it numbered from 2 that is not taken."""
    numbered = (fitting(f"{name}_{number}") for number in count(2))
    return next(free for free in chain([fitting(name)], numbered) if free not in taken)


def is_identifier(name: str) -> bool:
    """Return whether a column is named like one whose digits are no number: `asin1`, `order_id`.

    Args:
        name: The name in snake_case.
    """
    if name.startswith(_QUANTITY_WORDS):
        return False
    return not _IDENTIFIER_WORDS.isdisjoint(word.rstrip(_DIGITS) for word in name.split("_"))
