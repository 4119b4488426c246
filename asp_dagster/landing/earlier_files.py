"""The records of the raw file that an earlier run landed, for the extensions that they hold.

Here belong: which file that is, and whether its records were extended as it is declared now. That
is told by the name in the file's gzip header, which is a digest of the extensions' requests.
"""

import gzip
import json
import logging
import zlib
from pathlib import Path, PurePosixPath

from asp_dagster.landing.extraction import Place
from asp_dagster.landing.record_index import RecordIndex
from asp_dagster.landing.record_requests import RecordRequest
from asp_dagster.landing.windows import DataWindow

_log = logging.getLogger(__name__)

_HEADER_BYTES = 10
_FLAGS, _HAS_NAME = 3, 8
_ENDING = ".jsonl.gz"


def earlier_records(place: Place, request: RecordRequest) -> RecordIndex | None:
    """Return the records of an earlier file, with the extensions that may be reused; None if none.

    The file is the one that is to be replaced; where files are named by their windows, the one that
    reaches furthest: the next window overlaps it by the look-back.
    """
    name = _earlier_name(place) if request.extensions_name else None
    if name is None or request.spec.record_config is None:
        return None
    fields = [each.new_field_name for each in request.spec.reusable_extensions]
    index = RecordIndex(request.spec.record_config, fields)
    with place.store.local(name) as path:
        try:
            if name_in_gzip(path) == request.extensions_name:
                with gzip.open(path) as lines:
                    index.add_all(map(json.loads, lines))
        except (OSError, EOFError, ValueError, zlib.error) as error:
            _log.warning("%s cannot be read: nothing more of it is reused (%s)", name, error)
    return index


def _earlier_name(place: Place) -> str | None:
    if place.name in place.store.names(place.name):
        return place.name
    if _window(place.name) is None:
        return None
    windows = {name: _window(name) for name in place.store.names(f"{place.folder}/")}
    ends = [(window.end, name) for name, window in windows.items() if window]
    return max(ends)[1] if ends else None


def _window(name: str) -> DataWindow | None:
    try:
        return DataWindow.parse(PurePosixPath(name).name.removesuffix(_ENDING))
    except ValueError:
        return None


def name_in_gzip(path: Path) -> str:
    """Return the name in a gzip header: the digest of the extensions; empty if there is none.

    https://www.rfc-editor.org/rfc/rfc1952#page-5
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        has_name = len(header) == _HEADER_BYTES and header[_FLAGS] & _HAS_NAME
        return file.read(256).partition(b"\0")[0].decode("latin-1") if has_name else ""
