"""The declared feeds: one folder each, with a `defs.yaml` in Amazon's words."""
