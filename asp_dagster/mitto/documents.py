"""Reads a job file: JSON as Mitto writes it, with all that HJSON allows.

Here belong: comments, trailing commas, missing quotes, keys written twice. What the file means is
`translation`.

https://hjson.github.io/syntax.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asp_dagster.mitto.sections import MittoJobError, Section, kind_of, leaves

_HINT = "text without quotes takes the rest of its line, commas and comments included"


@dataclass(frozen=True)
class _Repeated:
    """Stands for an object that has a key twice."""

    key: str


def read_document(file: Path) -> Section:
    """Return the object that a job file holds.

    Raises:
        MittoJobError: When the file is not UTF-8, is neither JSON nor HJSON, holds no object or an
            empty one, or has a key twice in one object.
    """
    content = _parsed(file)
    for place, value in leaves(content, ()):
        if isinstance(value, _Repeated):
            dotted = ".".join((*place, value.key))
            raise MittoJobError(f"{file}: {dotted}: stands there twice; keep one of the two")
    if not isinstance(content, Mapping):
        raise MittoJobError(f"{file}: holds {kind_of(content)}; a job is an object, one per file")
    if not content:
        raise MittoJobError(f"{file}: is empty; a job is an object with input and output")
    return Section(file, (), content)


def _parsed(file: Path) -> Any:
    import hjson  # noqa: PLC0415 - few projects have job files

    try:
        return hjson.loads(file.read_text("utf-8-sig"), object_pairs_hook=_object)
    except hjson.HjsonDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MittoJobError(f"{file}: {where}: no JSON or HJSON: {error.msg}; {_HINT}") from error
    except UnicodeDecodeError as error:
        raise MittoJobError(
            f"{file}: byte {error.start}: is not UTF-8; save it as UTF-8"
        ) from error
    except (OverflowError, RecursionError) as error:
        raise MittoJobError(f"{file}: holds a number too large, or objects too deep") from error


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    keys = [key for key, _ in pairs]
    repeated = [key for key in keys if keys.count(key) > 1]
    return _Repeated(repeated[0]) if repeated else dict(pairs)
