"""What a notebook says to its reader, in the reader's language.

The code of both editions is one, so a message carries both texts. It is shown in the language of
the notebook that runs it; when the course is built, both texts travel with the output and each
edition keeps its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

Language = Literal["pl", "en"]
LANGUAGES: tuple[Language, ...] = ("pl", "en")

#: Key of the output metadata under which both languages' variants travel to the build.
METADATA_KEY = "unrolled"


def language() -> Language:
    """Return the language of the running notebook.

    The environment variable ``UNROLLED_LANGUAGE`` wins; then a folder ``pl`` or ``en`` on the
    path of the working directory (the kernel of ``labs/pl/03_airline.ipynb`` starts in
    ``labs/pl``); then English.

    Raises:
        ValueError: ``UNROLLED_LANGUAGE`` is neither ``pl`` nor ``en``.
    """
    chosen = os.environ.get("UNROLLED_LANGUAGE")
    if chosen:
        if chosen not in LANGUAGES:
            raise ValueError(f"UNROLLED_LANGUAGE must be 'pl' or 'en', not {chosen!r}")
        return chosen  # type: ignore[return-value]
    for part in reversed(Path.cwd().parts):
        if part in LANGUAGES:
            return part  # type: ignore[return-value]
    return "en"


def building() -> bool:
    """Whether the course is being built, so that outputs must carry both languages."""
    return os.environ.get("UNROLLED_BUILD") == "1"


def variants(bundles: dict[Language, dict[str, Any]]) -> dict[str, Any]:
    """Return the output metadata that carries each language's MIME bundle to the build."""
    return {METADATA_KEY: {"variants": bundles}} if building() else {}


class Message:
    """A text in both languages that displays itself in the notebook's.

    Args:
        pl: the Polish text.
        en: the English text.
    """

    def __init__(self, *, pl: str, en: str) -> None:
        self.texts: dict[Language, str] = {"pl": pl, "en": en}

    def __str__(self) -> str:
        return self.texts[language()]

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundles = {lang: self.bundle(lang) for lang in self.texts}
        return bundles[language()], variants(bundles)

    def bundle(self, lang: Language) -> dict[str, Any]:
        """Return what a notebook displays in a language, by MIME type."""
        return {"text/plain": self.texts[lang]}

    def show(self) -> None:
        """Display the message below the running cell (print it outside a notebook)."""
        try:
            from IPython import get_ipython
            from IPython.display import display
        except ImportError:
            print(self)
            return
        if get_ipython() is None:
            print(self)
        else:
            display(self)


_failures: list[Exception] = []


def fail_cell(error: Exception) -> None:
    """Make the running cell fail with an error that was raised while something was displayed.

    IPython prints such an error and goes on as if the cell had succeeded; a build must stop.
    Outside a notebook nothing happens.
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None:
        return
    _failures.append(error)
    if _report_failure not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _report_failure)


def _report_failure(result: Any) -> None:
    """Put the first failure into the result of the cell that has just run."""
    if _failures and result.error_in_exec is None:
        result.error_in_exec = _failures[0]
    _failures.clear()
