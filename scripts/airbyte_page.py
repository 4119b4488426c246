"""Writes `docs/migrate_airbyte.md`: what each stream of Airbyte's connector is here.

    python scripts/airbyte_page.py

Here belongs the shape of the page. The streams, and what they are, stand in the YAML file of this
script's name; how a report is declared is the package's knowledge of its type.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.feeds.ready import component_of
from asp_dagster.reports.examples import attributes, short_name

PAGE = Path(__file__).parent.parent / "docs" / "migrate_airbyte.md"
DEFAULT_FEEDS = ("all_orders", "orders", "orders_v0", "sales_and_traffic")
_SHOWN = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
STREAMS: Sequence[Mapping[str, Any]] = _SHOWN["streams"]


def text() -> str:
    """Return the page as Markdown."""
    return "\n".join([_SHOWN["head"], *_table(), *_sections()]) + "\n"


def declaration(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the `defs.yaml` of a stream; none where a default feed has it."""
    if entry.get("feed") in DEFAULT_FEEDS:
        return None
    if "feed" in entry:
        component, declared = component_of(entry["feed"]), {"feed": entry["feed"]}
    elif "declared" in entry:
        component, declared = entry["component"], entry["declared"]
    else:
        component, declared = "AmazonSPReport", _report(entry)
    return {"type": f"asp_dagster.{component}", "attributes": declared}


def name(entry: Mapping[str, Any]) -> str:
    """Return what a stream's feed is called here."""
    if "feed" in entry:
        return str(entry["feed"])
    known = ReportTypes.load().find(entry["stream"])
    return short_name(known) if known.is_known else _snake(entry["stream"])


def _snake(stream: str) -> str:
    words = stream.removeprefix("GET_").removesuffix("_REPORT")
    if words != stream:
        return words.lower()
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in words).strip("_")


def _report(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that ask for a stream's report."""
    known = ReportTypes.load().find(entry.get("report", entry["stream"]))
    declared = attributes(known)
    options = {**declared["report_spec"].get("reportOptions", {}), **entry.get("options", {})}
    if options:
        declared["report_spec"]["reportOptions"] = options
    if "partitions" in entry:
        declared["partitions"] = entry["partitions"]
    return {"pii": "include", **declared} if known.restricted in {"yes", "role"} else declared


def _table() -> Iterator[str]:
    yield "| stream | key there | cursor there | here | |"
    yield "|---|---|---|---|---|"
    for entry in STREAMS:
        cells = (f"`{entry[cell]}`" if cell in entry else "" for cell in ("key", "cursor"))
        yield f"| `{entry['stream']}` | {' | '.join(cells)} | {_here(entry)} | {_note(entry)} |"


def _here(entry: Mapping[str, Any]) -> str:
    if "feed" not in entry:
        return f"[{name(entry)}](#{name(entry)})"
    return f"[{entry['feed']}](feeds/{entry['feed']}.md)"


def _note(entry: Mapping[str, Any]) -> str:
    return str(entry.get("note", ""))


def _sections() -> Iterator[str]:
    yield "\nDefault feeds are on from the beginning. The others, by their names here:"
    shown = set()
    for entry in STREAMS:
        declared = declaration(entry)
        if declared and name(entry) not in shown:
            shown.add(name(entry))
            yield f"\n### {name(entry)}\n\n```yaml\n{_yaml(declared)}```"


def _yaml(declared: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(declared), sort_keys=False, width=1000)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
