"""The progress of a run knows the quota."""

import io
import itertools
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from asp_dagster.cli.progress import Standing, shown
from asp_dagster.plans import Plan, PlannedCalls
from asp_dagster.spapi import CallCounter, CallStatistics, Turn, UsagePlans

PLANS = UsagePlans.load()
ORDERS = PLANS.operation("GET", "/orders/v0/orders")
ITEMS = PLANS.operation("GET", "/orders/v0/orders/1/orderItems")
PLAN = Plan(2, [PlannedCalls(ORDERS, 25), PlannedCalls(ITEMS, 130)])


def _standing(made: CallStatistics, before: CallStatistics, plan: Plan = PLAN) -> Standing:
    return Standing(done=1, windows=3, rows=90, made=made, before=before, plan=plan)


def _made(operation: str, calls: int, turn: Turn | None = None) -> CallStatistics:
    counter = CallCounter()
    for _ in range(calls):
        counter.sent(operation)
    if turn:
        counter.had_leave(operation, turn)
    return counter.snapshot()


def test_time_left_is_that_of_the_slowest_bucket() -> None:
    """Before the first call, buckets are full: what exceeds the burst takes the plan's rate."""
    standing = _standing(CallStatistics(), CallStatistics())

    assert standing.expected == 155
    assert standing.seconds_left == max((25 - 20) / 0.0167, (130 - 30) / 0.5)


def test_time_left_follows_the_rate_that_amazon_gives() -> None:
    """Once there was a call, its bucket's rate and tokens count, and what was made is made."""
    turn = Turn(arrived_at=0.0, left_at=0.0, tokens=4.0, sent_before=26, sent=27, rate=10.0)
    before = _made("getOrderItems", 7)
    made = before + _made("getOrderItems", 20, turn)

    standing = _standing(made, before, Plan(1, [PlannedCalls(ITEMS, 130)]))

    assert standing.expected == 27 + 110
    assert standing.seconds_left == (110 - 3) / 10


def test_more_calls_than_expected_are_no_debt() -> None:
    """What took more calls than planned has no time left, rather than less than none."""
    standing = _standing(
        _made("getOrders", 30), CallStatistics(), Plan(1, [PlannedCalls(ORDERS, 1)])
    )

    assert (standing.expected, standing.seconds_left) == (30, 0)


def test_line_says_what_is_known() -> None:
    """The line has windows, rows, calls and time; 429s only where there were some."""
    throttled = CallCounter()
    throttled.throttled()
    unknown = Plan(1, [PlannedCalls(ORDERS, 1, is_least=True), PlannedCalls(ITEMS, None)])

    assert str(_standing(CallStatistics(), CallStatistics())) == (
        "1 of 3 windows, 90 rows, 0 of 155 calls, 0:04:59 left at Amazon's pace"
    )
    short = _standing(throttled.snapshot(), CallStatistics(), unknown)
    assert str(short) == (
        "1 of 3 windows, 90 rows, 0 of at least 1 calls, at least 0:00:00 left at Amazon's pace,"
        " 1 throttled"
    )
    assert short.beside_bar == "0/1 calls, 90 rows, 1 throttled, at least 0:00:00 left"


def test_terminal_shows_a_bar_and_others_lines() -> None:
    """In a terminal a bar is drawn and drawn again; elsewhere the last line is written once."""
    drawn, written = io.StringIO(), io.StringIO()
    numbers = itertools.count()

    def look() -> Standing:
        return _standing(_made("getOrders", next(numbers)), CallStatistics())

    for stream, is_terminal in ((drawn, True), (written, False)):
        with shown("orders", look, Console(file=stream, force_terminal=is_terminal, width=120)):
            pass

    assert "━" in drawn.getvalue()
    assert written.getvalue().startswith("orders: 1 of 3 windows, ")
    assert written.getvalue().count("\n") == 1


def test_output_that_is_sent_elsewhere_takes_no_progress_with_it(tmp_path: Path) -> None:
    """What a step prints goes to Dagster's logs meanwhile; the progress stays where it began."""
    program = """
import os, sys
from asp_dagster.cli.progress import own_console
with own_console() as console:
    os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), 2)
    console.print("progress")
    print("of the step", file=sys.stderr)
"""
    log = tmp_path / "step.err"

    done = subprocess.run(
        [sys.executable, "-c", program, str(log)], capture_output=True, text=True, check=True
    )

    assert (done.stderr, log.read_text()) == ("progress\n", "of the step\n")
