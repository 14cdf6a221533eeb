"""Byte-pair encoding: subwords learned from a text by joining the most frequent neighbours.

Every word begins as its characters and a sign that ends it. Then, as many times as one likes, the
pair of neighbours that is most frequent in the text becomes one token. A new word is cut by the
same merges in the same order; what was learned from frequent words serves the rare ones.

The sign that ends a word must not occur in one, or decoding would cut where the text did not. Words
are what stands between white space, so white space is the sign: no word can hold it, and the tokens
of a text, joined, are the text.

Sources: P. Gage (1994), A new algorithm for data compression, C Users Journal 12(2), 23–38;
R. Sennrich, B. Haddow, A. Birch (2016), Neural machine translation of rare words with subword
units, ACL, https://arxiv.org/abs/1508.07909.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

#: The sign that ends a word: no word cut at white space holds it.
END = " "
#: Tokens that no text gives; their numbers are their places here.
SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
PAD, UNKNOWN, START, STOP = range(4)
#: What stands for a character never seen, once it is decoded: U+FFFD, the replacement character.
LOST = "\N{REPLACEMENT CHARACTER}"

Pair = tuple[str, str]


def merge(tokens: Sequence[str], pair: Pair) -> list[str]:
    """Join each occurrence of a pair of neighbours, from the left."""
    out: list[str] = []
    for token in tokens:
        if out and (out[-1], token) == pair:
            out[-1] += token
        else:
            out.append(token)
    return out


def learn(words: Iterable[str], times: int, *, end: str = END) -> list[Pair]:
    """Learn byte-pair merges: each time the most frequent pair of neighbours is joined.

    Args:
        words: the training text; a pair counts as often as the words that hold it.
        times: how many merges; fewer if each word has become one token.
        end: the sign that ends a word.

    Returns:
        The pairs in the order in which they were joined. On a tie the pair met earlier wins.

    Raises:
        ValueError: a word holds the sign that ends one.
    """
    frequency = Counter(words)
    counts = list(frequency.values())
    pieces = [_characters(word, end) for word in frequency]
    # Counted once; after a merge only the words that held the pair are counted again.
    pairs: Counter[Pair] = Counter()
    holders: defaultdict[Pair, set[int]] = defaultdict(set)

    def count(word: int, sign: int) -> None:
        for pair in pairwise(pieces[word]):
            pairs[pair] += sign * counts[word]
            (holders[pair].add if sign > 0 else holders[pair].discard)(word)
            if not pairs[pair]:
                del pairs[pair], holders[pair]

    def met(pair: Pair) -> tuple[int, int]:
        word = min(holders[pair])
        return word, list(pairwise(pieces[word])).index(pair)

    for word in range(len(pieces)):
        count(word, +1)
    merges: list[Pair] = []
    while pairs and len(merges) < times:
        top = max(pairs.values())
        best = min((pair for pair, n in pairs.items() if n == top), key=met)
        merges.append(best)
        for word in sorted(holders[best]):
            count(word, -1)
            pieces[word] = merge(pieces[word], best)
            count(word, +1)
    return merges


def cut(word: str, merges: Iterable[Pair], *, end: str = END) -> list[str]:
    """Cut a word into tokens: the merges are applied in the order in which they were learned.

    Raises:
        ValueError: the word holds the sign that ends one.
    """
    tokens = _characters(word, end)
    for pair in merges:
        if pair[0] in tokens:  # most merges concern other words
            tokens = merge(tokens, pair)
    return tokens


@dataclass
class Subwords:
    """A vocabulary of subwords: from text to numbers and back.

    Attributes:
        merges: the pairs in the order in which they were learned.
        tokens: the token of each number: the special ones, then the characters in the order of
            their codes, then what each merge made.
    """

    merges: list[Pair]
    tokens: list[str]
    _numbers: dict[str, int] = field(init=False, repr=False)
    _known: dict[str, list[int]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        # A text may hold "<pad>" and a merge may make it: such a token has a number of its own.
        learned = self.tokens[len(SPECIAL) :]
        self._numbers = {token: i for i, token in enumerate(learned, start=len(SPECIAL))}

    @classmethod
    def learn(cls, text: str, times: int) -> Subwords:
        """Learn a vocabulary from a text.

        Args:
            text: words between white space.
            times: how many merges.

        Raises:
            ValueError: the text has no words.
        """
        words = text.split()
        if not words:
            raise ValueError("the text has no words: there is nothing to learn from")
        merges = learn(words, times)
        # dict.fromkeys, as two different pairs may make the same token.
        made = dict.fromkeys(a + b for a, b in merges)
        return cls(merges, [*SPECIAL, *sorted({END, *"".join(words)}), *made])

    def __len__(self) -> int:
        """Return V, how many tokens there are, the special ones included."""
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of a text's tokens; a character never seen becomes UNKNOWN.

        Neither START nor STOP is added.
        """
        out: list[int] = []
        for word in text.split():
            if word not in self._known:
                tokens = cut(word, self.merges)
                self._known[word] = [self._numbers.get(token, UNKNOWN) for token in tokens]
            out += self._known[word]
        return out

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of tokens' numbers, a single space between words.

        PAD, START and STOP are left out; UNKNOWN becomes LOST.

        Raises:
            ValueError: a number is not in the vocabulary.
        """
        out = []
        for number in numbers:
            if not 0 <= number < len(self):
                raise ValueError(f"there is no token {number}: they go from 0 to {len(self) - 1}")
            if number == UNKNOWN:
                out.append(LOST)
            elif number >= len(SPECIAL):
                out.append(self.tokens[number])
        return "".join(out).removesuffix(END)


def _characters(word: str, end: str) -> list[str]:
    if end in word:
        raise ValueError(f"the word {word!r} holds {end!r}, the sign that ends a word")
    return [*word, end]
