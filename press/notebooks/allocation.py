"""How the C library keeps memory in the processes that train networks."""

from __future__ import annotations

import os

#: By default glibc gives large blocks back to the system at once and fetches them anew at every
#: training step. These settings let it keep them; a network of 512 places trains up to 1.6 times
#: as fast (measured on two cores; `mallopt(3)` describes each). Other systems ignore them.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**28),
}


def environment() -> dict[str, str]:
    """Return this process's environment for a child that trains networks.

    glibc reads the settings when a process starts: they must be there before it does. What the
    user has set stays.
    """
    return {**KEEP_MEMORY, **os.environ}
