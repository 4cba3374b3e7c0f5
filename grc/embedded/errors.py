"""Why the launcher will not start."""


class LaunchRefused(Exception):
    """A sentence for the person at the terminal: what is in the way, and the cure."""
