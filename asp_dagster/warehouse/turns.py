"""How long a load waits for its turn, and what it says meanwhile.

Loads into one warehouse take turns. Here belongs the waiting; by what a turn is known, and who has
it, differs between the databases.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LOGGER = logging.getLogger(__name__)
_TELL_AGAIN_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a load waits for its turn.

    Attributes:
        wait_seconds: How long in all.
        poll_seconds: How long between two looks at whether DuckDB's file is free.
        sleep: What waits.
    """

    wait_seconds: float = 600
    poll_seconds: float = 0.1
    sleep: Callable[[float], None] = time.sleep

    def attempts(self) -> Iterator[float]:
        """Yield the seconds waited so far, once for each attempt, waiting in between."""
        yield 0.0
        for number in range(1, round(self.wait_seconds / self.poll_seconds) + 1):
            self.sleep(self.poll_seconds)
            yield number * self.poll_seconds

    def tell(self, what: str, holder: str, waited_seconds: float = 0.0) -> None:
        """Log what is waited for, and who has it: at the first attempt, then once a minute."""
        if waited_seconds % _TELL_AGAIN_SECONDS < self.poll_seconds:
            _LOGGER.info(
                "Waiting for %s, held by %s: for %.0f of at most %.0f seconds so far",
                what,
                holder,
                waited_seconds,
                self.wait_seconds,
            )
