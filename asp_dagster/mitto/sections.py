"""The objects of a job file, each knowing the place where it stands.

Here belong: asking an object for its parts, and saying where something wrong stands. Which keys
mean what is `translation`. A message names places and keys, never a value: a value may be a secret.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class MittoJobError(ValueError):
    """A job file that cannot become an asset; its text names the file, the place and the remedy."""


@dataclass(frozen=True)
class Section:
    """An object in a job file.

    Attributes:
        file: The job file.
        place: The keys that lead to the object, none for the file's own.
        content: The object, as the file has it.
    """

    file: Path
    place: tuple[str, ...]
    content: Mapping[str, Any]

    @property
    def given(self) -> Mapping[str, Any]:
        """The entries that say something: in Mitto, null is as good as absent."""
        return {key: value for key, value in self.content.items() if value is not None}

    def at(self, *keys: str) -> str:
        """Return the dotted place of something inside."""
        return ".".join((*self.place, *keys))

    def error(self, key: str, problem: str) -> MittoJobError:
        """Return the error that names a key and what is wrong with it."""
        return MittoJobError(f"{self.file}: {self.at(key)}: {problem}")

    def text(self, key: str) -> str | None:
        """Return a text, or None where there is none.

        Raises:
            MittoJobError: When it is no text.
        """
        value = self.given.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(key, f"must be text, not {kind_of(value)}; put it in quotes")
        return value

    def section(self, key: str) -> "Section | None":
        """Return the object under a key, or None where there is none.

        Raises:
            MittoJobError: When it is no object.
        """
        value = self.given.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.error(key, f"must be an object, not {kind_of(value)}")
        return Section(self.file, (*self.place, key), value)

    def refuse_others(self, known: Sequence[str], *, besides: Collection[str] = ()) -> None:
        """Refuse keys that are not known.

        Args:
            known: The keys to offer instead.
            besides: Keys that may stand there too.

        Raises:
            MittoJobError: With the first such key and the known ones.
        """
        for key in self.content:
            if key not in known and key not in besides:
                raise self.error(key, f"unknown key; known: {', '.join(known)}")

    def refuse_missing(self, required: Sequence[str]) -> None:
        """Refuse the absence of a key.

        Raises:
            MittoJobError: With the first key that is missing and the ones that are there.
        """
        for key in required:
            if key not in self.given:
                found = ", ".join(self.given) or "nothing"
                raise self.error(key, f"is missing; found: {found}")


def leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each value that is neither object nor list, with the keys that lead to it."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from leaves(entry, (*place, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from leaves(entry, (*place, str(number)))
    else:
        yield place, value


def kind_of(value: Any) -> str:
    """Say what a value is without showing it."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    return "true or false" if isinstance(value, bool) else "a number"
