"""JSON as text: what of it no file, log or table can take.

Here belongs: half characters. JSON may escape one half of a surrogate pair by itself, and Python
reads it; but it is no character, UTF-8 cannot hold it, and databases refuse the whole line.

https://www.unicode.org/faq/utf_bom.html#utf16-7
"""

import re

# A backslash and what it escapes: another backslash, a whole pair, or half of one.
_ESCAPES = re.compile(
    r"\\(?:\\|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2}))"
)


def with_whole_characters(text: str) -> str:
    """Return JSON with the replacement character, U+FFFD, for each half of a surrogate pair."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPES.sub(lambda found: r"\ufffd" if found[1] else found[0], text)
