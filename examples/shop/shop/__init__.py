"""A shop's own Dagster project: Amazon's orders, and SQL of its own on top of them."""
