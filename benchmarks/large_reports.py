"""Rows per second and peak memory of landing and loading one large report.

The simulator sends a document that is made and compressed as it is sent, and never whole in memory.
Landing asks for the report, downloads it, counts its rows and finds its character set; loading
brings it into a database, every column as text. Each part runs as a process of its own, whose peak
memory the operating system tells. Beside it stands how fast DuckDB alone reads the same file into a
table: without a look at what is in it, its lines neither counted nor numbered.

    python -m benchmarks.large_reports [--megabytes 1000] [--formats tsv json]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.io_managers import land_file
from asp_dagster.landing import ReportExtraction, open_store
from asp_dagster.spapi import Credentials, SellingPartnerClient
from asp_dagster.warehouse import Origin, RawData, Warehouse
from benchmarks.postgresql import postgresql
from benchmarks.results import machine, write_section

if TYPE_CHECKING:
    from asp_dagster.simulator import Simulator

HALVES = ("land", "load")
PARTS = {
    "land": "landing",
    "load": "DuckDB",
    "load_postgresql": "PostgreSQL",
    "limit": "DuckDB alone",
}
PACKAGES = ("duckdb", "pyarrow", "ijson", "requests")
REPORT_TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
MEDIA_TYPE = "text/plain; charset=utf8"
SETTINGS = (
    *("ASP_CLIENT_ID", "ASP_CLIENT_SECRET", "ASP_REFRESH_TOKEN"),
    *("ASP_ENDPOINT", "ASP_LWA_URL"),
)
COLUMNS = 35
NAMES = [f"column-{number}" for number in range(COLUMNS)]
VALUES = (
    *("Amazon", "Shipped", "2026-11-01T10:20:30+00:00", "Standard", "", "9.99", "EUR", "", "0.00"),
    *('Müller & Co 5" Kabel', "B0ABCDEFGH", "", "", "Non-Amazon", "DE", "10115", "Berlin", "1"),
)
ROWS_PER_CHUNK = 1000


def main() -> None:
    """Measure every format and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--formats", nargs="+", choices=["tsv", "json"], default=["tsv", "json"])
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        (raw_format,) = options.formats
        run = {"land": land, "limit": read_by_duckdb}.get(options.part, load)
        started = {"started_mib": _peak_mib()}
        print(json.dumps({**started, **run(raw_format, options.folder, options.url)}))
        return
    lines = [
        f"| format | rows | {' | '.join(f'{part} rows/s | peak MiB' for part in PARTS.values())} |",
        f"|---|{'---:|' * (2 * len(PARTS) + 1)}",
        *(_line(each, measured(each, options.megabytes, PARTS)) for each in options.formats),
        "",
        f"A row has {COLUMNS} columns, each stored as text. The marks for TSV: 500,000 rows a",
        "second into DuckDB, 150,000 into PostgreSQL, each with less than 400 MiB.",
        "",
        machine(PACKAGES, " shared with the simulator"),
    ]
    table = "\n".join(lines)
    print(table)
    write_section(f"Landing and loading one report of {options.megabytes} MB", table)


def measured(
    raw_format: str, megabytes: int, parts: Iterable[str] = HALVES
) -> Mapping[str, Mapping[str, float]]:
    """Land and load a report of a size, each part in a process of its own."""
    # Imported here: it would add to the memory of the parts, which have no use for it.
    from asp_dagster.simulator import Partner, Simulator  # noqa: PLC0415

    partner = Partner.generate(seed=1, orders=1, until=datetime.now(UTC), days=1)
    with ExitStack() as opened:
        amazon = opened.enter_context(Simulator(partner, speed=0, report_seconds=0))
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        document = partial(_document, raw_format, megabytes * 10**6)
        amazon.end_next_report("DONE", document, media_type=MEDIA_TYPE)
        urls = {
            "load": f"duckdb:///{folder}/warehouse.duckdb",
            "limit": f"{folder}/limit.duckdb",
        }
        if "load_postgresql" in parts:
            urls["load_postgresql"] = opened.enter_context(postgresql())
        # DuckDB alone would hold a whole document of JSON in memory.
        possible = [part for part in parts if (part, raw_format) != ("limit", "json")]
        options = {
            part: [part, "--formats", raw_format, "--folder", folder, "--url", urls.get(part, "")]
            for part in possible
        }
        return {part: _in_process(options[part], amazon) for part in possible}


def land(raw_format: str, folder: Path, _url: str) -> Mapping[str, float]:
    """Land the report."""
    credentials = Credentials(*(os.environ[name] for name in SETTINGS[:3]))
    endpoint, lwa_url = (os.environ[name] for name in SETTINGS[3:])
    started = time.perf_counter()
    with SellingPartnerClient(credentials, endpoint, lwa_url=lwa_url) as client:
        feed = _feed(raw_format)
        assert isinstance(feed.source, ReportSpec)  # noqa: S101 - it is made below
        extraction = ReportExtraction(client, feed.source, feed, ["ATVPDKIKX0DER"])
        (file,) = extraction.files(None)
        landed = land_file(open_store(str(folder)), f"large.{raw_format}", file).landed
    return _measured(landed.rows, started)


def load(raw_format: str, folder: Path, url: str) -> Mapping[str, float]:
    """Load the raw file."""
    feed = _feed(raw_format)
    started = time.perf_counter()
    (result,) = Warehouse.from_url(url).load(
        feed.tables,
        RawData([folder / f"large.{raw_format}"], feed.raw_format),
        Origin(schema="amazon", partition="all", loaded_at=datetime.now(UTC)),
    )
    return _measured(result.rows, started)


def read_by_duckdb(raw_format: str, folder: Path, url: str) -> Mapping[str, float]:
    """Let DuckDB alone read the raw file into a table."""
    started = time.perf_counter()
    connection = duckdb.connect(url)
    connection.execute("SET memory_limit = '400MB'; SET preserve_insertion_order = false")
    file = str(folder / f"large.{raw_format}")
    report = connection.read_csv(
        file, sep="\t", quotechar="", escapechar="", header=True, all_varchar=True
    )
    report.create("report")
    ((count,),) = connection.execute("SELECT count(*) FROM report").fetchall()
    connection.close()
    return _measured(count, started)


def _feed(raw_format: str) -> Feed:
    columns = {name.replace("-", "_"): ColumnSpec(path=name) for name in NAMES}
    rows = "rows" if raw_format == "json" else None
    return Feed(
        name="raw_large",
        group="large",
        source=ReportSpec(report_type=REPORT_TYPE),
        raw_format=raw_format,  # type: ignore[arg-type] - the options name formats
        tables=(TableSpec(name="large", rows=rows, columns=columns),),
    )


def _measured(rows: int, started: float) -> Mapping[str, float]:
    seconds = time.perf_counter() - started
    return {"rows": rows, "per_second": rows / seconds, "peak_mib": _peak_mib()}


def _peak_mib() -> float:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _line(raw_format: str, figures: Mapping[str, Mapping[str, float]]) -> str:
    cells = [raw_format.upper(), f"{figures['land']['rows']:,}"]
    for part in PARTS:
        found = figures.get(part)
        cells += [f"{found['per_second']:,.0f}", f"{found['peak_mib']:.0f}"] if found else ["", ""]
    return f"| {' | '.join(cells)} |"


def _in_process(options: list[str], amazon: "Simulator") -> Mapping[str, float]:
    values = (amazon.client_id, amazon.client_secret, amazon.refresh_token)
    settings = dict(zip(SETTINGS, (*values, amazon.url, amazon.lwa_url), strict=True))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.large_reports", "--part", *options],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _document(raw_format: str, size_bytes: int) -> Iterator[bytes]:
    """Yield a document of at least a size, piece by piece."""
    is_json = raw_format == "json"
    yield b'{"rows": [' if is_json else ("\t".join(NAMES) + "\n").encode()
    sent = rows = 0
    while sent < size_bytes:
        lines = [_row(rows + number) for number in range(ROWS_PER_CHUNK)]
        if is_json:
            texts = [json.dumps(dict(zip(NAMES, row, strict=True))) for row in lines]
            chunk = (("," if rows else "") + ",".join(texts)).encode()
        else:
            chunk = "".join("\t".join(row) + "\n" for row in lines).encode()
        yield chunk
        sent += len(chunk)
        rows += ROWS_PER_CHUNK
    if is_json:
        yield b"]}"


def _row(number: int) -> list[str]:
    shift = number % len(VALUES)
    rest = (VALUES[shift:] + VALUES + VALUES)[: COLUMNS - 2]
    return [f"302-{number:07}-{number * 7919 % 10_000_000:07}", f"SKU-{number % 5000:05}", *rest]


if __name__ == "__main__":
    main()
