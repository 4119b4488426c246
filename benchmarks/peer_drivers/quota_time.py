"""Leads a peer to the simulator and lets it live in quota time, its own code untouched.

Runs in the peer's environment, where nothing of ours is installed: the standard library only.
The simulator's quota runs faster than Amazon's. For the peer, therefore, all time does: its clocks
run faster, its sleeps are shorter, and the rate that it is told is Amazon's.
"""

import os
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

_RATE = "x-amzn-RateLimit-Limit"


@dataclass(frozen=True)
class QuotaTime:
    """The simulator, as a peer meets it.

    Attributes:
        endpoint: Where the simulator is.
        lwa_url: Where it hands out access tokens.
        speed: How many times faster than Amazon's its quota comes back.
    """

    endpoint: str
    lwa_url: str
    speed: float

    @classmethod
    def begin(cls) -> "QuotaTime":
        """Read where the simulator is, and let time run faster from now on.

        A peer must be imported later: it may keep the clocks that it finds.
        """
        speed = float(os.environ["ASP_SPEED"])
        sleep = time.sleep
        time.sleep = lambda seconds: sleep(seconds / speed)
        time.time, time.monotonic = _faster(time.time, speed), _faster(time.monotonic, speed)
        return cls(os.environ["ASP_ENDPOINT"], os.environ["ASP_LWA_URL"], speed)

    def url(self, asked: str) -> str:
        """Return where the simulator answers what the peer asks of Amazon.

        Both peers give getOrderItems parameters that it does not have. Amazon passes over them, the
        simulator would refuse.
        """
        parts = urlsplit(asked)
        if parts.path == "/auth/o2/token":
            return self.lwa_url
        query = parse_qsl(parts.query)
        if parts.path.endswith("/orderItems"):
            query = [pair for pair in query if pair[0] == "NextToken"]
        return f"{self.endpoint}{parts.path}{'?' + urlencode(query) if query else ''}"

    def state_amazons_rate(self, headers: MutableMapping[str, str]) -> None:
        """Put Amazon's rate in the place of the faster one, if a rate is stated."""
        if _RATE in headers:
            headers[_RATE] = f"{float(headers[_RATE]) / self.speed:.10g}"


def _faster(clock: Callable[[], float], speed: float) -> Callable[[], float]:
    began = clock()
    return lambda: began + (clock() - began) * speed
