"""Lengths of time as a declaration writes them: `2 days`.

Here belongs: the reading of such a text. Windows are `landing`'s.
"""

import re
from datetime import timedelta

_TEXT = re.compile(r"(\d+)\s*(second|minute|hour|day|week)s?")


def duration(text: str) -> timedelta:
    """Return the length of time that a text names: `90 seconds`, `6 hours`, `2 days`, `1 week`.

    Raises:
        ValueError: When the text is none of these.
    """
    found = _TEXT.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no length of time; write 30 minutes, 6 hours or 2 days")
    return timedelta(**{f"{found[2]}s": int(found[1])})
