"""A claim and the tick that says it was checked: what a slide shows in place of its assertions."""

from __future__ import annotations

from typing import Any

from unrolled.messages import Language, Message, language, variants


class _Claim(Message):
    """A claim as prose: with formulas, where the reader's program can set them."""

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundles: dict[Language, dict[str, Any]] = {
            lang: {"text/plain": text, "text/markdown": text} for lang, text in self.texts.items()
        }
        return bundles[language()], variants(bundles)


def claim(*, pl: str, en: str) -> None:
    """Show a claim with a tick; it stands below the assertions that have just passed.

    Args:
        pl: the claim in Polish, Markdown on one line, formulas included.
        en: the same in English.
    """
    _Claim(pl=f"✓ {pl}", en=f"✓ {en}").show()
