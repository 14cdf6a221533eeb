"""The style sheet with which RISE shows lectures live, so that they look like the exported decks.

RISE loads one file, ``rise.css``, from the notebook's folder, so the fonts must be inside:
``press/static/rise.css`` is made of ``rise.rules.css`` and the fonts
by ``python -m press.exports.rise``.
"""

from __future__ import annotations

import base64

from press import STATIC
from press.exports import fonts
from press.exports.deck import minified, motif, static

#: The style sheet that is copied beside the lectures.
TARGET = STATIC / "rise.css"

_TEXT = fonts.LATIN + fonts.POLISH + fonts.PUNCTUATION
#: The faces of the live view and their characters: whatever a lecturer may type.
FACES = {
    fonts.SANS: fonts.COMMON,
    fonts.SANS_BOLD: _TEXT,
    fonts.SANS_ITALIC: _TEXT,
    fonts.SERIF_BOLD: _TEXT,
    fonts.CODE: fonts.COMMON + "─│┌┐└┘├┤┬┴┼█▁▂▃▄▅▆▇✓✗",
    fonts.CODE_BOLD: fonts.LATIN + fonts.POLISH,
}


def rules() -> str:
    """Return the style sheet without its fonts."""
    return minified(static("rise.rules.css")) + "\n" + motif_rule("")


def motif_rule(number: str) -> str:
    """Return the rule for a title slide's chain with one step lit.

    RISE loads ``03_gates.css`` beside ``03_gates.ipynb`` after ``rise.css``: the rule goes there.

    Args:
        number: the lecture's number, as ``03``; empty: no step is lit.
    """
    ornament = base64.b64encode(motif("lecture", number).encode()).decode("ascii")
    return f"body.rise-enabled{{--motif:url(data:image/svg+xml;base64,{ornament})}}\n"


def style_sheet() -> str:
    """Return the style sheet with the fonts that it names."""
    faces = (fonts.font_face(face, text) for face, text in FACES.items())
    return rules() + "\n".join(faces) + "\n"


if __name__ == "__main__":
    TARGET.write_text(style_sheet(), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB")
