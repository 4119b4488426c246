"""What can be wrong with a declared path and its method, without asking Amazon.

Here belong: the rules about paths, removed API versions and requests that would change something.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from asp_dagster.catalog.declared_requests import (
    PLACEHOLDERS,
    DeclaredRequest,
    known_placeholders,
)

_BRACES = re.compile(r"{([^{}]*)}")
_CLOSE = 0.9

_REMEDIES = {
    "/reports/2021-06-30/reports": "; for a report, use asp_dagster.AmazonSPReport",
}


def spelling_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name what makes a text no path of Amazon's."""
    place, path = request.at("path"), request.path
    if "://" in path:
        yield f"{place}: {path!r} is a URL; write the path alone: {urlsplit(path).path!r}"
        return
    if not path.startswith("/"):
        yield f"{place}: {path!r} does not begin with a slash; write '/{path}'"
    if "?" in path:
        bare = path.partition("?")[0]
        yield f"{place}: {path!r} holds a query; write {bare!r} and put the parameters into params"
    elif "//" in path or (path.endswith("/") and path != "/"):
        yield f"{place}: {path!r} has an empty segment; remove the needless slash"
    if re.search(r"\s", path):
        yield f"{place}: {path!r} holds a blank; remove it"


def placeholder_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name braces in a path that nothing will fill."""
    place, path = request.at("path"), request.path
    for name in _BRACES.findall(path):
        if not name and not request.is_extension:
            yield f"{place}: `{{}}` is for the paths in extend_resources, filled once per record"
        elif name and name not in PLACEHOLDERS:
            yield (
                f"{place}: nothing fills `{{{name}}}`; write its value, or `{{}}` in"
                f" extend_resources for one of each record; known: {known_placeholders()}"
            )
    if re.search(r"[{}]", _BRACES.sub("", path)):
        yield f"{place}: {path!r} has a brace without its partner"


def retirement_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name an operation that Amazon has removed."""
    end = request.retirement
    if end and end.is_over:
        yield (
            f"{request.at('path')}: Amazon removed {request.path} on {end.removed_on}; use"
            f" {end.successor} instead"
        )


def retirement_warnings(request: DeclaredRequest) -> Iterator[str]:
    """Name an operation whose end is near."""
    end = request.retirement
    if end and end.is_near(request.knowledge.today):
        yield (
            f"{request.at('path')}: Amazon removes {request.path} on {end.removed_on}; move to"
            f" {end.successor} before"
        )


def method_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name a method that the operation does not have, and one that would change something."""
    place = request.at("path" if request.is_extension else "method")
    operation = request.operation
    other = "GET" if request.method == "POST" else "POST"
    if operation and not operation.reads:
        yield (
            f"{place}: {operation.name} ({request.method} {operation.path}) creates or changes"
            " something at Amazon; only what reads can be extracted"
            f"{_REMEDIES.get(operation.path, '')}"
        )
    elif not request.is_listed and request.knowledge.operations.find(other, request.path):
        yield f"{place}: {request.path} is asked for by {other}, not by {request.method}"


def unknown_path_warnings(request: DeclaredRequest) -> Iterator[str]:
    """Name a path that no table has heard of: a new operation, or a misspelt one."""
    if request.is_listed or request.retirement:
        return
    known = [each.path for each in request.knowledge.operations.all if each.reads]
    close = get_close_matches(request.path, known, n=1, cutoff=_CLOSE)
    hint = f" (did you mean {close[0]}?)" if close else ""
    yield (
        f"{request.at('path')}: no table has heard of {request.method} {request.path}{hint};"
        " it is asked for as declared, its parameters and results key are not checked"
    )
