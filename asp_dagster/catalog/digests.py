"""A short text that changes when a declaration does.

Here belongs how a declaration is put into one: what stays at its default says nothing, so that a
key that comes with a later version of the package changes no digest; nor does what is only shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from hashlib import sha256
from typing import Any

_ONLY_SHOWN = frozenset({"description", "preview"})
_LENGTH = 12


def digest(*declared: Any) -> str:
    """Return the digest of some values: specs, texts, numbers, or containers of them."""
    text = json.dumps(_plain(declared), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:_LENGTH]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in _ONLY_SHOWN and getattr(value, each.name) != _default(each)
        }
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(entry) for entry in value]
    return value if isinstance(value, int | float | None) else str(value)


def _default(of: "Field[Any]") -> Any:
    return of.default_factory() if of.default_factory is not MISSING else of.default
