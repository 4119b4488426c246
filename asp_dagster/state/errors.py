"""What can go wrong with the shared state, named for what the reader can do about it.

    StateError
    ├── StateURLError           correct the state's URL
    └── StateUnavailableError   wait, or see why the database cannot be reached, and start again

`StateError` itself is what the database or the disk refused for a reason of its own. Whatever is
raised, the state is as it was before. Here belong the classes only; each message, one sentence with
its remedy, stands where it is raised.
"""


class StateError(Exception):
    """The shared state could not be read or changed."""


class StateURLError(StateError):
    """The state's URL is none we can open."""


class StateUnavailableError(StateError):
    """The database cannot be reached, or somebody held it for longer than we wait."""
