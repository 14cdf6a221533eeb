"""Numbers on a command line: what makes no sense is refused with a sentence.

For ``type=`` of `argparse`; the tests' runner and the benches use them, too.
"""

from __future__ import annotations

from argparse import ArgumentTypeError

#: The largest port that there is.
LAST_PORT = 65_535


def positive(text: str) -> int:
    """Return a whole number from 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _from(text, 1)


def natural(text: str) -> int:
    """Return a whole number from 0.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _from(text, 0)


def port(text: str) -> int:
    """Return the number of a port.

    Raises:
        ArgumentTypeError: it is none.
    """
    number = _whole(text)
    if number is None or not 1 <= number <= LAST_PORT:
        raise ArgumentTypeError(f"{text!r} is no port: give a number from 1 to {LAST_PORT}")
    return number


def _from(text: str, least: int) -> int:
    number = _whole(text)
    if number is None or number < least:
        raise ArgumentTypeError(f"{text!r} is no whole number from {least}")
    return number


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
