"""When tables load by themselves: as soon as their raw files have landed in a run of their own.

Here belongs the condition. Dagster's sensor that looks at it is off until it is turned on.

https://docs.dagster.io/guides/automate/declarative-automation
"""

import dagster as dg

_updated = dg.AutomationCondition.any_deps_updated().since_last_handled()

WHEN_LANDED = (
    _updated
    & ~dg.AutomationCondition.any_deps_missing()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("raw_files_have_landed")
"""True of a partition, of any age, whose raw file is newer than its rows. A run that lands and
loads is left to do so. Dagster's own `eager` knows the latest partition only."""
