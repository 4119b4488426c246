"""Waits for other processes, with a bound."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: It is not so for too long.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s.")
        time.sleep(0.2)
