"""Shows what is known of Amazon's report types.

Here belong: the list of all types, the description of one, and a declaration that asks for it. What
is known stands in `catalog.report_types`.

    asp reports          lists them
    asp reports NAME     describes one
"""
