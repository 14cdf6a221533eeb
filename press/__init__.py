"""The press: turns sources into notebooks, decks, pages, PDFs, a site, and grades.

Four rooms, whose arrows go one way: ``sources`` → ``notebooks`` → ``exports`` → ``grading``.
"""

from pathlib import Path

from press import quick

#: The root of the repository.
HOUSE = Path(__file__).resolve().parent.parent
#: Style sheets, scripts and what was vendored; templates.
STATIC = HOUSE / "press" / "static"
TEMPLATES = HOUSE / "press" / "templates"

quick.put_off()
