"""Moving one file over the network: resumed where it stopped, and never waiting for ever."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import requests
import urllib3

#: Bytes read at a time, at most.
CHUNK = 1 << 16

#: A transfer that brings less than ``LEAST`` bytes in ``WINDOW`` seconds is given up.
WINDOW = 60.0
LEAST = 60 * 1024

#: How often a transfer that broke off is taken up again, as long as each time brings something.
ATTEMPTS = 4

#: Called with the bytes that are there, and those there will be (None: the server does not say).
Watch = Callable[[int, int | None], None]


class TransferError(Exception):
    """A file did not come, or not all of it; the message says why."""


class _BrokenOffError(TransferError):
    """Some of the file came; it can be taken up again."""


def transfer(
    url: str,
    part: Path,
    *,
    headers: dict[str, str],
    timeout: float,
    watch: Watch = lambda have, total: None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Fetch a file into ``part``, going on where an earlier transfer from this address stopped.

    What came stays in ``part`` when the transfer fails or is stopped; beside it, ``….tag`` says
    what it is a part of. A server that cannot send the rest sends the whole file again.

    Args:
        url: the address.
        part: where to; its folder must be there.
        headers: HTTP headers that the server insists on.
        timeout: seconds without a byte after which the server counts as gone.
        watch: is told how far the transfer is.
        clock: returns seconds; only differences count.

    Returns:
        Whether an earlier transfer was gone on with. (If the file turns out to be wrong, it may be
        the seam: fetch it again after :func:`forget`.)

    Raises:
        TransferError: the file is not there, or did not come in full.
        OSError: ``part`` cannot be written.
    """
    resumed = False
    for attempt in range(ATTEMPTS):
        before = _size(part)
        try:
            return _once(url, part, headers, timeout, watch, clock) or resumed
        except _BrokenOffError:
            if attempt == ATTEMPTS - 1 or _size(part) == before:
                raise
            resumed = True
    raise AssertionError("unreachable")


def forget(part: Path) -> None:
    """Remove what an earlier transfer left."""
    part.unlink(missing_ok=True)
    _tag(part).unlink(missing_ok=True)


def _once(
    url: str,
    part: Path,
    headers: dict[str, str],
    timeout: float,
    watch: Watch,
    clock: Callable[[], float],
) -> bool:
    """Transfer once; return whether an earlier transfer was gone on with."""
    have, validator = _left(url, part)
    asked = {**headers, "Accept-Encoding": "identity"}  # a range counts the bytes that are sent
    if have:
        asked["Range"] = f"bytes={have}-"
        if validator:
            asked["If-Range"] = validator  # the whole file, if it is another one by now
    total: int | None = None
    begun = have
    reading = False
    try:
        with requests.get(url, headers=asked, stream=True, timeout=timeout) as answer:
            if answer.status_code == 416 and have:
                if _length_of_all(answer) == have:
                    return True  # all of it was there
                forget(part)
                raise _BrokenOffError("the server has another file by now")
            if answer.status_code >= 400:
                raise TransferError(f"the server says {answer.status_code} {answer.reason}")
            if answer.status_code == 206:
                start, total = _range(answer)
                if start != have:
                    forget(part)
                    raise _BrokenOffError(f"the server sent bytes from {start}, not from {have}")
            else:
                have = 0
                total = _length(answer)
            begun, reading = have, True
            with part.open("ab" if have else "wb") as file:
                _tag(part).write_text(json.dumps({"url": url, "validator": _validator(answer)}))
                watch(have, total)
                mark, since = have, clock()
                while piece := answer.raw.read1(CHUNK, decode_content=True):
                    file.write(piece)
                    have += len(piece)
                    watch(have, total)
                    if (now := clock()) - since >= WINDOW:
                        if have - mark < LEAST:
                            raise _BrokenOffError(
                                f"only {have - mark:,} bytes came in {now - since:.0f} s "
                                f"({_of(have, total)})"
                            )
                        mark, since = have, now
    except (requests.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
        came = f" ({_of(_size(part), total)} came)" if reading else ""
        raise _BrokenOffError(f"the server sent nothing for {timeout:g} s{came}") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        if not reading:
            raise TransferError(_unreached(error)) from error
        raise _BrokenOffError(
            f"the connection broke off after {_of(_size(part), total)}"
        ) from error
    if total is not None and have != total:
        raise _BrokenOffError(f"the connection broke off after {_of(have, total)}")
    return bool(begun)


def _unreached(error: Exception) -> str:
    """Return why an address was not reached, without the library's wrapping."""
    inner: BaseException = error
    while (deeper := _held(inner)) is not None:
        inner = deeper
    if isinstance(inner, urllib3.exceptions.NameResolutionError):
        return "the host's name is unknown: no network, or none that resolves it"
    return f"no connection: {str(inner).rpartition(': ')[2] or type(inner).__name__}"[:200]


def _held(error: BaseException) -> BaseException | None:
    """Return the error that an error was made from, if it holds one."""
    held = (getattr(error, "reason", None), *error.args[:1])
    return next((one for one in held if isinstance(one, BaseException)), None)


def _of(have: int, total: int | None) -> str:
    return f"{have:,} bytes" if total is None else f"{have:,} of {total:,} bytes"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _left(url: str, part: Path) -> tuple[int, str]:
    """Return how much an earlier transfer from an address left, and what tells its version."""
    try:
        tag = json.loads(_tag(part).read_text())
        if tag["url"] == url:
            return _size(part), tag["validator"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _validator(answer: requests.Response) -> str:
    """Return what ``If-Range`` accepts: a strong ETag, or a date."""
    etag = answer.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _length(answer: requests.Response) -> int | None:
    """Return how many bytes the whole file has, if the server says so."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return None  # the length is that of the packed bytes
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _range(answer: requests.Response) -> tuple[int, int | None]:
    """Return the first byte of a partial answer, and the length of the whole file."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if not match:
        return -1, None
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _length_of_all(answer: requests.Response) -> int | None:
    match = re.fullmatch(r"bytes \*/(\d+)", answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else None
