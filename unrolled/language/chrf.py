"""chrF: an F-score of character n-grams; a right stem with a wrong ending still counts.

::

    P    = mean over n of  matched n-grams / n-grams of the hypotheses       n = 1 … 6
    R    = mean over n of  matched n-grams / n-grams of the references
    chrF = 100 (1 + β²) P R / (β² P + R)                                     β = 2

With β = 2 recall weighs more than precision. White space is left out. Counts are summed over the
corpus first. Orders of which hypotheses or references have no n-gram are left out of the means.

Equal to sacreBLEU's, of signature ``nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no``.

Source: M. Popović (2015), chrF: character n-gram F-score for automatic MT evaluation, WMT, 392–395,
https://aclanthology.org/W15-3049.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from unrolled.language.bleu import check_corpus

#: The greatest n.
ORDER = 6
#: β: recall counts as β times as important as precision.
BETA = 2


@dataclass(frozen=True)
class Counts:
    """What chrF is computed from; the counts of a corpus are the sums of its sentences' counts.

    Attributes:
        matched: matched n-grams of each order, ORDER numbers.
        hypothesis: the hypotheses' n-grams of each order; a hypothesis' n-grams do not count
            where its reference has none of this order.
        reference: the references' n-grams of each order.
    """

    matched: tuple[int, ...] = (0,) * ORDER
    hypothesis: tuple[int, ...] = (0,) * ORDER
    reference: tuple[int, ...] = (0,) * ORDER

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            tuple(a + b for a, b in zip(self.matched, other.matched, strict=True)),
            tuple(a + b for a, b in zip(self.hypothesis, other.hypothesis, strict=True)),
            tuple(a + b for a, b in zip(self.reference, other.reference, strict=True)),
        )


def count(hypothesis: str, reference: str) -> Counts:
    """Return the counts of a sentence and its reference."""
    h, r = "".join(hypothesis.split()), "".join(reference.split())
    matched, of_hypothesis, of_reference = [], [], []
    for n in range(1, ORDER + 1):
        of_h, of_r = _n_grams(h, n), _n_grams(r, n)
        matched.append((of_h & of_r).total())
        of_hypothesis.append(of_h.total() if of_r else 0)
        of_reference.append(of_r.total())
    return Counts(tuple(matched), tuple(of_hypothesis), tuple(of_reference))


def chrf(counts: Counts) -> float:
    """Return chrF, 0 to 100, from counts, which for a bootstrap can be summed again and again."""
    precision = recall = 0.0
    orders = 0
    for matched, h, r in zip(counts.matched, counts.hypothesis, counts.reference, strict=True):
        if h and r:
            precision += matched / h
            recall += matched / r
            orders += 1
    if not precision + recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    return 100 * ((1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))


def sentence_chrf(hypothesis: str, reference: str) -> float:
    """Return chrF of one sentence.

    Args:
        hypothesis: the translation.
        reference: what it should be.
    """
    return chrf(count(hypothesis, reference))


def corpus_chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return chrF of a corpus.

    Args:
        hypotheses: the translations, a sentence each.
        references: one for each, in the same order.

    Raises:
        ValueError: there is no sentence, or not a reference for each.
    """
    check_corpus(hypotheses, references)
    return chrf(sum(map(count, hypotheses, references), start=Counts()))


def _n_grams(characters: str, n: int) -> Counter[str]:
    return Counter(characters[i : i + n] for i in range(len(characters) - n + 1))
