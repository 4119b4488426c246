"""Alerts: one message for each cause of failed runs, to a webhook and by e-mail.

Here belong: what a failed run failed of (`causes`), what heals it (`healing`), what has been told
already (`memory`), where it is told (`targets`), and the sensor that looks (`sensor`).
"""

from asp_dagster.alerts.sensor import build_alerts

__all__ = ["build_alerts"]
