"""The error of a command that another process keeps from running."""


class BusyError(RuntimeError):
    """What another process holds; the message says which and what to do."""
