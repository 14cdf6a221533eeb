"""What reveal.js and its speaker view say, in the deck's language: they speak English only."""

from __future__ import annotations

#: In reveal.js and in its notes plugin: what stands there, and what it is in Polish.
POLISH: dict[str, dict[str, str]] = {
    "reveal.js": {
        "`next slide`": "`następny slajd`",
        "`previous slide`": "`poprzedni slajd`",
        '"above slide"': '"slajd wyżej"',
        '"below slide"': '"slajd niżej"',
        "`Jump to slide`": "`Idź do slajdu`",
        "`Next slide`": "`Następny slajd`",
        "`Previous slide`": "`Poprzedni slajd`",
        "`Navigate without fragments`": "`Bez kolejnych kroków slajdu`",
        "`Jump to first/last slide`": "`Pierwszy i ostatni slajd`",
        "`Pause`": "`Czarny ekran`",
        "`Fullscreen`": "`Pełny ekran`",
        "`Slide overview`": "`Przegląd slajdów`",
        "Keyboard Shortcuts": "Klawisze",
        "<th>KEY</th><th>ACTION</th>": "<th>KLAWISZ</th><th>DZIAŁANIE</th>",
        "Resume presentation": "Wróć do prezentacji",
    },
    "notes.js": {
        '<html lang="en">': '<html lang="pl">',
        "reveal.js - Speaker View": "Widok prowadzącego",
        "reveal.js - Notes": "Notatki",
        "Loading speaker view...": "Otwieram widok prowadzącego…",
        ">Upcoming<": ">Następny<",
        'Time <span class="reset-button">Click to Reset</span>': (
            'Czas <span class="reset-button">Kliknij, aby zacząć od zera</span>'
        ),
        "Pacing – Time to finish current slide": "Tempo: ile zostało na ten slajd",
        '<h4 class="label">Notes</h4>': '<h4 class="label">Notatki</h4>',
        "'Default'": "'Zwykły'",
        "'Wide'": "'Szeroki'",
        "'Tall'": "'Wysoki'",
        "'Notes only'": "'Same notatki'",
        "'Layout'": "'Układ'",
        "`Speaker notes view`": "`Widok prowadzącego`",
    },
}


def spoken(script: str, name: str, language: str) -> str:
    """Return a script of reveal.js with its words in a language.

    Args:
        script: the script's text.
        name: ``reveal.js`` or ``notes.js``.
        language: ``pl`` or ``en``.

    Raises:
        KeyError: there is no such script.
        ValueError: words that should be put into Polish are not there: reveal.js has changed.
    """
    words = POLISH[name]
    for old, new in words.items():
        if old not in script:
            raise ValueError(f"{name} does not say {old!r}: mend press/exports/interface.py")
        if language == "pl":
            script = script.replace(old, new)
    return script
