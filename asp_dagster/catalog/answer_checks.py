"""What can be wrong with a declared results key or paging, without asking Amazon.

Here belong: the rules about where records and page tokens stand. What a results key means is said
in `spapi.records`.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from asp_dagster.catalog.declared_requests import DeclaredRequest, meant

_ANYTHING = "*"


def results_key_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name a results key under which the operation's answer has no records."""
    operation, key = request.operation, request.results_key
    if operation is None or not key or not operation.places:
        return
    if not any(_fits(each, operation.places) for each in _meanings(key)):
        listed = [place for place in operation.places if not place.endswith(_ANYTHING)]
        hint = meant(key, _spellings(listed))
        yield f"{request.at('results_key')}: the answer of {operation.name} has no {key!r}{hint}"


def _meanings(key: str) -> Sequence[str]:
    """Return the places that a key may mean; a dotted one means exactly itself."""
    return (key,) if "." in key else (key, f"payload.{key}")


def _spellings(places: Sequence[str]) -> list[str]:
    """Return the places as a user writes them: what is right below `payload` without it."""
    return [place.removeprefix("payload.") if place.count(".") == 1 else place for place in places]


def _fits(meaning: str, places: Sequence[str]) -> bool:
    return any(
        # A star within a key stands for one name; at the end of a place, for anything.
        (fnmatchcase(place, meaning) and place.count(".") == meaning.count("."))
        or (place.endswith(_ANYTHING) and meaning.startswith(place.removesuffix(_ANYTHING)))
        for place in places
    )


def paging_mistakes(request: DeclaredRequest) -> Iterator[str]:
    """Name declared paging that leads nowhere."""
    paging = request.paging
    if paging is None:
        return
    if not paging.token.strip("."):
        place = request.at("paging.token")
        yield f"{place}: is empty; write where an answer holds the token: pagination.nextToken"
    if not paging.param:
        yield f"{request.at('paging.param')}: is empty; write the parameter that takes the token"
