"""The simulator's own endpoints under /simulator/, for other processes on this machine.

Here belongs: what a test or demo in another process needs and Amazon does not have: how many calls
there were, and ways to make orders change, notifications be sent and calls go wrong.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from asp_dagster.simulator.calls import CallLog
from asp_dagster.simulator.notifications import Delivery, Notifications
from asp_dagster.simulator.parameters import moment
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.search import SETTLING_TIME
from asp_dagster.simulator.storms import KINDS, Storms
from asp_dagster.simulator.wire import Answer, ok

PATH = "/simulator/"

_DOORS = (
    "There are GET /simulator/calls, POST /simulator/update, POST /simulator/notify, GET and POST"
    " /simulator/storm."
)


@dataclass(frozen=True)
class Control:
    """Answers the simulator's own endpoints.

    Attributes:
        partner: Whose orders can be made to change.
        calls: What is counted.
        storms: What can be made to go wrong.
        notifications: What can be sent.
    """

    partner: Partner
    calls: CallLog
    storms: Storms
    notifications: Notifications

    def answer(self, method: str, path: str, body: bytes, now: datetime) -> Answer:
        """Return counts, let orders change, or let a storm begin or end."""
        match method, path.removeprefix(PATH):
            case "GET", "calls":
                return ok(self.calls.counts())
            case "POST", "update":
                return self._update(body, now)
            case "POST", "notify":
                return self._notify(body, now)
            case "GET", "storm":
                return ok(self.storms.counts())
            case "POST", "storm":
                return self._storm(body)
            case _:
                return _mistake(404, _DOORS)

    def _storm(self, body: bytes) -> Answer:
        """Let a storm begin, or with a share of 0 end, and return what was met before."""
        met = self.storms.counts()
        try:
            asked = dict(json.loads(body or b"{}"))
            share, kinds = float(asked.get("share", 0.2)), asked.get("kinds", KINDS)
            self.storms.begin(seed=int(asked.get("seed", 0)), share=share, kinds=kinds)
        except (ValueError, TypeError) as error:
            return _mistake(400, f"The body is a JSON object of seed, share and kinds: {error}")
        return ok(met)

    def _update(self, body: bytes, now: datetime) -> Answer:
        """Let orders change, by default as late as they can be seen at once."""
        try:
            asked = dict(json.loads(body or b"{}"))
            at = moment(asked["at"]) if "at" in asked else now - SETTLING_TIME
            fraction = float(asked.get("fraction", 0.2))
            self.partner.update(seed=int(asked.get("seed", 0)), fraction=fraction, at=at)
        except (ValueError, TypeError) as error:
            return _mistake(400, f"The body is a JSON object of seed, fraction and at: {error}")
        return ok({"orders": len(self.partner.books.by_id)})

    def _notify(self, body: bytes, now: datetime) -> Answer:
        """Send the notifications that are due, and return how many arrived."""
        try:
            asked = dict(json.loads(body or b"{}"))
            sqs_url = str(asked.pop("sqs_url"))
            sent = self.notifications.send(sqs_url, now, Delivery(**asked))
        except (KeyError, ValueError, TypeError) as error:
            fields = ", ".join(Delivery.__dataclass_fields__)
            return _mistake(400, f"The body is a JSON object of sqs_url, {fields}: {error}")
        return ok({"sent": sent})


def _mistake(status: int, message: str) -> Answer:
    return ok({"error": message}, status)
