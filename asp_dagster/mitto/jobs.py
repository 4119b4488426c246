"""Reads a folder of Mitto job files.

Here belong: which files are jobs, and what a job is once it is read. What its keys mean is
`translation`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asp_dagster.mitto.documents import read_document
from asp_dagster.mitto.sections import MittoJobError
from asp_dagster.mitto.translation import (
    Component,
    attributes_of,
    ignored_in,
    name_of,
    recognised,
)

_EXTENSIONS = (".json", ".hjson")


@dataclass(frozen=True)
class MittoJob:
    """A job file in the words of one of our components.

    Attributes:
        name: The job's name in snake_case.
        file: The job file.
        place: The dotted place of the component's keys in the file: `conf.input`, or empty.
        component: The component that it is here.
        attributes: What would stand under `attributes` of that component's `defs.yaml`.
        ignored: The dotted places of what has no meaning here, each with the reason in brackets.
    """

    name: str
    file: Path
    place: str
    component: Component
    attributes: Mapping[str, Any]
    ignored: Sequence[str]

    @property
    def warning(self) -> str | None:
        """One sentence about all that is ignored, or None where nothing is."""
        if not self.ignored:
            return None
        return f"{self.file}: ignored, having no meaning here: {'; '.join(self.ignored)}."


def read_jobs(folder: Path) -> Sequence[MittoJob]:
    """Return the jobs of all `.json` and `.hjson` files in a folder and its folders, by path.

    Raises:
        MittoJobError: When there is no such folder or no job in it, two jobs have one name, or a
            file cannot become an asset.
    """
    if not folder.is_dir():
        raise MittoJobError(f"{folder}: there is no such folder of Mitto job files")
    jobs = [_read(file) for file in _files(folder)]
    if not jobs:
        raise MittoJobError(f"{folder}: holds no Mitto job file: none ends in .json or .hjson")
    _refuse_namesakes(jobs)
    return jobs


def _files(folder: Path) -> Iterator[Path]:
    """Yield the job files, by path; what begins with a dot is somebody else's."""
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in _EXTENSIONS and path.is_file() and not is_hidden:
            yield path


def _read(file: Path) -> MittoJob:
    job = recognised(read_document(file))
    return MittoJob(
        name=name_of(job),
        file=file,
        place=".".join(job.source.place),
        component=job.kind.component,
        attributes=attributes_of(job),
        ignored=ignored_in(job),
    )


def _refuse_namesakes(jobs: Sequence[MittoJob]) -> None:
    first: dict[str, MittoJob] = {}
    for job in jobs:
        namesake = first.setdefault(job.name, job)
        if namesake is not job:
            raise MittoJobError(
                f"{job.file}: name: {job.name} is the name of {namesake.file} too; give one of them"
                " another name"
            )
