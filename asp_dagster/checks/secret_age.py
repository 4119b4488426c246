"""Whether the client secret is to be rotated: it expires 180 days after it was issued.

Amazon tells its age nowhere, so the day stands beside the credentials, if it does.

https://developer-docs.amazon.com/sp-api/docs/rotating-your-apps-lwa-credentials
"""

from datetime import date, timedelta

from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.check import Verdict, unjudged
from asp_dagster.checks.raw_check import Asking, RawCheck, RawJudge
from asp_dagster.spapi import ConfigurationError

NAME = "client_secret_is_fresh"
VALID_FOR = timedelta(days=180)

_WARN_AFTER = timedelta(days=150)


def secret_age(issued_on: date | None, today: date) -> Verdict:
    """Return the verdict on a client secret.

    Args:
        issued_on: The day it was issued, if that is known.
        today: The date.
    """
    if issued_on is None:
        return unjudged(
            "the day on which the client secret was issued is not set"
            " (client_secret_issued beside the credentials, or ASP_CLIENT_SECRET_ISSUED)"
        )
    age, expires_on = today - issued_on, issued_on + VALID_FOR
    metadata = {"days": age.days, "expires_on": expires_on.isoformat()}
    if age < _WARN_AFTER:
        return Verdict(
            passed=True, says=f"The client secret expires on {expires_on}.", metadata=metadata
        )
    return Verdict(
        passed=False,
        says=f"The client secret is {age.days} days old and expires on {expires_on}, after which"
        " nothing can be asked for. Rotate it in the developer console, replace it here, and set"
        " the new day of issue.",
        metadata=metadata,
    )


def _judge(asking: Asking) -> Verdict:
    try:
        return secret_age(asking.amazon.secret_issued_on(asking.feed.account), asking.today)
    except ConfigurationError as error:
        # What keeps a run from logging in fails it, with more to say; a wrong day does not.
        return Verdict(passed=False, says=str(error))


def _judge_of(_feed: Feed) -> RawJudge | None:
    return _judge


CHECK = RawCheck(
    name=NAME,
    description=f"Whether the client secret, which expires after {VALID_FOR.days} days, is younger"
    f" than {_WARN_AFTER.days}.",
    judge_of=_judge_of,
)
