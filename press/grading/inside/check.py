"""Stands in the sandbox where ``unrolled/check.py`` stands elsewhere: it judges nothing.

No reference is here. A right answer is handed on as the notebook's check does it, with its results
in the types that the cells below were written for; a wrong one is replaced once it has been graded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from unrolled.mold import Mold, molded

#: Reference implementations of exercises whose hidden cases have been run already.
known: dict[str, Any] = {}


def check(name: str, answer: Any) -> Any:
    """Return the reference once the exercise has been graded wrong, until then the answer."""
    if name in known:
        return known[name]
    form = _molds().get(name)
    return molded(answer, form) if callable(answer) and form is not None else answer


def _molds() -> dict[str, Mold]:
    """Return what each exercise's reference returns, without its values."""
    text = Path(__file__).with_name("molds.json").read_text(encoding="utf-8")
    molds: dict[str, Mold] = json.loads(text)
    return molds
