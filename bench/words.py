"""Measuring lab 12's skip-gram for long texts against gensim's: words per second, and scores.

``pip install -e .[bench]``, then ``python -m bench.words`` prints a Markdown table, writes
``bench/words.json`` and puts the table into ``bench/RESULTS.md``. Both train on the same words of
IMDB's reviews, with as many numbers in a vector, the same window, noise and epochs, on as many
threads; each keeps the rest of its own settings. They take turns, so that whatever else the machine
does falls on both. PPMI with an SVD, from the same text, stands beside them. Scores are Spearman's
correlations with people's judgements; the two are compared on the same pairs of words. Times are
for comparing within one run, on one machine; nothing asserts them.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from press.arguments import positive
from press.notebooks.readme import put
from unrolled.data import imdb, word_similarity
from unrolled.lessons import large_text

RESULTS = Path(__file__).resolve().parent / "words.json"
OURS, PEER, COUNTED = "lab 12's skip-gram", "gensim's skip-gram", "PPMI and SVD"
SETS = {"wordsim": "WordSim-353", "simlex": "SimLex-999"}
SIZE, WINDOW, NOISE, EPOCHS = 100, 5, 5, 3
KEPT = 1e-4  # the threshold of thinning
LEAST = 20  # how often a word must occur

#: Pairs of words by their numbers, (pairs, 2), and people's judgements, (pairs,).
Judged = tuple[np.ndarray, np.ndarray]


def cosines(E: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of rows.

    Args:
        E: words' vectors, (V, m).
        pairs: numbers of rows, (pairs, 2).
    """
    length = np.linalg.norm(E, axis=1, keepdims=True)
    U = E / np.where(length > 0, length, 1)  # a word may have lost all its neighbours
    return (U[pairs[:, 0]] * U[pairs[:, 1]]).sum(axis=1)


def difference(
    ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray], judged: Judged, rounds: int = 1000
) -> tuple[float, float]:
    """Return the 95% bootstrap interval, over pairs of words, of how far our correlation is ahead.

    Args:
        ours: the vectors of each turn, (V, m).
        theirs: the peer's, from the same turns.
        judged: the pairs and the judgements.
        rounds: how many resamples.
    """
    pairs, human = judged
    both = [(cosines(a, pairs), cosines(b, pairs)) for a, b in zip(ours, theirs, strict=True)]
    rng, ahead = np.random.default_rng(0), []
    for _ in range(rounds):
        i = rng.integers(len(human), size=len(human))
        rho = [[spearmanr(x[i], human[i]).statistic for x in turn] for turn in both]
        ahead.append(np.mean([a - b for a, b in rho]))
    low, high = np.percentile(ahead, [2.5, 97.5])
    return float(low), float(high)


def by_gensim(texts: Sequence[Sequence[str]], words: Sequence[str], seed: int, threads: int) -> Any:
    """Return what trains gensim's skip-gram on these words: a function without arguments.

    Args:
        texts: each the words of a review, in order, of the vocabulary alone.
        words: the vocabulary, in the order of the rows that are wanted.
        seed: of the vectors, of the order and of the noise.
        threads: how many.
    """
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=SIZE,
        window=WINDOW,
        negative=NOISE,
        sample=KEPT,
        min_count=1,
        sg=1,
        workers=threads,
        seed=seed,
    )
    model.build_vocab(texts)

    def train() -> np.ndarray:
        model.train(texts, total_examples=len(texts), epochs=EPOCHS)
        return np.stack([model.wv[word] for word in words])

    return train


def seconds(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return how long some work takes, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def measure(reviews: int, turns: int, threads: int) -> dict[str, Any]:
    """Train all three and judge them.

    Args:
        reviews: how many of the 50,000.
        turns: how often the two that draw are trained, each time from another seed.
        threads: how many each may use.
    """
    torch.set_num_threads(threads)
    opinions = imdb()
    texts = (opinions.train + opinions.test)[:: 50_000 // reviews]
    words, counts, stream = large_text.stream(texts, LEAST)
    cuts = np.split(stream, np.flatnonzero(stream == large_text.STOP))
    lists = [[words[i] for i in part if i != large_text.STOP] for part in cuts]
    kept = np.minimum(1, np.sqrt(KEPT / (counts / counts.sum())))
    less = large_text.thin(stream, kept, np.random.default_rng(0))

    found: dict[str, list[tuple[float, np.ndarray]]] = {OURS: [], PEER: []}
    shape = {"m": SIZE, "window": WINDOW}
    found[COUNTED] = [seconds(lambda: large_text.ppmi_svd(less, len(words), **shape))]
    for turn in range(turns):
        ours = partial(large_text.skip_gram, stream, counts, kept, negative=NOISE, epochs=EPOCHS)
        found[OURS].append(seconds(partial(ours, seed=turn, **shape)))
        found[PEER].append(seconds(by_gensim(lists, words, turn + 1, threads)))

    number = {word: i for i, word in enumerate(words)}
    judged: dict[str, Judged] = {}
    for name in SETS:
        rows = [(a, b, j) for a, b, j in word_similarity(name) if a in number and b in number]
        pairs = np.array([(number[a], number[b]) for a, b, _ in rows])
        judged[name] = pairs, np.array([j for *_, j in rows])
    seen = float(counts.sum() * EPOCHS)
    times = [[taken for taken, _ in found[method]] for method in (OURS, PEER)]
    vectors = {method: [E for _, E in runs] for method, runs in found.items()}
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "setting": {
            "reviews": len(texts),
            "words": int(counts.sum()),
            "vocabulary": len(words),
            "size": SIZE,
            "epochs": EPOCHS,
            "threads": threads,
            "turns": turns,
        },
        "methods": {
            method: {
                "seconds": round(statistics.median(s for s, _ in runs), 1),
                "words a second": None
                if method == COUNTED
                else round(seen / statistics.median(s for s, _ in runs)),
            }
            | {
                name: round(
                    statistics.median(
                        float(spearmanr(cosines(E, pairs), human).statistic) for _, E in runs
                    ),
                    3,
                )
                for name, (pairs, human) in judged.items()
            }
            for method, runs in found.items()
        },
        "speed": round(statistics.median(b / a for a, b in zip(*times, strict=True)), 2),
        "ahead": {
            name: [round(x, 3) for x in difference(vectors[OURS], vectors[PEER], judged[name])]
            for name in SETS
        },
        "pairs": {name: len(judged[name][1]) for name in SETS},
    }


def table(results: dict[str, Any]) -> str:
    """Return the results as a Markdown table and the lines that read it."""
    s, pairs = results["setting"], results["pairs"]
    heads = [f"{title} ({pairs[name]} pairs)" for name, title in SETS.items()]
    lines = [
        "| method | seconds | words a second | " + " | ".join(heads) + " |",
        "|---|" + "--:|" * (2 + len(heads)),
    ]
    for method, row in results["methods"].items():
        speed = "–" if row["words a second"] is None else f"{row['words a second']:,}"
        scores = " | ".join(f"{row[name]:.3f}" for name in SETS)
        lines.append(f"| {method} | {row['seconds']:.1f} | {speed} | {scores} |")
    ahead = "; ".join(
        f"{title}: {low:+.3f} to {high:+.3f}"
        for (low, high), title in zip(results["ahead"].values(), SETS.values(), strict=True)
    )
    lines += [
        "",
        f"{s['reviews']:,} reviews, {s['words']:,} words of a vocabulary of {s['vocabulary']:,}, "
        f"{s['epochs']} epochs, {s['size']} numbers in a vector, threads: {s['threads']}. "
        f"Medians of {s['turns']} turns; turn by turn, ours has {results['speed']:.2f} of gensim's "
        "speed.",
        f"How far ours is ahead of gensim's, 95% bootstrap intervals over pairs: {ahead}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=positive, default=10_000)
    parser.add_argument("--turns", type=positive, default=3)
    parser.add_argument("--threads", type=positive, default=2)
    args = parser.parse_args()
    results = measure(args.reviews, args.turns, args.threads)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    put(RESULTS.parent / "RESULTS.md", "words", table(results))
    print(table(results))


if __name__ == "__main__":
    main()
