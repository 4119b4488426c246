"""Makes an asset's name of what a job is called, and a table's of what its table is.

Here belong: these two rules. Mitto's names may be anything; an asset's are snake_case, and a table
is found by who writes its name without quotes.
"""

import keyword
import re
import unicodedata

_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHERS = re.compile(r"[^a-z0-9]+")
_NEVER_IN_A_TABLE = re.compile(r"[^a-z0-9_]+")


def asset_name(called: str) -> str:
    """Return the name in snake_case: `[ASP] Orders v0` is `asp_orders_v0`.

    Accents are dropped; what would begin with a digit, or is a word of Python's own, gets `job_`
    in front. Empty where the name has neither a letter of the Latin alphabet nor a digit.
    """
    name = _OTHERS.sub("_", _CAMEL_CASE.sub("_", _without_accents(called)).lower()).strip("_")
    is_usable = not name or (name.isidentifier() and not keyword.iskeyword(name))
    return name if is_usable else f"job_{name}"


def table_name(called: str) -> str:
    """Return the name as a database reads it without quotes: `AmazonOrders` is `amazonorders`.

    What would need quotes becomes an underscore, accents are dropped, and what does not begin with
    a letter gets `table_` in front. Empty where nothing is left.
    """
    name = _NEVER_IN_A_TABLE.sub("_", _without_accents(called).strip().lower())
    return name if not name.strip("_") or name[0].isalpha() else f"table_{name.lstrip('_')}"


def _without_accents(called: str) -> str:
    return unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode()
