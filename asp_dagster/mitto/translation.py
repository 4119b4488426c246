"""Puts a Mitto job into the words of one of our components.

Here belong: the three kinds of job, their keys, and where each stands in a file. Keys below those,
such as `record_config.id_field`, are checked where their values live, in `catalog`.

https://zuarbase.net/docs/runner/plugins/mitto-plugin-amazon-selling-partner-api/latest/job_configuration.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from asp_dagster.mitto.leftovers import CONF_KEYS, JOB_KEYS, leftovers
from asp_dagster.mitto.names import asset_name, table_name
from asp_dagster.mitto.sections import MittoJobError, Section, leaves

Component = Literal["AmazonSPApi", "AmazonSPReport", "AmazonSPReportFile"]


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        component: The component that it is here.
        keys: The keys it may have, which the component has under the same names.
        required: Those it must have.
    """

    component: Component
    keys: tuple[str, ...]
    required: tuple[str, ...]


REPORT_FILE_TYPE = "asp_report"

_ACCESS = ("credentials", "endpoint")
_REPORT = (*_ACCESS, "report_spec", "file_format", "version")
_OF_API = (
    *_ACCESS,
    "path",
    "params",
    "results_key",
    "updated_at_param",
    "record_config",
    "extend_resources",
)
_INPUTS: Mapping[str, Kind] = {
    "amazon_selling_partner_api.io#AmazonSPApiInput": Kind("AmazonSPApi", _OF_API, ("path",)),
    "amazon_selling_partner_api.io#AmazonSPApiReportInput": Kind(
        "AmazonSPReport", _REPORT, ("report_spec", "file_format")
    ),
}
_REPORT_FILE = Kind(
    "AmazonSPReportFile", (*_REPORT, "output"), ("report_spec", "file_format", "output")
)
_TABLE = ("schema", "tablename")
_DESCRIPTION = ("title", "markdown")


@dataclass(frozen=True)
class Job:
    """A job file's parts.

    Attributes:
        document: The whole file.
        conf: What the job does: the file's `conf`, or the whole file.
        source: Where the component's keys stand: `input`, or `conf` itself.
        kind: Which kind of job it is.
    """

    document: Section
    conf: Section
    source: Section
    kind: Kind

    @property
    def output(self) -> Section | None:
        """The table's description, which a report saved as a file does not have."""
        return None if self.source is self.conf else self.conf.section("output")


def recognised(document: Section) -> Job:
    """Find out which kind of job a file holds.

    Raises:
        MittoJobError: When it is a job of another plugin, or misses or misspells a key.
    """
    conf = document.section("conf") or document
    source, kind = _source(document, conf)
    around = () if source is not conf else (*JOB_KEYS, *CONF_KEYS)
    source.refuse_others(kind.keys, besides=around or ("use",))
    source.refuse_missing(kind.required)
    return Job(document, conf, source, kind)


def name_of(job: Job) -> str:
    """Return the asset's name: of the job's name, else of its title, else of its file.

    Raises:
        MittoJobError: When no name can be made of it.
    """
    key = next((key for key in ("name", "title") if key in job.document.given), None)
    called = job.document.text(key) if key else job.document.file.stem
    name = asset_name(called or "")
    if not name:
        raise job.document.error(
            key or "name", "needs a letter from a to z or a digit, to name the asset"
        )
    return name


def attributes_of(job: Job) -> Mapping[str, Any]:
    """Return what would stand under `attributes` of the component's `defs.yaml`.

    Raises:
        MittoJobError: When a value swallowed the rest of its line.
    """
    taken = {key: value for key, value in job.source.given.items() if key in job.kind.keys}
    credentials, table = _credentials(job), _table(job)
    texts = [job.document.text(key) for key in _DESCRIPTION]
    described = {"description": "\n\n".join(filter(None, texts))} if any(texts) else {}
    _refuse_swallowed(job.source, taken)
    return {"name": name_of(job), **described, **credentials, **taken, **table}


def ignored_in(job: Job) -> Sequence[str]:
    """Return the dotted places of what has no meaning here, with the reason."""
    parts = {part.place: part for part in (job.document, job.conf, job.source)}
    found = [line for part in parts.values() for line in leftovers(part, _translated(job, part))]
    if job.output is not None:
        found.extend(leftovers(job.output, _TABLE))
    return tuple(found)


def _source(document: Section, conf: Section) -> tuple[Section, Kind]:
    """Find where the component's keys stand, and what kind of job that makes it."""
    job_type, job_input = document.text("type"), conf.section("input")
    is_untyped_report = job_type is None and job_input is None and "report_spec" in conf.given
    if job_type == REPORT_FILE_TYPE or is_untyped_report:
        return conf, _REPORT_FILE
    if job_input is None:
        raise _foreign(document, conf, job_type)
    use = job_input.text("use")
    if use is None:
        raise job_input.error("use", f"is missing; known: {', '.join(_INPUTS)}")
    if use not in _INPUTS:
        raise job_input.error(
            "use", f"{use!r} is an input of another plugin; known: {', '.join(_INPUTS)}"
        )
    return job_input, _INPUTS[use]


def _foreign(document: Section, conf: Section, job_type: str | None) -> MittoJobError:
    known = f"known: type {REPORT_FILE_TYPE}, or input.use of {', '.join(_INPUTS)}"
    if job_type is None:
        return conf.error(
            "input", f"is missing; found: {', '.join(conf.given) or 'nothing'}; {known}"
        )
    return document.error("type", f"{job_type!r} is a job of another plugin; {known}")


def _credentials(job: Job) -> Mapping[str, Any]:
    """Return credentials that stand beside the input instead of in it."""
    beside = [part.given["credentials"] for part in _beside(job)]
    return {"credentials": beside[0]} if beside else {}


def _beside(job: Job) -> list[Section]:
    """The parts around the input that hold its credentials, if it has none itself."""
    if "credentials" in job.source.given:
        return []
    return [part for part in (job.conf, job.document) if "credentials" in part.given][:1]


def _table(job: Job) -> Mapping[str, str]:
    """Return the table as `schema.table`, both as a database without quotes reads them."""
    output = job.output
    given = {key: output.text(key) for key in _TABLE} if output else {}
    if output is None or not any(given.values()):
        return {}
    _refuse_swallowed(output, given)
    names = [given["schema"], given["tablename"] or name_of(job)]
    return {"table": ".".join(table_name(name) for name in names if name)}


def _refuse_swallowed(section: Section, values: Mapping[str, Any]) -> None:
    """Refuse a text without quotes that took the comma behind it for its own."""
    for place, value in leaves(values, ()):
        if isinstance(value, str) and value.endswith(","):
            raise section.error(
                ".".join(place), "ends in a comma: text before a comma needs quotes around it"
            )


def _translated(job: Job, part: Section) -> set[str]:
    """Return the keys of a part that were translated, or lead to another part."""
    keys: set[str] = set()
    if part.place == job.document.place:
        keys |= {"name", "type", "conf", *_DESCRIPTION}
    if part.place == job.conf.place:
        keys |= {"input", "output"}
    if part.place == job.source.place:
        keys |= {*job.kind.keys, "use"}
    return keys | {"credentials" for beside in _beside(job) if beside.place == part.place}
