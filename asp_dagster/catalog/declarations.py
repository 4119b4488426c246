"""Turns a declaration into values, naming the dotted place of every mistake.

Here belongs: parsing. What values cannot be meant together is said in the `…_checks`; how a
declaration is read from YAML is the components' work.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypeForm

Spec = TypeVar("Spec")

_WRONG_KIND = "Input should be "
_MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}


class DeclarationError(Exception):
    """A declaration that cannot be meant; its text names each dotted place and the remedy.

    No `ValueError`: pydantic would take that into an error of its own, which quotes what was
    written, and that may be a secret.
    """


class DeclarationWarning(UserWarning):
    """A declaration that works, and of which somebody should know something."""


def parse(spec_type: TypeForm[Spec], value: object, *, place: str) -> Spec:
    """Turn a declaration's part into the value it stands for.

    Args:
        spec_type: The frozen dataclass (or a tuple of them) to build.
        value: What the YAML holds there.
        place: The key under which it stands, for messages: `tables`.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    try:
        found: Spec = _adapter(cast("Hashable", spec_type)).validate_python(value)
    except ValidationError as error:
        mistakes = mistakes_in(spec_type, error, place, value)
    else:
        return found
    # Outside the block: pydantic's own error quotes what was written, secrets too.
    raise DeclarationError("; ".join(mistakes))


@cache
def _adapter(spec_type: Any) -> TypeAdapter[Any]:
    """Return what reads a type: feeds are many, and the types of their keys few."""
    return TypeAdapter(spec_type)


def mistakes_in(
    spec_type: object, error: ValidationError, place: str, written: object
) -> list[str]:
    """Return a sentence for each place that pydantic complains of; none quotes a value.

    Args:
        spec_type: What was to be built.
        error: The complaints.
        place: The key under which it stands.
        written: What stands there.
    """
    found: dict[str, list[str]] = {}
    for detail in error.errors():
        dotted = ".".join([place, *_written_place(written, detail)])
        found.setdefault(dotted, []).append(_complaint(spec_type, detail))
    return [f"{dotted}: {_joined(complaints)}" for dotted, complaints in found.items()]


def _written_place(written: Any, detail: ErrorDetails) -> Iterator[str]:
    """Yield the keys that lead to a place, without the types that pydantic tried on the way."""
    for part in detail["loc"]:
        is_key = isinstance(written, Mapping) and part in written
        if is_key or (isinstance(written, Sequence) and isinstance(part, int)):
            written = written[part]
        elif detail["type"] not in _MISSING or part != detail["loc"][-1]:
            continue
        yield str(part)


def _joined(complaints: Sequence[str]) -> str:
    """Return what is wrong with a value of which several types were tried."""
    first, *others = dict.fromkeys(complaints)
    return " or ".join([first, *(each.removeprefix(_WRONG_KIND) for each in others)])


def _complaint(spec_type: object, detail: ErrorDetails) -> str:
    if detail["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"unknown key{known(_keys_at(spec_type, detail['loc'][:-1]))}"
    if detail["type"] in _MISSING:
        return "is missing"
    return detail["msg"].removeprefix("Value error, ")


def _keys_at(annotation: Any, location: Sequence[int | str]) -> list[str]:
    """The keys that may stand at a place, or none where the place takes no keys."""
    for part in location:
        annotation = _step_into(annotation, part)
    schema: Mapping[str, Any] = TypeAdapter(_without_none(annotation)).json_schema(by_alias=True)
    # A type that holds itself stands under a name.
    name = schema.get("$ref", "").rpartition("/")[2]
    described = schema["$defs"][name] if name else schema
    return sorted(described.get("properties", ()))


def _without_none(annotation: Any) -> Any:
    """Return the one type that may stand where none may too."""
    members = get_args(annotation)
    return members[0] if type(None) in members and len(members) == 2 else annotation  # noqa: PLR2004 - it and None


def _step_into(annotation: Any, part: int | str) -> Any:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return get_type_hints(annotation).get(str(part))
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    members = [member for member in get_args(annotation) if member not in {type(None), Ellipsis}]
    return members[0] if members else None


def known(names: Iterable[str]) -> str:
    """Return the names that would have been right, to stand at the end of a sentence."""
    listed = ", ".join(names)
    return f"; known: {listed}" if listed else ""
