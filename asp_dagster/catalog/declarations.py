"""Turns a declaration into values, naming the dotted place of every mistake.

Here belongs: parsing. What values cannot be meant together is said in the `…_checks`; how a
declaration is read from YAML is the components' work.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypeForm

Spec = TypeVar("Spec")


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
        return TypeAdapter(spec_type).validate_python(value)
    except ValidationError as error:
        mistakes = mistakes_in(spec_type, error, place)
    # Outside the block: pydantic's own error quotes what was written, secrets too.
    raise DeclarationError("; ".join(mistakes))


def mistakes_in(spec_type: object, error: ValidationError, place: str) -> list[str]:
    """Return a sentence for each of pydantic's complaints, none of which quotes a value."""
    return [_sentence(spec_type, detail, place) for detail in error.errors()]


def _sentence(spec_type: object, detail: ErrorDetails, place: str) -> str:
    dotted = ".".join([place, *(str(part) for part in detail["loc"])])
    if detail["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"{dotted}: unknown key{known(_keys_at(spec_type, detail['loc'][:-1]))}"
    if detail["type"] in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return f"{dotted}: is missing"
    return f"{dotted}: {detail['msg'].removeprefix('Value error, ')}"


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
