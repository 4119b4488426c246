"""Removes what runs that ended early left behind: raw records that no run will go on with.

That are the parts of raw files that never became whole, in the raw store, and what lay in the
system's temporary folder of this machine. Here belongs how old either may become.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from asp_dagster.landing.parts import remove_all_abandoned
from asp_dagster.landing.raw_store import RawStore
from asp_dagster.spapi import SystemClock

_LONGEST = timedelta(days=7)
_SHORTEST = timedelta(days=1)
_PREFIX = "asp_dagster_"


def remove_leftovers(store: RawStore, now: datetime, keep: timedelta) -> int:
    """Remove what nobody has written to for a time, and return how many files or runs that were.

    The time is a week, as long as a run can be gone on with; less if nothing may be kept that long,
    but never under a day, for a run may be at work.

    Args:
        store: Where raw files are.
        now: The present, aware.
        keep: How long personal data may be kept.

    Raises:
        RawStoreError: The store refuses.
    """
    age = max(_SHORTEST, min(_LONGEST, keep))
    before = now - age
    temporary = list(_abandoned(age))
    for path in temporary:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return store.remove_unfinished(before) + remove_all_abandoned(store, before) + len(temporary)


def _abandoned(age: timedelta) -> Iterator[Path]:
    """Yield what of ours has lain in the temporary folder for a time, by this machine's clock.

    Whatever the present is said to be: what lies there may be that of a run at work.
    """
    before = SystemClock().now() - age
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        state = path.lstat()
        if state.st_uid == os.getuid() and state.st_mtime < before.timestamp():
            yield path
