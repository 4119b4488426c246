"""What was found in a raw file is remembered, by the version of the file."""

from dataclasses import replace
from datetime import datetime

from asp_dagster.state import SearchedFile, State


def test_what_is_noted_is_known(state: State, now: datetime) -> None:
    """The last that was noted of a file is known, until the file is forgotten."""
    first = SearchedFile("v1", "fields", now, now)
    second = replace(first, version="v2", earliest=None)

    assert state.erasures.all() == {}
    for file, note in [("a", first), ("b", first), ("a", second)]:
        state.erasures.note(file, note)
    assert state.erasures.all() == {"a": second, "b": first}

    state.erasures.forget(["b", "c"])
    assert state.erasures.all() == {"a": second}


def test_many_files_are_forgotten_at_once(state: State) -> None:
    """More names than one statement takes are no error."""
    state.erasures.forget([str(number) for number in range(2000)])

    assert state.erasures.all() == {}
