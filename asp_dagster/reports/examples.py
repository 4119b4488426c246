"""Declares a report as its type wants it.

Here belongs: the smallest declaration that asks for a report of a type and breaks none of its
rules, as the key `report` means it and as a `defs.yaml` shows it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from asp_dagster.catalog.personal_checks import is_personal
from asp_dagster.catalog.report_dates import BEST_CADENCE
from asp_dagster.catalog.report_types import ReportOption, ReportType

_LOADABLE = ("TSV", "CSV", "JSON", "XML", "XLSX")
_SAMPLES = {"currencyCode": "USD", "productType": "LUGGAGE", "asin": "B000000001 B000000002"}
_DATE, _LATER = "2026-01-01T00:00:00Z", "2026-06-30T23:59:59Z"


def example(known: ReportType) -> str | None:
    """Return the text of a `defs.yaml`, or none where no declaration can ask for the type."""
    if known.is_removed or known.made_by != "request":
        return None
    pii = {"pii": "include"} if is_personal(known) else {}
    declared = {"type": "asp_dagster.AmazonSPReport", "attributes": {**pii, **attributes(known)}}
    text = yaml.safe_dump(declared, sort_keys=False, width=1000)
    return "\n".join([*_comments(known), text])


def _comments(known: ReportType) -> Iterator[str]:
    yield f"# asp_dagster/defs/{short_name(known)}/defs.yaml"
    yield f"# {known.page}"
    if known.roles:
        yield f"# The application needs the role {' or '.join(known.roles)}."
    if known.restricted == "yes":
        yield "# Restricted: its document needs a restricted data token."
    if is_personal(known):
        yield "# It tells of customers; personal_columns says what becomes of that in the table."


def short_name(known: ReportType) -> str:
    """Return a name for a feed of the type: `sales_and_traffic`."""
    return re.sub(r"^get_|(_data)?(_general)?(_report)?$", "", known.name.lower())


def attributes(known: ReportType) -> dict[str, Any]:
    """Return the least that a declaration of the type has to say."""
    spec: dict[str, Any] = {"reportType": known.name}
    options = dict(_required(known.options))
    if options:
        spec["reportOptions"] = options
    if known.dates == "start":
        spec["dataStartTime"] = _DATE
    declared: dict[str, Any] = {"report_spec": spec, "file_format": _file_format(known)}
    if known.dates in {"required", "expected"}:
        period = known.period(options) or "DAY"
        declared = {"partitions": BEST_CADENCE[period], **declared}
    if known.marketplaces in {"one", "first"}:
        declared["one_marketplace_per_report"] = True
    if known.rows and _file_format(known) in {"JSON", "XML"}:
        declared["rows"] = _rows(known)
    if _file_format(known) not in _LOADABLE:
        declared["table"] = False
    return declared


def _rows(known: ReportType) -> str:
    """Return where the rows of the options are; without a choice, the finest ones."""
    has_choice = any(option.instead for option in known.options.values())
    return known.rows[0 if has_choice else -1]


def _required(options: Mapping[str, ReportOption]) -> Iterator[tuple[str, str]]:
    """Yield what must be given; of two options that exclude each other, the first."""
    passed_over = set()
    for option in options.values():
        if option.is_required and option.name not in passed_over:
            passed_over.add(option.instead)
            yield option.name, _value(option)


def _value(option: ReportOption) -> str:
    if option.values:
        return option.values[0]
    return _SAMPLES.get(option.name, _LATER if option.name.endswith("To") else _DATE)


def _file_format(known: ReportType) -> str:
    """Return a format that becomes a table, or else any."""
    return next((each for each in known.formats if each in _LOADABLE), known.formats[0])
