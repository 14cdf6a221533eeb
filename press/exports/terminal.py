r"""Printed text as a terminal would show it at the end: progress bars, colours, links."""

from __future__ import annotations

import re

#: What means nothing on paper: colours, links (OSC 8), the cursor's look, character sets.
_CODES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC … BEL or ESC \
    r"|\x1b[()*+#%].|\x1b[=>78cDEHMNOZ]"
    r"|\x1bP.*?\x1b\\",
    re.DOTALL,
)
_CONTROL = re.compile(r"\x1b\[([0-?]*)([ -/]*[@-~])|([\r\b\n])|([^\x1b\r\b\n]+)|.", re.DOTALL)


def plain(text: str) -> str:
    r"""Return printed text in its last state, without empty lines at its end.

    A line that was written over (``\r``, ``\b``, ``ESC[2K``, the cursor moved up) is what it
    became; colours and other codes are left out.
    """
    text = text.replace("\r\n", "\n")
    if not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", text):
        return text.rstrip("\n")
    rows: list[list[str]] = [[]]
    row = column = 0
    erased: set[int] = set()  # rows to be emptied when something is written there
    for match in _CONTROL.finditer(_CODES.sub("", text)):
        count, final, move, written = match.groups()
        if written is not None:
            letters = [c for c in written if c == "\t" or (c >= " " and c != "\x7f")]
            line = rows[row]
            if row in erased:
                erased.remove(row)
                line.clear()
            line += [" "] * (column - len(line))
            line[column : column + len(letters)] = letters
            column += len(letters)
        elif move == "\n":
            row, column = row + 1, 0
            if row == len(rows):
                rows.append([])
        elif move == "\r":
            column = 0
        elif move == "\b":
            column = max(0, column - 1)
        elif final == "K" and count == "2":
            erased.add(row)
        elif final is not None:
            number = int(count) if count.isdigit() else 0
            row, column = _moved(rows, row, column, number, final)
    return "\n".join("".join(line).rstrip() for line in rows).rstrip("\n")


def _moved(
    rows: list[list[str]], row: int, column: int, number: int, final: str
) -> tuple[int, int]:
    """Obey a control sequence; return where the cursor is then."""
    many = max(1, number)
    if final == "K":
        if number == 0:
            del rows[row][column:]
        elif number == 1:
            rows[row][:column] = [" "] * min(column, len(rows[row]))
    elif final == "A":
        row = max(0, row - many)
    elif final == "B":
        while len(rows) <= row + many:
            rows.append([])
        row += many
    elif final == "C":
        column += many
    elif final == "D":
        column = max(0, column - many)
    elif final == "G":
        column = many - 1
    return row, column
