"""What can be wrong with the extensions of an endpoint, without asking Amazon.

Here belong: the rules about `{}` and its variables, and about the order of extensions. The request
of an extension is checked as any other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from asp_dagster.catalog.endpoints import ExtensionSpec, RecordConfig

DEEPEST = 5
"""How many extensions may stand within each other."""

_OUTWARD = "^."
_LIST_MARK = "[]"

Places = Sequence[tuple[str, ExtensionSpec]]


def variable_mistakes(place: str, extension: ExtensionSpec) -> Iterator[str]:
    """Name a `{}` without a value, and a value without `{}`."""
    braces, variables = extension.path.count("{}"), extension.path_variables
    named = ", ".join(variables)
    if not variables:
        yield f"{place}.path_variable_name: is missing; name the record's field for `{{}}`"
    elif not braces:
        yield f"{place}.path: {extension.path!r} has no `{{}}` for {named}"
    elif braces != len(variables):
        yield f"{place}.path_variable_name: the path has {braces} `{{}}`, but names: {named}"
    if not braces and not variables:
        yield f"{place}.path: has no `{{}}`: the same answer would be stored in every record"
    depth = place.count("extend_resources")
    for variable in variables:
        yield from _misspelt(f"{place}.path_variable_name", variable, depth)


def _misspelt(place: str, variable: str, depth: int) -> Iterator[str]:
    inner = variable
    while inner.startswith(_OUTWARD):
        inner = inner.removeprefix(_OUTWARD)
        depth -= 1
    if depth < 1:
        yield f"{place}: {variable!r} leads further out than there are records; take a `^.` away"
    if not all(name.removesuffix(_LIST_MARK).strip() for name in inner.split(".")):
        yield f"{place}: {variable!r} is no dotted place; write orderId or packages.trackingId"


def new_field_mistakes(siblings: Places, config: RecordConfig | None) -> Iterator[str]:
    """Name new fields that are taken."""
    counted = Counter(extension.new_field_name for _, extension in siblings)
    taken = {field.split(".")[0] for field in config.fields} if config else set()
    for place, extension in siblings:
        name = extension.new_field_name
        if not name.strip():
            yield f"{place}.new_field_name: is empty; name the field that receives the records"
        elif counted[name] > 1:
            yield f"{place}.new_field_name: {name!r} is the name of two extensions; change one"
        elif name in taken:
            yield f"{place}.new_field_name: {name!r} is a field that record_config uses; change it"


def order_mistakes(siblings: Places) -> Iterator[str]:
    """Name extensions that need each other, or one that comes after them."""
    names = [extension.new_field_name for _, extension in siblings]
    needs = {name: set[str]() for name in names}
    for _, extension in siblings:
        needs[extension.new_field_name] |= _needed(extension) & set(names)
    cycle = _cycle(needs)
    if cycle:
        yield f"{siblings[0][0].rpartition('.')[0]}: a cycle of extensions: {' needs '.join(cycle)}"
        return
    for number, name in enumerate(names):
        for later in sorted(needs[name] & set(names[number + 1 :])):
            yield f"{siblings[number][0]}: needs {later}, which is not there yet; put {later} first"


def _needed(extension: ExtensionSpec) -> set[str]:
    """Return the fields of a record that an extension, or one within it, takes a value from."""
    return {
        variable.split(".")[0].removesuffix(_LIST_MARK)
        for variable in _variables(extension)
        if not variable.startswith(_OUTWARD)
    }


def _variables(extension: ExtensionSpec) -> Iterator[str]:
    """Yield the variables of an extension and of those within it, as seen from its record."""
    yield from extension.path_variables
    for inner in extension.extend_resources:
        for variable in _variables(inner):
            if variable.startswith(_OUTWARD):
                yield variable.removeprefix(_OUTWARD)


def _cycle(needs: Mapping[str, set[str]]) -> Sequence[str]:
    """Return the names along a cycle, each needing the next, or nothing."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: Sequence[str] = error.args[1]
        return found[::-1]
    return ()
