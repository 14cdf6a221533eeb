"""Drawing forecasts: the test part of a series, and intervals as a fan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from unrolled import palette


def mark_test(ax: Axes, month: np.ndarray, n_test: int) -> None:
    """Shade the test part of a series and name both parts.

    Args:
        ax: axes whose limits are final.
        month: months of the whole series, datetime64[M], of shape (time,).
        n_test: how many of the last months are the test part.
    """
    begin = month[-n_test]
    low, high = ax.get_ylim()
    ax.axvspan(begin, month[-1], color=palette.PANEL, zorder=0)
    ax.axvline(begin, color=palette.MUTED, lw=1.2, ls=":")
    ax.annotate(
        "training set",
        (begin, high),
        xytext=(-6, -4),
        textcoords="offset points",
        ha="right",
        va="top",
        color=palette.MUTED,
    )
    ax.annotate(
        "test set",
        (begin, high),
        xytext=(6, -4),
        textcoords="offset points",
        va="top",
        color=palette.MUTED,
    )
    ax.set_ylim(low, high)


def plot_fan(
    ax: Axes,
    month: np.ndarray,
    paths: np.ndarray,
    *,
    levels: Sequence[float] = (0.8, 0.5),
    color: str = palette.OUTPUT,
) -> None:
    """Draw forecast paths as nested intervals around their median.

    Args:
        ax: where to draw.
        month: the months that are forecast, of shape (horizon,).
        paths: possible futures, of shape (paths, horizon).
        levels: shares of the paths that the intervals hold, the widest first.
        color: colour of the median; the intervals are its lighter tints.
    """
    for i, level in enumerate(levels):
        low, high = np.quantile(paths, ((1 - level) / 2, (1 + level) / 2), axis=0)  # (horizon,)
        label = f"{level:.0%} of paths"
        ax.fill_between(month, low, high, color=color, alpha=0.16 + 0.16 * i, lw=0, label=label)
    ax.plot(month, np.median(paths, axis=0), color=color, label="median forecast")
