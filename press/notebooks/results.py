"""The tables that are made from the results of full runs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

#: The figures that a visitor wants: lab, what distinguishes the row, column, what it says.
FEW: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    (
        "01_addition",
        {"model": "RNN in NumPy"},
        "sums right, 64 bits",
        "64-bit sums right, trained on 7",
    ),
    ("02_sine", {"model": "LSTM(8)"}, "multiple of the floor", "error over the noise floor"),
    (
        "02_sine",
        {"model": "best linear weights"},
        "multiple of the floor",
        "error over the noise floor",
    ),
    ("03_airline", {"model": "SARIMA"}, "RMSE", "RMSE, thousand passengers"),
    (
        "03_airline",
        {"model": "LSTM(8) corrects last year × growth"},
        "RMSE",
        "RMSE, thousand passengers",
    ),
    (
        "04_memory",
        {"task": "adding problem", "T": 400, "model": "LSTM, biases ±log T"},
        "most sequences",
        "sequences to solve adding, T = 400",
    ),
    (
        "05_characters",
        {"text": "Shakespeare", "model": "LSTM"},
        "nats per character",
        "nats a character, tiny-shakespeare",
    ),
    (
        "05_characters",
        {"text": "Pan Tadeusz", "model": "LSTM"},
        "nats per character",
        "Pan Tadeusz",
    ),
    (
        "06_sentiment",
        {"model": "tf-idf, up to 2 words", "language": None},
        "accuracy on IMDB",
        "reviews of IMDB judged rightly",
    ),
    (
        "06_sentiment",
        {"model": "BiLSTM"},
        "accuracy on IMDB",
        "reviews of IMDB judged rightly",
    ),
    (
        "06_sentiment",
        {"model": "BiLSTM, mean of three"},
        "accuracy on IMDB",
        "reviews of IMDB judged rightly",
    ),
    ("07_diacritics", {"model": "most frequent form"}, "words right", "words right"),
    ("07_diacritics", {"model": "BiLSTM, PyTorch"}, "words right", "words right"),
    (
        "08_digits",
        {"model": "race: the sources'"},
        "CPU seconds",
        "CPU seconds to 99.10% on MNIST",
    ),
    (
        "08_digits",
        {"model": "race: sprint", "library": "PyTorch"},
        "CPU seconds",
        "CPU seconds to 99.18% on MNIST",
    ),
    ("08_digits", {"model": "twice as long"}, "accuracy", "digits of MNIST read rightly"),
    ("09_frames", {"model": "soft copy"}, "loss", "loss of the next frame, 40×40"),
    ("09_frames", {"model": "two layers"}, "loss", "loss of the next frame, 40×40"),
    ("10_weather", {"forecast": "naive"}, "MAE, °C", "°C off, a day ahead, Jena"),
    ("10_weather", {"forecast": "GRU, season added"}, "MAE, °C", "°C off, a day ahead, Jena"),
    (
        "11_autoencoders",
        {"measure": "MSE, k = 8", "model": "PCA"},
        "result",
        "squared error a pixel of MNIST, 8 numbers an image",
    ),
    (
        "11_autoencoders",
        {"measure": "MSE, k = 8", "model": "autoencoder"},
        "result",
        "squared error a pixel of MNIST, 8 numbers an image",
    ),
    (
        "12_word2vec",
        {"set": "wordsim", "method": "PPMI and SVD"},
        "Spearman",
        "WordSim-353, from IMDB's text",
    ),
    (
        "12_word2vec",
        {"set": "wordsim", "method": "skip-gram"},
        "Spearman",
        "WordSim-353, from IMDB's text",
    ),
    (
        "13_translation",
        {"direction": "pl → en", "method": "translation memory"},
        "BLEU",
        "BLEU into English, Tatoeba",
    ),
    (
        "13_translation",
        {"direction": "pl → en", "method": "beam 4"},
        "BLEU",
        "BLEU into English, Tatoeba",
    ),
)


def few(results: dict[str, Any]) -> str:
    """Return the README's table: a figure or two of each lab; the rest is in bench/RESULTS.md.

    Raises:
        KeyError: the results lack a row or a column that the table shows.
    """
    lines = ["| lab | model | what | at full scale |", "|---|---|---|---:|"]
    for lab, where, column, what in FEW:
        if lab not in results:
            continue
        rows = [r for r in results[lab]["rows"] if all(r.get(k) == v for k, v in where.items())]
        if not rows or column not in rows[0]:
            raise KeyError(f"{lab} has no {column!r} for {where}")
        shown = _shown([row[column] for row in rows])[0]
        model = where.get("model") or where.get("method") or where["forecast"]
        lines.append(f"| {lab} | {model} | {what} | {shown} |")
    return "\n".join(lines)


def table(results: dict[str, Any]) -> str:
    """Return the tables of bench/RESULTS.md: of each lab one for each kind of rows that it has."""
    parts = []
    for name, result in sorted(results.items()):
        parts.append(f"**{name}**: {circumstances(result)}")
        # A lab that measures several things has rows of several kinds, each with its own columns.
        parts += [_table(list(rows)) for _, rows in groupby(result["rows"], key=list)]
    return "\n\n".join(parts)


def _table(rows: list[dict[str, Any]]) -> str:
    """Return rows with the same columns as a table."""
    columns = {head: [row[head] for row in rows] for head in rows[0]}
    words = [any(isinstance(value, str) for value in c) for c in columns.values()]
    shown = [_shown(column) for column in columns.values()]
    lines = [
        "| " + " | ".join(columns) + " |",
        "|" + "|".join("---" if word else "---:" for word in words) + "|",
        *("| " + " | ".join(cells) + " |" for cells in zip(*shown, strict=True)),
    ]
    return "\n".join(lines)


def circumstances(result: dict[str, Any]) -> str:
    """Return where, when and by what a lab was executed, as far as its results say."""
    machine = result.get("machine", {})
    parts = [f"{result['seconds']:,} s"]
    if machine:
        on = f"on {machine['system']}, {machine['cores']} cores"
        parts[0] += f" {on} ({machine['processor']})" if machine.get("processor") else f" {on}"
    load = machine.get("load before")
    if load is not None:
        after = machine.get("load after")
        ended = f", {after:g} when it ended" if after is not None else ""
        parts.append(f"load {load:g} before it began{ended}")
    if machine.get("busy"):
        parts.append("while the machine did other work as well")
    if result.get("at once", 1) > 1:
        parts.append(f"{result['at once']} labs at once")
    if versions := result.get("versions"):
        parts.append(", ".join(f"{name} {version}" for name, version in versions.items()))
    else:
        parts.append("versions not recorded")
    if seeds := result.get("seeds"):
        parts.append(f"seeds {_seeds(seeds)}")
    if result.get("commit"):
        parts.append(f"commit {result['commit']}")
    if result.get("day"):
        parts.append(result["day"])
    return "; ".join(parts)


def _seeds(seeds: list[int]) -> str:
    """Return seeds as a range where they are one."""
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]}–{seeds[-1]}"
    return ", ".join(map(str, seeds))


def _shown(column: list[Any]) -> list[str]:
    """Return the values of one column as text: counts in full, measurements to four digits."""
    numbers = [value for value in column if isinstance(value, int | float)]
    counts = all(float(value).is_integer() for value in numbers)
    return [
        value
        if isinstance(value, str)
        else "–"
        if value is None
        else f"{value:,.0f}"
        if counts
        else f"{value:#.4g}"
        for value in column
    ]
