"""The course's colours, named for what they mean.

A colour never carries a meaning alone: a symbol, a label or a shape says the same. The role
colours stay apart for readers with deuteranopia, protanopia and tritanopia, and each of them is
dark enough to be a text colour on paper; ``tests/test_style.py`` measures both.
"""

from __future__ import annotations

# Page.
INK = "#1D2129"  #: text
MUTED = "#5B616B"  #: secondary text, axes
PAPER = "#FFFFFF"  #: background
PANEL = "#F5F5F2"  #: background of code
RULE = "#CCD0D5"  #: hairlines, grids
NAVY = "#16324F"  #: headings
LINK = "#0B57A4"  #: links, emphasis

# Roles, the same in every picture of the course.
FORGET = "#C44317"  #: forget gate, 1 - g: vermillion
INPUT = "#00785A"  #: input gate, g: green
OUTPUT = "#1565D8"  #: output gate: blue
STATE = "#553906"  #: the state's track: amber-brown
CANDIDATE = "#94347F"  #: candidate, new content: purple

# Light fills of the same roles, for surfaces under ink or role-coloured text.
FORGET_FILL = "#FBE3DA"
INPUT_FILL = "#D6EFE6"
OUTPUT_FILL = "#DCE8FB"
STATE_FILL = "#F3E3C3"
CANDIDATE_FILL = "#F4DFEE"

ROLES: dict[str, str] = {
    "forget": FORGET,
    "input": INPUT,
    "output": OUTPUT,
    "state": STATE,
    "candidate": CANDIDATE,
}
FILLS: dict[str, str] = {
    "forget": FORGET_FILL,
    "input": INPUT_FILL,
    "output": OUTPUT_FILL,
    "state": STATE_FILL,
    "candidate": CANDIDATE_FILL,
}

#: The order in which a plot's lines take their colours.
SERIES: tuple[str, ...] = (OUTPUT, FORGET, INPUT, CANDIDATE, STATE, MUTED)
