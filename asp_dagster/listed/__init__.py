"""Reports that are found, not asked for: settlements, and what a schedule or somebody had made.

Here belongs what one run does with them:

    feeds        what is declared, and the way to what Amazon lists
    assets       the run: look, land what is new, load what is not loaded
    partitions   each report as a partition, for people and for assets of one's own
    loads        which reports are loaded, and loading the others
    metadata     what a materialization tells
    checks       whether reports keep coming, are looked for in time, and add up

How Amazon is asked is `landing.listed_reports`' work, how it is declared the component's.
"""
