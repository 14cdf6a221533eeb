"""Numbers in Polish words, and what stands behind them: the form of a counted noun.

A noun that is counted has three forms. Which one it takes is decided by the number alone::

    1                                          singular                     tysiąc
    ends in 2, 3, 4, but not in 12, 13, 14     nominative plural            dwa tysiące
    anything else, also 21, 31, 101            genitive plural              pięć tysięcy

A single thousand is not counted: 1001 is "tysiąc jeden". In numerals only the number 1 itself takes
the singular, so that 21 000 is "dwadzieścia jeden tysięcy".

Source: Słownik języka polskiego PWN, the rules of spelling and inflection, https://sjp.pwn.pl.
"""

from __future__ import annotations

UNITS = ("jeden", "dwa", "trzy", "cztery", "pięć", "sześć", "siedem", "osiem", "dziewięć")
TEENS = (
    "dziesięć",
    "jedenaście",
    "dwanaście",
    "trzynaście",
    "czternaście",
    "piętnaście",
    "szesnaście",
    "siedemnaście",
    "osiemnaście",
    "dziewiętnaście",
)
TENS = (
    "dwadzieścia",
    "trzydzieści",
    "czterdzieści",
    "pięćdziesiąt",
    "sześćdziesiąt",
    "siedemdziesiąt",
    "osiemdziesiąt",
    "dziewięćdziesiąt",
)
HUNDREDS = (
    "sto",
    "dwieście",
    "trzysta",
    "czterysta",
    "pięćset",
    "sześćset",
    "siedemset",
    "osiemset",
    "dziewięćset",
)
#: The three forms of the thousand, in the order of ``form``.
THOUSAND = ("tysiąc", "tysiące", "tysięcy")
#: The largest number that has words here.
LARGEST = 999_999


def form(n: int) -> int:
    """Return which form a counted noun takes: 0 singular, 1 nominative or 2 genitive plural."""
    if n == 1:
        return 0
    return 1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2


def below_thousand(n: int) -> list[str]:
    """Return the words of a number from 0 to 999; zero has none."""
    words = [HUNDREDS[n // 100 - 1]] if n >= 100 else []
    tens, unit = divmod(n % 100, 10)
    if tens == 1:
        return [*words, TEENS[unit]]
    if tens:
        words.append(TENS[tens - 2])
    return [*words, UNITS[unit - 1]] if unit else words


def in_words(n: int) -> str:
    """Return a number in Polish words.

    Args:
        n: from 1 to 999 999.

    Raises:
        ValueError: the number has no words here.
    """
    if not 1 <= n <= LARGEST:
        raise ValueError(f"numbers from 1 to {LARGEST} have words here, not {n}")
    thousands, rest = divmod(n, 1000)
    words: list[str] = []
    if thousands:
        counted = [] if thousands == 1 else below_thousand(thousands)
        words = [*counted, THOUSAND[form(thousands)]]
    return " ".join(words + below_thousand(rest))
