"""The connection check: is everything that runs need there, and if not, what is to be done.

Here belong: harmless looks at what is outside, one line each. It costs at most one call per
operation of Amazon's, and leaves nothing behind.

    findings    what a look found
    partners    one selling partner's settings, token, marketplaces, roles and clock
    requests    the one harmless request for each API that feeds use
    places      the shared state, the warehouse and the raw path
    job         the same as a Dagster job
"""

from asp_dagster.doctor.findings import Finding
from asp_dagster.doctor.job import build_doctor_job

__all__ = ["Finding", "build_doctor_job"]
