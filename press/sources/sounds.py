"""The sounds that a notebook plays with ``IPython.display.Audio``."""

from __future__ import annotations

import re

_AUDIO = re.compile(
    r'<audio\s+controls="controls"\s*>\s*'
    r'<source src="data:audio/wav;base64,([\w+/=]+)" type="audio/wav" />\s*'
    r"Your browser does not support the audio element\.\s*</audio>"
)


def wav(html: str) -> str | None:
    """Return the WAV file (base64) that an HTML text plays, or None if it does anything else."""
    found = _AUDIO.fullmatch(html.strip())
    return found[1] if found else None
