"""From sources to executed notebooks, and what of them still holds."""
