"""`requirements/` pins what `pyproject.toml` allows, each file of it by its hash."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).parents[1]
ENGINES = ("postgres", "celery", "kubernetes")
LOCKS = {
    "run.txt": (),
    "deploy.txt": ENGINES,
    "dev.txt": (*ENGINES, "test", "check", "docs"),
}
_PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)")


def _wanted(*extras: str) -> list[Requirement]:
    declared = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    project = declared["project"]
    texts = [*project["dependencies"], *declared["build-system"]["requires"]]
    texts += [text for extra in extras for text in project["optional-dependencies"][extra]]
    return [Requirement(text) for text in texts]


def _pins(lock: str) -> Mapping[str, str]:
    lines = (HOUSE / "requirements" / lock).read_text().splitlines()
    found = [pin for line in lines if (pin := _PIN.match(line))]
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found}


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items(), ids=LOCKS)
def test_the_lock_pins_what_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    """Each declared dependency is pinned to a version within its range."""
    pins = _pins(lock)

    wrong = {
        str(wanted): pins.get(canonicalize_name(wanted.name))
        for wanted in _wanted(*extras)
        if pins.get(canonicalize_name(wanted.name), "none") not in wanted.specifier
    }
    assert wrong == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_has_a_hash(lock: str) -> None:
    """No pin is without a hash, so a file that was exchanged is not installed."""
    text = (HOUSE / "requirements" / lock).read_text()
    entries = re.split(r"^(?=[\w.-]+(?:\[[^]]*\])?==)", text, flags=re.MULTILINE)[1:]

    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["run.txt", "deploy.txt"])
def test_what_runs_has_been_tried(lock: str) -> None:
    """The demo and the image have the versions that the tests have."""
    run, dev = _pins(lock), _pins("dev.txt")

    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}
