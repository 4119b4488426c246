"""Asset checks: what is loaded without an error and may be wrong all the same.

They are on by default, run in the step that lands or loads, ask Amazon for nothing, and warn: only
a spoilt key is an error. What cannot be loaded at all is a failure, not a check.

    running        which checks there are, which of them a feed has, and running them
    check          what a check of a table is given, and what it says; raw_check: of raw files
    history        what earlier runs recorded
    orders, declared_columns   which columns of a user's own table hold what a check needs

    unique_keys, last_modified, completeness, row_counts, columns, emptiness, order_items,
    order_totals, order_reports, secret_age, removals   one check each

https://docs.dagster.io/guides/test/asset-checks
"""
