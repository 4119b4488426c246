"""What can be wrong with declared parameters, without asking Amazon.

Here belong: the rules about names and values of parameters, whether they stand in `params` or are
named by another key. What an operation takes is in `operations`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from asp_dagster.catalog.declared_requests import (
    PLACEHOLDERS,
    DeclaredRequest,
    known_placeholders,
    meant,
)
from asp_dagster.catalog.endpoints import ParameterValue
from asp_dagster.catalog.moments import moment
from asp_dagster.catalog.operations import KnownOperation, QueryParameter, counterpart

# With a dot it is `{env.X}`, one brace short of Dagster's templates.
_PLACEHOLDER = re.compile(r"{([\w.]+)}")


def name_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name parameters that the operation does not take."""
    operation = request.operation
    if operation is None:
        return
    named = {request.at(f"params.{name}"): name for name in request.params}
    named |= {request.at(key): name for key, name in request.filled.items()}
    paged_by = {request.paging_rule.token_param, request.paging.param if request.paging else ""}
    for place, name in named.items():
        if name not in operation.parameters and name not in paged_by:
            yield f"{place}: {_unknown(name, operation)}"


def _unknown(name: str, operation: KnownOperation) -> str:
    for right in operation.parameters:
        if right.casefold() == name.casefold():
            return f"write {right!r}, not {name!r}: case matters"
    return f"{operation.name} takes no parameter {name!r}{meant(name, operation.parameters)}"


def repeated_name_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name parameters that are given twice, in different case."""
    counted = Counter(name.casefold() for name in request.params)
    for name in request.params:
        if counted[name.casefold()] > 1:
            yield f"{request.at(f'params.{name}')}: is given twice, in different case; keep one"


def missing_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name parameters that Amazon refuses a request without."""
    operation = request.operation
    parameters = operation.parameters.values() if operation else ()
    given = {name.casefold() for name in request.given}
    for parameter in parameters:
        if parameter.is_required and parameter.name.casefold() not in given:
            yield f"{request.at('params')}: {_missing(parameter)}, which {request.path} requires"


def _missing(parameter: QueryParameter) -> str:
    is_marketplace = parameter.name.casefold() in {"marketplaceid", "marketplaceids"}
    value = "{marketplace_id}" if _takes_one(parameter) else "{marketplace_ids}"
    return f"lacks {parameter.name}" + (f' (write "{value}")' if is_marketplace else "")


def value_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name values of another kind than the operation takes."""
    operation = request.operation
    for name, value in request.params.items():
        parameter = operation.parameters.get(name) if operation else None
        remedy = _wrong_value(parameter, value) if parameter else None
        if remedy:
            yield f"{request.at(f'params.{name}')}: {remedy}"


def _wrong_value(parameter: QueryParameter, value: ParameterValue) -> str | None:
    """Return what is wrong with a value and what would be right, or none."""
    if isinstance(value, str) and _PLACEHOLDER.search(value):
        return None
    match parameter.kind:
        case "integer" | "number":
            return None if _is_number(value) else f"takes a number, found {value!r}"
        case "boolean":
            is_boolean = str(value).lower() in {"true", "false"}
            return None if is_boolean else f"takes true or false, found {value!r}"
        case _:
            return _wrong_text(parameter, value)


def _wrong_text(parameter: QueryParameter, value: ParameterValue) -> str | None:
    if not isinstance(value, str | list):
        return (
            f"takes text, found {type(value).__name__} {value!r}; quote it, for YAML reads an"
            " unquoted 0123 as the number 83 and yes as true"
        )
    entries = value.split(",") if isinstance(value, str) else value
    if parameter.most and len(entries) > parameter.most:
        return f"takes at most {parameter.most}, found {len(entries)}"
    return None


def marketplace_warnings(request: DeclaredRequest) -> Iterator[str]:
    """Name parameters that take one marketplace and are given all."""
    operation = request.operation
    for name, value in request.params.items():
        parameter = operation.parameters.get(name) if operation else None
        if value == "{marketplace_ids}" and parameter and _takes_one(parameter):
            yield (
                f"{request.at(f'params.{name}')}: {request.path} takes one marketplace;"
                ' "{marketplace_id}" asks for each in turn'
            )


def _takes_one(parameter: QueryParameter) -> bool:
    return parameter.kind == "text" or parameter.most == 1


def _is_number(value: ParameterValue) -> bool:
    if isinstance(value, bool | list):
        return False
    return re.fullmatch(r"-?\d+(\.\d+)?", str(value).strip()) is not None


def placeholder_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name braces in parameters that nothing will fill."""
    for name, value in request.params.items():
        yield from unknown_placeholders(request.at(f"params.{name}"), value)


def unknown_placeholders(place: str, value: Any) -> Iterator[str]:
    """Name the braces, anywhere in a value, that nothing will fill."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from unknown_placeholders(f"{place}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unknown_placeholders(f"{place}.{number}", inner)
    elif isinstance(value, str):
        for name in _PLACEHOLDER.findall(value):
            if name not in PLACEHOLDERS:
                hint = f"; did you mean `{{{{ {name} }}}}`?" if "." in name else ";"
                yield f"{place}: nothing fills `{{{name}}}`{hint} known: {known_placeholders()}"


def window_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name bounds of the window that contradict each other or take no time."""
    start, end = (request.filled.get(f"updated_{side}_param") for side in ("at", "before"))
    if end and not start:
        yield "updated_before_param: needs updated_at_param, which receives the window's start"
    if start and start == end:
        yield f"updated_before_param: {start} is updated_at_param already; name the upper bound"
    operation = request.operation
    taken = operation.parameters if operation else {}
    for lower in taken:
        if start and counterpart(lower, operation) == start:
            yield f"updated_at_param: {start} is an upper bound; write {lower}"
    for key, name in (("updated_at_param", start), ("updated_before_param", end)):
        parameter = taken.get(name or "")
        if parameter and parameter.kind != "text":
            yield f"{key}: {parameter.name} takes {parameter.kind}, no time"
    yield from _date_mistakes(request, *filter(None, (start, end)))


def _date_mistakes(request: DeclaredRequest, *bounds: str) -> Iterator[str]:
    """Name values of the window's bounds that are no time, and an end before the beginning."""
    written = {name: str(request.params[name]) for name in bounds if name in request.params}
    moments = {name: moment(text) for name, text in written.items() if "{" not in text}
    for name, found in moments.items():
        if found is None:
            right = "2026-01-31 or 2026-01-31T00:00:00Z"
            place = request.at(f"params.{name}")
            yield f"{place}: {written[name]!r} is no time; write {right}"
    match [*moments.items()]:
        case [(lower, datetime() as start), (upper, datetime() as end)] if end <= start:
            yield f"{request.at(f'params.{upper}')}: lies before {lower}; exchange them"
