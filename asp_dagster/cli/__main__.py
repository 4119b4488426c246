"""Runs the command `asp` where it is not on the path: `python -m asp_dagster.cli`."""

from asp_dagster.cli import main

if __name__ == "__main__":
    main()
