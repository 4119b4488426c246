"""The variables of the environment that lead to a simulator, with all data below a folder."""

from pathlib import Path

from asp_dagster.simulator import Simulator


def variables_of(amazon: Simulator, folder: Path) -> dict[str, str]:
    """Return the variables, by which runs in this process or another one find everything."""
    return {
        "ASP_ENDPOINT": amazon.url,
        "ASP_LWA_URL": amazon.lwa_url,
        "ASP_CLIENT_ID": amazon.client_id,
        "ASP_CLIENT_SECRET": amazon.client_secret,
        "ASP_REFRESH_TOKEN": amazon.refresh_token,
        "ASP_RAW_PATH": str(folder / "raw"),
        "ASP_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
        "ASP_STATE": f"sqlite:///{folder / 'state.db'}",
    }
