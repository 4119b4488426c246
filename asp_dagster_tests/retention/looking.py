"""How the tests of retention look at what is left, and the clock they move."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""The end of the simulated orders."""

Land = Callable[..., None]
Erase = Callable[..., dg.ExecuteInProcessResult]


class ScriptedNow:
    """A clock that stands where a test put it."""

    moment: datetime

    def now(self) -> datetime:
        """Return the scripted time."""
        return self.moment


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the metadata of the materialization, as plain values."""
    (event,) = result.get_asset_materialization_events()
    found = {name: each.value for name, each in event.materialization.metadata.items()}
    tables = {name: found[name].records for name in ("by_feed", "by_table")}
    return found | {name: [each.data for each in table] for name, table in tables.items()}


def whole_content(folder: Path) -> bytes:
    """Return all that lies below a folder, decompressed, the names of files included."""
    found = []
    for path in sorted(folder.rglob("*")):
        found.append(str(path).encode())
        if path.is_file():
            content = path.read_bytes()
            found.append(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    return b"\n".join(found)


def customers(content: bytes) -> set[bytes]:
    """Return the e-mail addresses of the simulator's customers that stand in a content."""
    return set(re.findall(rb"synthetic-buyer-\d+@marketplace\.example", content))
