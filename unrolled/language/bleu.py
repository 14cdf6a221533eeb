"""BLEU (Bilingual Evaluation Understudy): how many of a translation's n-grams its reference has.

::

    p_n  = matched n-grams / n-grams of the hypotheses       n = 1 … 4
    BP   = exp(1 - r/c) if c < r, else 1                     c, r: tokens of hypotheses, references
    BLEU = 100 BP (p_1 p_2 p_3 p_4)^(1/4)

An n-gram is matched at most as often as it stands in the reference of its own sentence. Matches,
n-grams and lengths are summed over the corpus first: BLEU is not a mean over sentences.

Smoothing "exp": the k-th order that has no match counts as 1/2^k of a match, so that one order
without a match does not make all zero. Without any match at all BLEU is zero.

Equal to sacreBLEU's, of signature ``nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp`` (for a single
sentence ``eff:yes``).

Sources: K. Papineni, S. Roukos, T. Ward, W.-J. Zhu (2002), BLEU: a method for automatic evaluation
of machine translation, ACL, 311–318, https://aclanthology.org/P02-1040; B. Chen, C. Cherry (2014),
A systematic comparison of smoothing techniques for sentence-level BLEU, WMT, 362–367 (there
"smoothing 3"); M. Post (2018), A call for clarity in reporting BLEU scores, WMT, 186–191,
https://arxiv.org/abs/1804.08771.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: The greatest n.
ORDER = 4
Smoothing = Literal["exp", "none"]

_ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
_RULES = [
    # ASCII's signs stand alone, but for the apostrophe, the hyphen, the full stop and the comma …
    (re.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),
    # … a full stop or comma where no digit stands before it, or none after it: 3.14 is one token …
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    # … and a hyphen after a digit.
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
]


@dataclass(frozen=True)
class Counts:
    """What BLEU is computed from; the counts of a corpus are the sums of its sentences' counts.

    Attributes:
        matched: matched n-grams of each order, ORDER numbers.
        total: the hypotheses' n-grams of each order.
        hypothesis: c, the hypotheses' tokens.
        reference: r, the references' tokens.
    """

    matched: tuple[int, ...] = (0,) * ORDER
    total: tuple[int, ...] = (0,) * ORDER
    hypothesis: int = 0
    reference: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            tuple(a + b for a, b in zip(self.matched, other.matched, strict=True)),
            tuple(a + b for a, b in zip(self.total, other.total, strict=True)),
            self.hypothesis + other.hypothesis,
            self.reference + other.reference,
        )


@dataclass(frozen=True)
class Bleu:
    """BLEU and its parts; printed, it is sacreBLEU's line.

    Attributes:
        score: BLEU, 0 to 100.
        precisions: p_1 … p_4 in per cent, after smoothing.
        brevity_penalty: BP.
        counts: what it was computed from.
    """

    score: float
    precisions: tuple[float, ...]
    brevity_penalty: float
    counts: Counts

    def __str__(self) -> str:
        c, r = self.counts.hypothesis, self.counts.reference
        return (
            f"BLEU = {self.score:.2f} {'/'.join(f'{p:.1f}' for p in self.precisions)} "
            f"(BP = {self.brevity_penalty:.3f} ratio = {c / r if r else 0:.3f} "
            f"hyp_len = {c} ref_len = {r})"
        )


def tokenize_13a(line: str) -> list[str]:
    """Cut a line into words and signs, as WMT's mteval-v13a does.

    The rules know ASCII's signs alone: „ and ” stay with their words.
    """
    line = line.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, sign in _ENTITIES.items():
        line = line.replace(entity, sign)
    line = f" {line} "
    for rule, apart in _RULES:
        line = rule.sub(apart, line)
    return line.split()


def count(hypothesis: str, reference: str) -> Counts:
    """Return the counts of a sentence and its reference."""
    h, r = tokenize_13a(hypothesis), tokenize_13a(reference)
    matched, total = [], []
    for n in range(1, ORDER + 1):
        of_h, of_r = _n_grams(h, n), _n_grams(r, n)
        matched.append((of_h & of_r).total())  # & takes the smaller count of each
        total.append(of_h.total())
    return Counts(tuple(matched), tuple(total), len(h), len(r))


def bleu(counts: Counts, *, smoothing: Smoothing = "exp", effective_order: bool = False) -> Bleu:
    """Return BLEU from counts, which for a bootstrap can be summed again and again.

    Args:
        counts: of a sentence, or the sum of a corpus.
        smoothing: "exp" or "none".
        effective_order: leave out the orders of which a short hypothesis has no n-gram at all;
            otherwise such a hypothesis has BLEU zero.

    Raises:
        ValueError: the smoothing is not known.
    """
    if smoothing not in ("exp", "none"):
        raise ValueError(f"smoothing must be 'exp' or 'none', not {smoothing!r}")
    c, r = counts.hypothesis, counts.reference
    penalty = 1.0
    if c < r:
        penalty = math.exp(1 - r / c) if c else 0.0
    precisions = [0.0] * ORDER
    if not any(counts.matched):
        return Bleu(0.0, tuple(precisions), penalty, counts)

    order, without = ORDER, 0
    for n, (matched, total) in enumerate(zip(counts.matched, counts.total, strict=True), start=1):
        if not total:
            break  # the hypotheses are shorter than n: so they are than all greater n
        if effective_order:
            order = n
        if matched:
            precisions[n - 1] = 100 * matched / total
        elif smoothing == "exp":
            without += 1
            precisions[n - 1] = 100 / (2**without * total)
    kept = precisions[:order]
    score = penalty * math.exp(sum(map(math.log, kept)) / order) if all(kept) else 0.0
    return Bleu(score, tuple(precisions), penalty, counts)


def sentence_bleu(hypothesis: str, reference: str, *, smoothing: Smoothing = "exp") -> Bleu:
    """Return BLEU of one sentence, over the orders of which it has n-grams.

    Args:
        hypothesis: the translation.
        reference: what it should be.
        smoothing: "exp" or "none".
    """
    return bleu(count(hypothesis, reference), smoothing=smoothing, effective_order=True)


def corpus_bleu(
    hypotheses: Sequence[str], references: Sequence[str], *, smoothing: Smoothing = "exp"
) -> Bleu:
    """Return BLEU of a corpus.

    Args:
        hypotheses: the translations, a sentence each.
        references: one for each, in the same order.
        smoothing: "exp" or "none".

    Raises:
        ValueError: there is no sentence, or not a reference for each.
    """
    check_corpus(hypotheses, references)
    counts = map(count, hypotheses, references)
    return bleu(sum(counts, start=Counts()), smoothing=smoothing)


def check_corpus(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    """Check that there is a reference for each hypothesis.

    Raises:
        ValueError: there is not, there is no sentence, or one string stands for a list.
    """
    if isinstance(hypotheses, str) or isinstance(references, str):
        raise ValueError("hypotheses and references must be lists of sentences, not one string")
    if not len(hypotheses) == len(references) > 0:
        raise ValueError(
            "there must be a reference for each hypothesis and at least one of them, "
            f"not {len(references)} for {len(hypotheses)}"
        )


def _n_grams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
