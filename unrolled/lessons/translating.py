"""What a translation needs besides its network: a fair split, batches, training, errors sorted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unrolled.language.bleu import tokenize_13a
from unrolled.language.subwords import PAD, SPECIAL, START, STOP, UNKNOWN
from unrolled.progress import progress

Pair = tuple[str, str]


@dataclass
class Words:
    """A vocabulary of whole words, with the methods of ``Subwords``.

    Attributes:
        tokens: the word of each number, the special ones first.
    """

    tokens: list[str]
    _numbers: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._numbers = {token: i for i, token in enumerate(self.tokens)}

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Words:
        """Collect the words of texts, in alphabetical order."""
        return cls([*SPECIAL, *sorted({word for text in texts for word in text.split()})])

    def __len__(self) -> int:
        """Return V, how many tokens there are, the special ones included."""
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of a text's words; a word never seen becomes UNKNOWN."""
        return [self._numbers.get(word, UNKNOWN) for word in text.split()]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text; PAD, START and STOP are left out."""
        return " ".join(self.tokens[n] for n in numbers if n not in (PAD, START, STOP))


def split(
    pairs: Sequence[Pair], rng: np.random.Generator, *, test: int, valid: int
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Split pairs so that no sentence stands in two parts, on either side.

    A sentence may have several translations, and these again. All pairs that hang together in this
    way go into one part; case does not count. Of each such group a test or validation set takes one
    pair, so that its sentences are drawn independently.

    Args:
        pairs: sentences and their translations.
        rng: draws the groups, and a pair of each.
        test: how many groups go into the test set.
        valid: how many go into the validation set.

    Returns:
        Training, validation and test pairs.

    Raises:
        ValueError: there are too few groups.
    """
    parent: dict[tuple[int, str], tuple[int, str]] = {}

    def root(sentence: tuple[int, str]) -> tuple[int, str]:
        while (above := parent.setdefault(sentence, sentence)) != sentence:
            parent[sentence] = parent[above]
            sentence = above
        return sentence

    for one, other in pairs:
        parent[root((0, one.casefold()))] = root((1, other.casefold()))
    grouped: defaultdict[tuple[int, str], list[Pair]] = defaultdict(list)
    for pair in dict.fromkeys(pairs):
        grouped[root((0, pair[0].casefold()))].append(pair)
    groups = list(grouped.values())
    if len(groups) <= test + valid:
        raise ValueError(f"{len(groups)} groups are too few for a test of {test} and {valid} more")
    order = rng.permutation(len(groups))
    drawn = [groups[i][rng.integers(len(groups[i]))] for i in order[: test + valid]]
    rest = [pair for i in order[test + valid :] for pair in groups[i]]
    return rest, drawn[test:], drawn[:test]


def same_length(
    sources: Sequence[Sequence[int]], rng: np.random.Generator, size: int
) -> Iterator[list[int]]:
    """Yield batches, as places in ``sources``, whose sources are equally long: none is padded.

    Args:
        sources: the tokens of each source.
        rng: shuffles the sources of a length, and the batches.
        size: the most that a batch may hold.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for i in rng.permutation(len(sources)):
        places[len(sources[i])].append(int(i))
    batches = [
        own[start : start + size]
        for _, own in sorted(places.items())
        for start in range(0, len(own), size)
    ]
    for i in rng.permutation(len(batches)):
        yield batches[i]


def fit(
    model: Any,
    loss: Callable[..., Any],
    batches: Sequence[tuple[Any, ...]],
    *,
    rate: float,
    label: str = "training in PyTorch",
) -> list[float]:
    """Train a PyTorch model: Adam, gradients clipped to norm 1, a rate that rises and falls.

    The rate climbs linearly from zero over the first tenth of the steps and falls back linearly.

    Args:
        model: the module; afterwards it is set to evaluation.
        loss: from the model and a batch's parts to a scalar.
        batches: all batches, epoch after epoch.
        rate: the greatest learning rate.
        label: what the progress bar says.

    Returns:
        The loss at each step.
    """
    import torch

    adam = torch.optim.Adam(model.parameters(), rate)
    model.train()
    losses = []
    for step, batch in enumerate(progress(batches, label)):
        adam.param_groups[0]["lr"] = rate * triangle(step, len(batches))
        value = loss(model, *batch)
        adam.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        losses.append(value.item())
    model.eval()
    return losses


def triangle(step: int, steps: int) -> float:
    """Return the share of the greatest rate at a step: up over a tenth, then down."""
    top = max(steps // 10, 1)
    return (step + 1) / top if step < top else (steps - step) / (steps - top + 1)


#: What can be wrong with a reference's word that a translation lacks.
KINDS = ("number", "name", "inflection", "order", "other word")


def sort_error(hypothesis: str, reference: str, numbers: Iterable[str] = ()) -> str | None:
    """Return the kind of a translation's first error, of ``KINDS``; None if there is none.

    A rule of thumb over words: of the words that the reference has and the translation lacks, a
    number word or digits make it "number", a capital inside the sentence "name", a common beginning
    with a word that the translation has instead "inflection"; else it is "other word". The same
    words in another order are "order". The kinds are tried in this order.

    Args:
        hypothesis: the translation.
        reference: what it should be.
        numbers: words that are numbers.
    """
    ours, theirs = tokenize_13a(hypothesis), tokenize_13a(reference)
    if ours == theirs:
        return None
    numbers = {word.casefold() for word in numbers}
    names = {word for word in theirs[1:] if word[0].isupper() and word != "I"}
    missing = Counter(theirs) - Counter(ours)
    extra = Counter(ours) - Counter(theirs)
    if any(word.casefold() in numbers or word.isdigit() for word in [*missing, *extra]):
        return "number"
    if any(word in names for word in missing):
        return "name"
    if any(related(word, other) for word in missing for other in extra):
        return "inflection"
    return "other word" if missing or extra else "order"


def related(one: str, other: str) -> bool:
    """Whether two words begin alike: in three letters at least, and in half of the longer one."""
    one, other = one.casefold(), other.casefold()
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one != other and same >= max(3, max(len(one), len(other)) / 2)
