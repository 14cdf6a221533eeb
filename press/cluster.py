"""Handing work to an existing Dask cluster: full runs of labs, submissions to grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

#: How to get what this module needs.
INSTALL = 'pip install -c constraints.txt -e ".[cluster]"'

#: Seconds to wait for the scheduler.
TIMEOUT = 20

Item = TypeVar("Item")
Value = TypeVar("Value")


class ClusterError(Exception):
    """There is no cluster to hand work to; the message says what to do."""


@dataclass(frozen=True)
class Done(Generic[Value]):
    """What came of a piece of work.

    Attributes:
        name: the name that it was given.
        value: what the work returned; None if it returned nothing.
        problem: why it returned nothing; empty if it did.
        killed: whether the workers that had it died, as often as the scheduler lets them.
    """

    name: str
    value: Value | None = None
    problem: str = ""
    killed: bool = False


def spread(
    work: Callable[[Item], Value], items: Mapping[str, Item], address: str
) -> Iterator[Done[Value]]:
    """Do something with many items on a cluster, and yield what came of each when it is there.

    The cluster's scheduler gives the item of a worker that died to another one (three times; then
    the item counts as what killed them).

    Args:
        work: a function of a module that the workers have, too.
        items: what it is given, by names of which no two are alike.
        address: the scheduler's address, for example ``tcp://10.0.0.1:8786``.

    Raises:
        ClusterError: dask.distributed is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ClusterError(f"DASK needs dask.distributed: {INSTALL}") from error
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:  # also its TimeoutError; ValueError: not an address
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        futures = {
            client.submit(work, item, key=name, pure=False): name for name, item in items.items()
        }
        for future in as_completed(futures, loop=client.loop):
            name = futures[future]
            if future.status == "finished":
                yield Done(name, future.result())
            elif future.status == "error":
                failure = future.exception()
                kind = type(failure).__name__
                yield Done(name, problem=f"{kind}: {failure}", killed=kind == "KilledWorker")
            else:  # cancelled: by somebody, or because the scheduler is gone
                text = f"the scheduler at {address} is gone, or cancelled it ({future.status})"
                yield Done(name, problem=text)
