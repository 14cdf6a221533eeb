"""What is slow to import and hardly ever used is imported when it is used.

nbformat imports jsonschema, which imports ``rfc3987_syntax`` to be able to check addresses with
letters beyond ASCII; that builds a parser from its grammar, some two seconds of the processor in
each process that reads or writes a notebook. Nothing here has such addresses checked.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

#: The slow module, and what jsonschema takes from it.
SLOW, TAKEN = "rfc3987_syntax", "is_valid_syntax"


def put_off() -> None:
    """Let jsonschema be imported without the slow module; a check that needs it imports it then."""
    if SLOW in sys.modules or "jsonschema" in sys.modules:
        return
    standing = ModuleType(SLOW, "Stands for the module until something is checked with it.")

    def checked(term: str, value: str) -> bool:
        if sys.modules.get(SLOW) is standing:
            del sys.modules[SLOW]
        return bool(getattr(importlib.import_module(SLOW), TAKEN)(term=term, value=value))

    setattr(standing, TAKEN, checked)
    sys.modules[SLOW] = standing
