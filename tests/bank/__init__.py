"""Answers that a check must reject and others that it must accept, lab by lab.

Each module holds ``BANK``: exercise → :class:`Answers`. They are written the way students write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answers:
    """Answers to one exercise, each with a name that says what is wrong or different about it."""

    wrong: Mapping[str, Any]
    right: Mapping[str, Any]
    blank: Callable[..., Any] | Any
