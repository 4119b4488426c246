"""Shows the whole way without an Amazon account: `make demo`, or `asp demo`.

Here belong: starting and stopping what a demonstration needs, and telling about it. Nothing here
does any of the product's work: the jobs are run as a user runs them, by `dagster job execute`.
"""
