"""Handing full runs to an existing Dask cluster: the same jobs, on more machines."""

from __future__ import annotations

from collections.abc import Iterator

from press.notebooks.job import Job, Outcome, run_remotely

#: How to get what this module needs.
INSTALL = 'pip install -c constraints.txt -e ".[cluster]"'

#: Seconds to wait for the scheduler.
TIMEOUT = 20


class ClusterError(Exception):
    """There is no cluster to hand jobs to; the message says what to do."""


def outcomes(jobs: list[Job], address: str) -> Iterator[Outcome]:
    """Run jobs on a cluster, and yield what came of each as soon as it is there.

    The cluster's scheduler gives the job of a worker that died to another one (three times; then
    the job counts as what killed them, and fails).

    Args:
        jobs: the labs.
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
            client.submit(run_remotely, job, key=f"{job.name}-{job.key}", pure=False): job
            for job in jobs
        }
        for future in as_completed(futures, loop=client.loop):
            job = futures[future]
            if future.status == "finished":
                yield future.result()
            elif future.status == "error":
                failure = future.exception()
                text = f"{type(failure).__name__}: {failure}"
                yield Outcome(job.name, job.key, problem=text)
            else:  # cancelled: by somebody, or because the scheduler is gone
                text = f"the scheduler at {address} is gone, or cancelled it ({future.status})"
                yield Outcome(job.name, job.key, problem=text)
