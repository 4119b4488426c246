"""Makes an asset's name of what a job is called.

Here belongs: that one rule. Mitto's names may be anything; an asset's are snake_case.
"""

import keyword
import re
import unicodedata

_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHERS = re.compile(r"[^a-z0-9]+")


def asset_name(called: str) -> str:
    """Return the name in snake_case: `[ASP] Orders v0` is `asp_orders_v0`.

    Accents are dropped; what would begin with a digit, or is a word of Python's own, gets `job_`
    in front. Empty where the name has neither a letter of the Latin alphabet nor a digit.
    """
    plain = unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode()
    name = _OTHERS.sub("_", _CAMEL_CASE.sub("_", plain).lower()).strip("_")
    is_usable = not name or (name.isidentifier() and not keyword.iskeyword(name))
    return name if is_usable else f"job_{name}"
