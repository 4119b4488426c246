"""A Selling Partner API of our own, over real HTTP on loopback.

It ships with the product: for trying it without an Amazon account, and for the tests. It keeps
Amazon's rules, and refuses what Amazon refuses. It knows nothing of the floors above it.
"""

from asp_dagster.simulator.calls import Call
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_samples import sample_rows
from asp_dagster.simulator.simulator import Simulator

__all__ = ["Call", "Partner", "Simulator", "sample_rows"]
