"""Small and full settings of a lab."""

from __future__ import annotations

from typing import TypeVar

Settings = TypeVar("Settings")


def scale(chosen: str, /, *, small: Settings, full: Settings) -> Settings:
    """Return the settings of the chosen scale.

    Args:
        chosen: ``"small"`` (bundled or generated data, seconds) or ``"full"`` (real data).
        small: what the small mode uses.
        full: what the full mode uses.

    Raises:
        ValueError: the scale is neither.
    """
    if chosen == "small":
        return small
    if chosen == "full":
        return full
    raise ValueError(
        f'SCALE must be "small" (bundled data, quick) or "full" (the real data set), '
        f"not {chosen!r}: change it in the notebook's first code cell"
    )
