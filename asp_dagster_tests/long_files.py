"""The test files that take longest: they begin first, so that no process is left alone with one.

Those of which most is waiting for other processes stand at the top, beside whose waiting another
file can have the processor.
"""

from pathlib import Path

HERE = Path(__file__).parent

LONG_FILES = (
    "engines/test_celery.py",
    "browser/test_ui.py",
    "test_killed_runs.py",
    "contract/test_report_documents.py",
    "machine/test_many_at_once.py",
    "machine/test_full_disks.py",
    "machine/test_random_kills.py",
    "machine/test_postgresql_restarts.py",
    "storm/test_storm.py",
    "secrets/test_what_the_ui_answers.py",
    "test_tutorial.py",
    "feeds/test_published.py",
    "test_bulk_road.py",
    "every_report_type/test_every_report_type.py",
    "test_end_to_end.py",
    "warehouse/test_plain_values.py",
    "warehouse/test_snapshots.py",
    "warehouse/test_accounts.py",
    "listed/test_listed_reports.py",
    "contract/test_simulator_models.py",
    "contract/test_every_list.py",
    "landing/test_resume.py",
    "state/test_quota_processes.py",
    "checks/test_table_checks.py",
    "secrets/test_failing_runs.py",
    "retention/test_retention.py",
    "personal_data/test_tables.py",
    "overview/test_overview.py",
    "fuzz/test_fuzz.py",
    "test_bad_input.py",
    "test_roads.py",
    "test_shown_commands.py",
    "alerts/test_alerts.py",
)


def turn_of(path: Path) -> int:
    """Return when a file's turn is: the long ones in their order, all others behind."""
    name = path.relative_to(HERE).as_posix()
    return LONG_FILES.index(name) if name in LONG_FILES else len(LONG_FILES)
