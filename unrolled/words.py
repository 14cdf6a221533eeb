"""The words in figures and tables: English in the code, Polish in the Polish edition.

Every label that a figure or a table shows has an entry in :data:`WORDS`. A number inside a label
is written ``#`` in the entry (``"step #"``), so that one entry serves every number. Symbols,
formulas between dollars, numbers and the names in :data:`NEUTRAL` need no entry.
"""

from __future__ import annotations

import re

from unrolled.messages import Language

#: English → Polish, in alphabetical order.
WORDS: dict[str, str] = {
    "#% of paths": "#% ścieżek",
    "accuracy": "trafność",
    "actual": "rzeczywiste",
    "always answers #": "zawsze odpowiada #",
    "bar": "słupek",
    "bias": "obciążenie",
    "constant gate #": "bramka stała #",
    "correlation with the error a year later": "korelacja z błędem rok później",
    "correlation with the month before": "korelacja z poprzednim miesiącem",
    "correlation with the month itself": "korelacja z prognozowanym miesiącem",
    "coverage": "pokrycie",
    "difference": "różnica",
    "epoch": "epoka",
    "error": "błąd",
    "error in test": "błąd w teście",
    "error in training": "błąd w części uczącej",
    "exact": "dokładnie",
    "expected": "oczekiwane",
    "fitted once": "dopasowane raz",
    "forecast": "prognoza",
    "forecast [thousands]": "prognoza [tys.]",
    "formula": "wzór",
    "frequency": "częstość",
    "gate": "bramka",
    "Holt–Winters, refitted quarterly": "Holt–Winters dopasowywany co kwartał",
    "index": "indeks",
    "lag": "opóźnienie",
    "largest\nin training": "największa\nw uczeniu",
    "largest / smallest": "największa / najmniejsza",
    "largest difference [thousands]": "największa różnica [tys.]",
    "largest RMSE": "największe RMSE",
    "largest − smallest": "największa − najmniejsza",
    "last two years": "dwa ostatnie lata",
    "last value": "ostatnia wartość",
    "last value [thousands]": "ostatnia wartość [tys.]",
    "last year × growth": "rok temu × wzrost",
    "learned gate": "bramka wyuczona",
    "level": "poziom",
    "linear regression corrects last year × growth": "regresja liniowa poprawia rok temu × wzrost",
    "logarithm": "logarytm",
    "loss": "strata",
    "LSTM(#) corrects last year × growth": "LSTM(#) poprawia rok temu × wzrost",
    "LSTM(#) corrects last year × growth, Keras": "LSTM(#) poprawia rok temu × wzrost, Keras",
    "LSTM(#) corrects persistence": "LSTM(#) poprawia ostatnią wartość",
    "LSTM(#) corrects seasonal naive": "LSTM(#) poprawia naiwną sezonową",
    "LSTM(#) on one value, Keras": "LSTM(#) na jednej wartości, Keras",
    "LSTM(#) on one value, leaking scale": "LSTM(#) na jednej wartości, skala z przeciekiem",
    "LSTM(#) on one value, PyTorch": "LSTM(#) na jednej wartości, PyTorch",
    "marker": "znacznik",
    "median forecast": "mediana prognoz",
    "memory": "pamięć",
    "method": "metoda",
    "model": "model",
    "month": "miesiąc",
    "months": "miesiące",
    "months ahead": "miesięcy naprzód",
    "naive": "naiwna",
    "naive + mean": "naiwna + średnia",
    "naive + network": "naiwna + sieć",
    "network closer than formula": "sieć bliżej niż wzór",
    "number": "liczba",
    "number of parameters": "liczba parametrów",
    "operation": "działanie",
    "parameters": "parametry",
    "passengers": "pasażerowie",
    "passengers [thousands]": "pasażerowie [tys.]",
    "persistence": "ostatnia wartość",
    "position": "pozycja",
    "prediction": "przewidywanie",
    "refitted, median of the last #": "dopasowywane, mediana ostatnich #",
    "repeats the last number": "powtarza ostatnią liczbę",
    "result": "wynik",
    "season": "sezon",
    "seasonal naive": "naiwna sezonowa",
    "seconds": "sekundy",
    "seed": "ziarno",
    "seed #": "ziarno #",
    "seeds": "ziarna",
    "shape": "kształt",
    "share of the gradient": "część gradientu",
    "smallest RMSE": "najmniejsze RMSE",
    "smoothing": "wygładzanie",
    "starting bias": "początkowe obciążenie",
    "starts": "początki",
    "state": "stan",
    "step": "krok",
    "step #": "krok #",
    "steps back": "kroki wstecz",
    "tanh network, $w = 0.8$": "sieć z tanh, $w = 0.8$",
    "target": "cel",
    "test": "test",
    "test error": "błąd testowy",
    "test months": "miesiące testu",
    "test set": "zbiór testowy",
    "test windows": "okna testowe",
    "time": "czas",
    "time step": "krok czasu",
    "training": "uczenie",
    "training set": "zbiór uczący",
    "training step": "krok uczenia",
    "training steps": "kroki uczenia",
    "training windows": "okna uczące",
    "trend": "trend",
    "validation": "walidacja",
    "validation RMSE": "RMSE walidacji",
    "value": "wartość",
    "weights": "wagi",
    "year": "rok",
}

#: Names and units that are the same in both languages.
NEUTRAL: frozenset[str] = frozenset(
    [
        "Adadelta",
        "Adam",
        "BLEU",
        "ETS",
        "GRU",
        "Holt",
        "Hz",
        "Keras",
        "LSTM",
        "MAE",
        "MASE",
        "MSE",
        "NumPy",
        "PyTorch",
        "RMSE",
        "RNN",
        "SARIMA",
        "SGD",
        "TensorFlow",
        "Transformer",
        "Winters",
        "chrF",
        "cos",
        "dB",
        "exp",
        "kHz",
        "log",
        "max",
        "min",
        "ms",
        "ReLU",
        "sin",
        "tanh",
    ]
)

#: Abbreviated months, as date axes write them.
MONTHS: dict[str, str] = {
    "Jan": "sty",
    "Feb": "lut",
    "Mar": "mar",
    "Apr": "kwi",
    "May": "maj",
    "Jun": "cze",
    "Jul": "lip",
    "Aug": "sie",
    "Sep": "wrz",
    "Oct": "paź",
    "Nov": "lis",
    "Dec": "gru",
}

_FORMULA = re.compile(r"(\$[^$]*\$)")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DATE = re.compile(rf"([\d\s-]*)\b({'|'.join(MONTHS)})\b([\d\s-]*)")


class MissingWordError(LookupError):
    """A label has no entry in the catalogue."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"no Polish for the label {text!r}: add it to WORDS in unrolled/words.py "
            f"(key {_template(text)[0]!r}; '#' stands for a number), or to NEUTRAL if it is a name"
        )
        self.text = text


def number(text: str, language: Language) -> str:
    """Write the numbers in a text as the language does.

    Args:
        text: numbers as Python writes them; a comma may group thousands.
        language: in Polish the decimal point becomes a comma and thousands are grouped with a
            space that does not break.
    """
    if language == "en":
        return text
    return _NUMBER.sub(lambda match: match[0].replace(",", "\u00a0").replace(".", ","), text)


def _formula(text: str, language: Language) -> str:
    """Write a formula's decimal numbers as the language does."""
    return text if language == "en" else re.sub(r"(?<=\d)\.(?=\d)", "{,}", text)


def _template(text: str) -> tuple[str, list[str]]:
    """Return the text with ``#`` for each number outside formulas, and those numbers."""
    numbers: list[str] = []

    def take(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return "#"

    parts = _FORMULA.split(text)
    return "".join(p if i % 2 else _NUMBER.sub(take, p) for i, p in enumerate(parts)), numbers


def has_words(text: str) -> bool:
    """Whether a text holds words of a language: not only symbols, numbers, formulas and names."""
    prose = _FORMULA.sub(" ", text)
    return any(word not in NEUTRAL for word in _WORD.findall(prose))


def translate(text: str, language: Language, *, strict: bool = False) -> str:
    """Return a label in the given language.

    Args:
        text: the label in English, as the code says it.
        language: the language to show it in.
        strict: whether a missing entry is an error; otherwise the label stays as it is.

    Raises:
        MissingWordError: the label has words and no entry (only when strict).
    """
    if date := _DATE.fullmatch(text):
        return text if language == "en" else f"{date[1]}{MONTHS[date[2]]}{date[3]}"
    key, numbers = _template(text)
    if text in WORDS:
        return WORDS[text] if language == "pl" else text
    if key in WORDS:
        if language == "en":
            return text
        values = iter(numbers)
        return re.sub("#", lambda _: number(next(values), language), WORDS[key])
    if has_words(text):
        if strict:
            raise MissingWordError(text)
        return text
    parts = _FORMULA.split(text)
    return "".join(
        _formula(part, language) if i % 2 else number(part, language)
        for i, part in enumerate(parts)
    )
