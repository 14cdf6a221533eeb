"""The words in figures and tables: English in the code, Polish in the Polish edition.

Every label that a figure or a table shows has an entry in :data:`WORDS`. A number inside a label
is written ``#`` in the entry (``"step #"``), so that one entry serves every number. Symbols,
formulas between dollars, numbers and the names in :data:`NEUTRAL` need no entry.
"""

from __future__ import annotations

import re

from unrolled.messages import Language, building

#: English → Polish, in alphabetical order.
WORDS: dict[str, str] = {
    "# bits": "# bitów",
    "# bits with stretches": "# bitów z odcinkami",
    "# sums one by one / together": "# sumy po kolei / razem",
    "#% of paths": "#% ścieżek",
    "#-gram": "#-gram",
    "#-gram and LSTM": "#-gram i LSTM",
    "#-gram, first #%": "#-gram, pierwsze #%",
    "$\\log$ of the place in the line": "$\\log$ miejsca w wierszu",
    "$W_h$ transposed": "$W_h$ transponowane",
    "3 bits": "3 bity",
    "7 bits": "7 bitów",
    "A first": "najpierw A",
    "a human": "człowiek",
    "accuracy": "trafność",
    "actual": "rzeczywiste",
    "Adam's step": "krok Adama",
    "adding": "dodawanie",
    "adding problem": "problem dodawania",
    "adding problem, T = #": "problem dodawania, T = #",
    "after": "za",
    "after one step": "po jednym kroku",
    "after training": "po uczeniu",
    "all cells": "wszystkie komórki",
    "all pairs": "wszystkie pary",
    "always answers #": "zawsze odpowiada #",
    "amplitude": "amplituda",
    "amplitude at the end": "amplituda na końcu",
    "answer": "odpowiedź",
    "answer #": "odpowiedź #",
    "ask": "oddaj",
    "B first": "najpierw B",
    "bar": "słupek",
    "before": "przed",
    "before training": "przed uczeniem",
    "best linear weights": "najlepsze wagi liniowe",
    "best order": "najlepszy rząd",
    "bias": "obciążenie",
    "BiLSTM, Keras": "BiLSTM, Keras",
    "BiLSTM, PyTorch": "BiLSTM, PyTorch",
    "bit of #": "bit liczby #",
    "bit of the sum": "bit sumy",
    "bits": "bity",
    "bits per character": "bity na znak",
    "bits right": "dobre bity",
    "blank": "pusty",
    "both ways": "w obie strony",
    "carry": "przeniesienie",
    "carry #": "przeniesienie #",
    "carry read, median": "odczytane przeniesienia, mediana",
    "carry read, worst seed": "odczytane przeniesienia, najgorsze ziarno",
    "cell": "komórka",
    "chaos": "chaos",
    "characters": "znaki",
    "chunks": "kawałki",
    "clean wave": "czysta fala",
    "clear": "wyczyść",
    "column": "kolumna",
    "column $t$": "kolumna $t$",
    "command": "polecenie",
    "component #": "składowa #",
    "constant answer": "stała odpowiedź",
    "constant gate #": "bramka stała #",
    "control": "kontrola",
    "copied": "przepisane",
    "copy": "przepisanie",
    "copying": "kopiowanie",
    "copying, T = #": "kopiowanie, T = #",
    "correlation with the drift": "korelacja z dryfem",
    "correlation with the error a year later": "korelacja z błędem rok później",
    "correlation with the month before": "korelacja z poprzednim miesiącem",
    "correlation with the month itself": "korelacja z prognozowanym miesiącem",
    "count": "liczba",
    "course": "kurs",
    "coverage": "pokrycie",
    "cut": "ucięty",
    "dashed: $\\rho^k$": "przerywane: $\\rho^k$",
    "default": "domyślny",
    "difference": "różnica",
    "different characters": "różne znaki",
    "directions": "kierunki",
    "distance of the swapped character from the letter": "odległość podmienionego znaku od litery",
    "drift [° per period]": "dryf [° na okres]",
    "drift without a shift [°]": "dryf bez przesunięcia [°]",
    "English": "angielski",
    "epoch": "epoka",
    "epochs": "epoki",
    "equal columns in a row": "jednakowe kolumny pod rząd",
    "error": "błąd",
    "error in test": "błąd w teście",
    "error in training": "błąd w części uczącej",
    "every step\ntrained on #": "każdy krok\nuczony na #",
    "everything but the noise": "wszystko oprócz szumu",
    "exact": "dokładnie",
    "expected": "oczekiwane",
    "factor per step": "czynnik na krok",
    "feature": "cecha",
    "feed-forward network": "sieć gęsta",
    "fewest sequences": "najmniej ciągów",
    "final loss": "końcowa strata",
    "first": "pierwsza",
    "first loss": "pierwsza strata",
    "first wrong column": "pierwsza błędna kolumna",
    "fitted once": "dopasowane raz",
    "floor": "dolna granica",
    "forecast": "prognoza",
    "forecast [thousands]": "prognoza [tys.]",
    "formula": "wzór",
    "free run, period #": "bieg swobodny, okres #",
    "frequency": "częstość",
    "frequency and amplitude": "częstość i amplituda",
    "fully connected layer": "warstwa w pełni połączona",
    "gate": "bramka",
    "gradient": "gradient",
    "GRU, longer": "GRU, dłużej",
    "guessing": "zgadywanie",
    "highest": "najwyższy",
    "Hochreiter and Schmidhuber, #": "Hochreiter i Schmidhuber, #",
    "Holt–Winters, refitted quarterly": "Holt–Winters dopasowywany co kwartał",
    "in order": "w kolejności",
    "in step": "w kroku",
    "index": "indeks",
    "input": "wejście",
    "inputs": "wejścia",
    "inside quotes or brackets": "wewnątrz cudzysłowu lub nawiasu",
    "known": "znane",
    "known contexts": "znane konteksty",
    "known words": "znane słowa",
    "known: amplitude too": "znana też amplituda",
    "known: frequency": "znana częstość",
    "label 0": "etykieta 0",
    "label 1": "etykieta 1",
    "label 2": "etykieta 2",
    "lag": "opóźnienie",
    "largest": "największe",
    "largest\nin training": "największa\nw uczeniu",
    "largest / smallest": "największa / najmniejsza",
    "largest difference": "największa różnica",
    "largest difference [thousands]": "największa różnica [tys.]",
    "largest drift": "największy dryf",
    "largest error": "największy błąd",
    "largest norm": "największa norma",
    "largest RMSE": "największe RMSE",
    "largest shift [°]": "największe przesunięcie [°]",
    "largest − smallest": "największa − najmniejsza",
    "last": "ostatnia",
    "last loss": "ostatnia strata",
    "last loss only": "tylko ostatnia strata",
    "last state": "ostatni stan",
    "last two years": "dwa ostatnie lata",
    "last value": "ostatnia wartość",
    "last value [thousands]": "ostatnia wartość [tys.]",
    "last year × growth": "rok temu × wzrost",
    "layers": "warstwy",
    "learned gate": "bramka wyuczona",
    "learning rate": "współczynnik uczenia",
    "left after # steps": "zostaje po # krokach",
    "left after T steps": "zostaje po T krokach",
    "letter": "litera",
    "letters": "litery",
    "letters read": "przeczytane litery",
    "letters right": "dobre litery",
    "letters since the word's start": "litery od początku słowa",
    "level": "poziom",
    "library": "biblioteka",
    "linear": "liniowa",
    "linear regression": "regresja liniowa",
    "linear regression corrects last year × growth": "regresja liniowa poprawia rok temu × wzrost",
    "logarithm": "logarytm",
    "longest\nin training": "najdłuższe\nw uczeniu",
    "longest copied piece": "najdłuższy przepisany fragment",
    "loss": "strata",
    "lowest": "najniższy",
    "LSTM(#) corrects last year × growth": "LSTM(#) poprawia rok temu × wzrost",
    "LSTM(#) corrects last year × growth, Keras": "LSTM(#) poprawia rok temu × wzrost, Keras",
    "LSTM(#) corrects persistence": "LSTM(#) poprawia ostatnią wartość",
    "LSTM(#) corrects seasonal naive": "LSTM(#) poprawia naiwną sezonową",
    "LSTM(#) on one value, Keras": "LSTM(#) na jednej wartości, Keras",
    "LSTM(#) on one value, leaking scale": "LSTM(#) na jednej wartości, skala z przeciekiem",
    "LSTM(#) on one value, PyTorch": "LSTM(#) na jednej wartości, PyTorch",
    "LSTM, # epochs": "LSTM, epoki: #",
    "LSTM, bias #": "LSTM, obciążenie #",
    "LSTM, bias log T": "LSTM, obciążenie log T",
    "LSTM, biases ±log T": "LSTM, obciążenia ±log T",
    "LSTM, default": "LSTM, domyślna",
    "LSTM, first #%": "LSTM, pierwsze #%",
    "LSTM, input bias −log T": "LSTM, obciążenie wejścia −log T",
    "LSTM, Keras, # epochs": "LSTM, Keras, epoki: #",
    "LSTM, longer": "LSTM, dłużej",
    "LSTM, rightwards": "LSTM w prawo",
    "main network": "sieć główna",
    "marker": "znacznik",
    "mean": "średnia",
    "mean #, SD #": "średnia #, odch. stand. #",
    "mean change of the answer": "średnia zmiana odpowiedzi",
    "measured": "zmierzone",
    "median": "mediana",
    "median forecast": "mediana prognoz",
    "memory": "pamięć",
    "method": "metoda",
    "model": "model",
    "month": "miesiąc",
    "months": "miesiące",
    "months ahead": "miesięcy naprzód",
    "most frequent form": "najczęstsza forma",
    "most sequences": "najwięcej ciągów",
    "multiple": "wielokrotność",
    "multiple of $\\sigma$": "wielokrotność $\\sigma$",
    "multiple of $\\sigma$, validation": "wielokrotność $\\sigma$, walidacja",
    "multiple of the floor": "wielokrotność granicy",
    "naive": "naiwna",
    "naive + mean": "naiwna + średnia",
    "naive + network": "naiwna + sieć",
    "nats per character": "naty na znak",
    "needed": "potrzebny",
    "network": "sieć",
    "network closer than formula": "sieć bliżej niż wzór",
    "networks below #%": "sieci poniżej #%",
    "networks without an error": "sieci bez błędu",
    "never drawn": "nigdy niewylosowane",
    "new in the second half": "nowe w drugiej połowie",
    "no command": "bez polecenia",
    "no memory": "bez pamięci",
    "noise floor": "granica szumu",
    "noisy values": "zaszumione wartości",
    "none": "żaden",
    "norm of the gradient": "norma gradientu",
    "not solved": "nierozwiązane",
    "nothing back in time": "nic nie wraca w czasie",
    "nothing yet": "jeszcze nic",
    "number": "liczba",
    "number of parameters": "liczba parametrów",
    "one cell": "jedna komórka",
    "one cell, training": "jedna komórka, uczenie",
    "one number\ntrained on #": "jedna liczba\nuczona na #",
    "one number\ntrained on #–#": "jedna liczba\nuczona na #–#",
    "one period ago": "okres temu",
    "operation": "działanie",
    "order of the n-gram": "rząd n-gramu",
    "orthogonal": "ortogonalny",
    "ours": "nasz",
    "outputs": "wyjścia",
    "pairs never drawn": "pary nigdy niewylosowane",
    "Pan Tadeusz": "Pan Tadeusz",
    "parameters": "parametry",
    "parrot": "papuga",
    "passengers": "pasażerowie",
    "passengers [thousands]": "pasażerowie [tys.]",
    "period": "okres",
    "persistence": "ostatnia wartość",
    "phase error [°]": "błąd fazy [°]",
    "phase shift in one step [°]": "przesunięcie fazy w jednym kroku [°]",
    "place in the state": "miejsce w stanie",
    "Polish": "polski",
    "position": "pozycja",
    "pre-activation": "preaktywacja",
    "precision": "precyzja",
    "prediction": "przewidywanie",
    "probability": "prawdopodobieństwo",
    "processed correctly": "przetworzone poprawnie",
    "put": "postawiony",
    "recall": "czułość",
    "recurrent network": "sieć rekurencyjna",
    "refitted, median of the last #": "dopasowywane, mediana ostatnich #",
    "repeats": "powtórki",
    "repeats the last number": "powtarza ostatnią liczbę",
    "result": "wynik",
    "rightwards": "w prawo",
    "RMSE, period #": "RMSE, okres #",
    "RNN in Keras": "RNN w Kerasie",
    "RNN in NumPy": "RNN w NumPy",
    "RNN in NumPy, # bits with stretches": "RNN w NumPy, # bitów z odcinkami",
    "RNN in PyTorch": "RNN w PyTorchu",
    "RNN, nothing back in time": "RNN, nic nie wraca w czasie",
    "rule": "reguła",
    "runs": "uczenia",
    "runs of each task": "uczeń na zadanie",
    "runs on": "biegnie na",
    "save": "zapisz",
    "score": "ocena",
    "season": "sezon",
    "seasonal naive": "naiwna sezonowa",
    "seconds": "sekundy",
    "seconds per epoch": "sekundy na epokę",
    "seed": "ziarno",
    "seed #": "ziarno #",
    "seeds": "ziarna",
    "seen words right": "dobre słowa znane",
    "sequences": "ciągi",
    "sequences lost, of #": "zgubione ciągi, z #",
    "sequences, mean": "ciągi, średnio",
    "Shakespeare": "Szekspir",
    "shape": "kształt",
    "share of $\\sigma^2$": "część $\\sigma^2$",
    "share of bits right": "część dobrych bitów",
    "share of the gradient": "część gradientu",
    "share written": "część zapisywana",
    "shown in training": "pokazane w uczeniu",
    "shuffled": "przetasowane",
    "signal": "sygnał",
    "simulation": "symulacja",
    "sine fitted to the training set": "sinus dopasowany do zbioru uczącego",
    "slope": "nachylenie",
    "slope #": "nachylenie #",
    "slope by a marked value": "nachylenie po oznaczonej wartości",
    "slope by another value, absolute": "nachylenie po innej wartości, bezwzględne",
    "smallest": "najmniejsze",
    "smallest error": "najmniejszy błąd",
    "smallest RMSE": "najmniejsze RMSE",
    "smallest signed logit": "najmniejszy logit ze znakiem",
    "smoothing": "wygładzanie",
    "solved": "rozwiązane",
    "spectral radius": "promień spektralny",
    "standard error of the MSE": "błąd standardowy MSE",
    "start": "start",
    "starting bias": "początkowe obciążenie",
    "starts": "początki",
    "state": "stan",
    "step": "krok",
    "step #": "krok #",
    "steps": "kroki",
    "steps ahead": "kroków naprzód",
    "steps back": "kroki wstecz",
    "steps in training": "kroki w uczeniu",
    "stretch of #, worst seed": "odcinek #, najgorsze ziarno",
    "subwords": "podsłowa",
    "sum": "suma",
    "sums right": "dobre sumy",
    "sums right, # bits": "dobre sumy, # bity",
    "sums right, 7 bits": "dobre sumy, 7 bitów",
    "sums right, best seed": "dobre sumy, najlepsze ziarno",
    "sums right, Keras": "dobre sumy, Keras",
    "sums right, median": "dobre sumy, mediana",
    "sums right, PyTorch": "dobre sumy, PyTorch",
    "sums right, stretch of #": "dobre sumy, odcinek #",
    "sums right, worst seed": "dobre sumy, najgorsze ziarno",
    "table, and BiLSTM for unseen words": "tabela, a BiLSTM do słów nowych",
    "tanh network, $w = 0.8$": "sieć z tanh, $w = 0.8$",
    "target": "cel",
    "task": "zadanie",
    "temperature #": "temperatura #",
    "temperature #, k = #": "temperatura #, k = #",
    "temporal order": "kolejność w czasie",
    "temporal order, T = #": "kolejność w czasie, T = #",
    "test": "test",
    "test error": "błąd testowy",
    "test months": "miesiące testu",
    "test score, lower is better": "wynik na teście, niżej znaczy lepiej",
    "test set": "zbiór testowy",
    "test windows": "okna testowe",
    "test, median": "test, mediana",
    "text": "tekst",
    "text, above the floor": "tekst, ponad granicą",
    "the right slope, #/#": "dobre nachylenie, #/#",
    "the same among pairs never drawn": "to samo wśród par nigdy niewylosowanych",
    "the word ends here": "tu kończy się słowo",
    "three classes\ntrained on #": "trzy klasy\nuczone na #",
    "time": "czas",
    "time step": "krok czasu",
    "together": "razem",
    "tokens": "tokeny",
    "tokens per word": "tokenów na słowo",
    "training": "uczenie",
    "training in Keras": "uczenie w Kerasie",
    "training in PyTorch": "uczenie w PyTorchu",
    "training loss [nats]": "strata uczenia [naty]",
    "training set": "zbiór uczący",
    "training step": "krok uczenia",
    "training steps": "kroki uczenia",
    "training the networks": "uczenie sieci",
    "training windows": "okna uczące",
    "trend": "trend",
    "unchanged": "bez zmian",
    "uniform": "jednostajny",
    "unigram": "unigram",
    "unknown in the test": "nieznane w teście",
    "unseen words right": "dobre słowa nowe",
    "update": "aktualizacja",
    "updates": "kroki uczenia",
    "validation": "walidacja",
    "validation bits per character": "bity na znak walidacji",
    "validation RMSE": "RMSE walidacji",
    "validation score, lower is better": "wynik na walidacji, niżej znaczy lepiej",
    "value": "wartość",
    "values read": "przeczytane wartości",
    "valve": "zawór",
    "vocabulary": "słownik",
    "weights": "wagi",
    "welded open": "zaspawany",
    "width of the window": "szerokość okna",
    "window": "okno",
    "with clipping": "z przycinaniem",
    "without an error: # bits": "bez błędu: # bity",
    "without an error: # bits with a stretch of #": "bez błędu: # bity z odcinkiem #",
    "without clipping": "bez przycinania",
    "word": "słowo",
    "words": "słowa",
    "words right": "dobre słowa",
    "words right, validation": "dobre słowa, walidacja",
    "year": "rok",
    "“film”": "„film”",
    "“good”": "„good”",
    "“is”": "„is”",
    "“not”": "„not”",
    "“the”": "„the”",
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
        "IRNN",
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
        "bz",
        "chrF",
        "cos",
        "dB",
        "df",
        "exp",
        "gzip",
        "idf",
        "kHz",
        "log",
        "max",
        "min",
        "ms",
        "ReLU",
        "sin",
        "tanh",
        "xz",
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

#: Templates of the labels with letters that were shown while the course was being built: a notebook
#: keeps them, so that a change of their entries executes it again, and one of others does not.
shown: set[str] = set()

_FORMULA = re.compile(r"(\$[^$]*\$)")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DATE = re.compile(rf"([\d\s-]*)\b({'|'.join(MONTHS)})\b([\d\s-]*)")


class MissingWordError(LookupError):
    """A label has no entry in the catalogue."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"no Polish for the label {text!r}: add it to WORDS in unrolled/words.py "
            f"(key {template(text)!r}; '#' stands for a number), or to NEUTRAL if it is a name"
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


def template(text: str) -> str:
    """Return a label with ``#`` for each number outside formulas: its key in :data:`WORDS`."""
    return _template(text)[0]


def _template(text: str) -> tuple[str, list[str]]:
    """Return a label's template and the numbers that it lacks."""
    numbers: list[str] = []

    def take(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return "#"

    parts = _FORMULA.split(text)
    return "".join(p if i % 2 else _NUMBER.sub(take, p) for i, p in enumerate(parts)), numbers


def has_letters(text: str) -> bool:
    """Whether there are letters outside a label's formulas; others need no entry and have none."""
    return any(map(str.isalpha, _FORMULA.sub(" ", text)))


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
    if building() and has_letters(key):
        shown.add(key)
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
