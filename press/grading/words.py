"""What the grader's pages say beside marks and answers, in both languages.

As `press.words` for the course. Remarks on a submission stand where they are found out
(`unrolled.messages.Message`); here are headings, labels and introductions.
"""

from __future__ import annotations

from unrolled.messages import Language

#: Language → key → words.
WORDS: dict[Language, dict[str, str]] = {
    "pl": {
        "as written": "dosłownie",
        "by": "ocenia: {by}",
        "case": "przypadek",
        "cases": "przypadki",
        "cases right": "dobre przypadki: {right} z {all}",
        "class": "prac: {count}, mediana: {median} z {maximum} pkt",
        "comment": "Komentarz",
        "copied code": "Kod",
        "copied code intro": "Porównujemy kod bez nazw, komentarzy i odstępów („bez nazw”) oraz "
        "taki, jaki jest („dosłownie”). Nie liczy się to, co było w notatniku, ani to, co ma wiele "
        "osób.",
        "copied words": "Odpowiedzi na pytania otwarte",
        "copied words intro": "Porównujemy ciągi {run} kolejnych słów, bez względu na końcówki "
        "ani interpunkcję. Nie liczą się słowa pytania ani to, co napisało wiele osób.",
        "feedback": "Wyniki",
        "feedback intro": "Twoje funkcje zostały wywołane na danych, których nie ma w notatniku. "
        "Przypadki są kilku rodzajów. Rodzaj liczy się, gdy dobre są wszystkie jego przypadki; "
        "to, o co w zadaniu chodzi, waży więcej. Połowa wagi przynosi ćwierć punktów.",
        "first": ", tu pierwszy z nich",
        "marking intro": "Odpowiedzi złożone z tych samych słów stoją razem: to pomoc "
        "w czytaniu, a nie ocena. Punkty wpisuje się w formgraderze albo, całej grupie naraz, "
        "w tabeli {table}.",
        "missing cell": "*(brak komórki)*",
        "model answer": "odpowiedź wzorcowa",
        "model answers": "Z odpowiedzią wzorcową",
        "nobody answered": "Nikt nie odpowiedział.",
        "not marked": "czeka na ocenę",
        "nothing alike": "Nic nie jest podobne.",
        "often": "najczęstszy błąd",
        "open questions": "Pytania otwarte",
        "others": "Z innymi pracami",
        "points": "pkt",
        "program remarks": "Uwagi programu sprawdzającego",
        "published": "opublikowane rozwiązanie",
        "remarks": "Uwagi",
        "right": "dobrze",
        "rubric": "Za co są punkty",
        "share": "punktów",
        "similarities": "Podobieństwa",
        "similarities intro": "To wskazówka, a nie wyrok: krótką funkcję da się napisać na "
        "niewiele sposobów, a kto razem się uczył, pisze podobnie. Proszę porozmawiać, zanim coś "
        "z tego wyniknie.",
        "solutions": "Z opublikowanym rozwiązaniem",
        "statistics": "Statystyki",
        "times": "({count}×)",
        "total": "razem",
        "totals": "Ile prac zdobyło jaką część punktów",
        "tried": "rozwiązywało",
        "waiting": "czeka na ocenę: {count}",
        "weight right": "; waga dobrych rodzajów: {right} z {all}",
        "wholly right": "w pełni dobrze",
        "without names": "bez nazw",
        "words alike": "wspólnych słów: {count}, to jest {percent}% krótszej odpowiedzi",
    },
    "en": {
        "as written": "as written",
        "by": "marked by {by}",
        "case": "case",
        "cases": "cases",
        "cases right": "cases right: {right} of {all}",
        "class": "submissions: {count}, median: {median} of {maximum} points",
        "comment": "Comment",
        "copied code": "Code",
        "copied code intro": "Code is compared without names, comments and spaces (“without "
        "names”), and as it stands (“as written”). What stood in the notebook does not count, nor "
        "does what many people have.",
        "copied words": "Answers to open questions",
        "copied words intro": "Runs of {run} words are compared, whatever their endings and the "
        "punctuation. The question’s own words do not count, nor does what many people wrote.",
        "feedback": "Feedback",
        "feedback intro": "Your functions were called on data that are not in the notebook. "
        "There are several kinds of cases. A kind counts when all its cases are right; what the "
        "exercise is really about weighs more. Half of the weight brings a quarter of the points.",
        "first": ", the first of them here",
        "marking intro": "Answers that use the same words stand together: a help in reading, not "
        "a mark. Points can be given in formgrader or, to a whole group at once, in the table "
        "{table}.",
        "missing cell": "*(the cell is missing)*",
        "model answer": "model answer",
        "model answers": "With the model answer",
        "nobody answered": "Nobody has answered.",
        "not marked": "to be marked",
        "nothing alike": "Nothing looks alike.",
        "often": "most frequent mistake",
        "open questions": "Open questions",
        "others": "With other submissions",
        "points": "points",
        "program remarks": "Remarks of the grading program",
        "published": "published solution",
        "remarks": "Remarks",
        "right": "right",
        "rubric": "What the points are for",
        "share": "of the points",
        "similarities": "Similarities",
        "similarities intro": "This is a hint, not a verdict: there are few ways to write a short "
        "function, and people who learn together write alike. Talk to them before anything comes "
        "of it.",
        "solutions": "With the published solution",
        "statistics": "Statistics",
        "times": "({count}×)",
        "total": "total",
        "totals": "How many submissions earned which share of the points",
        "tried": "tried",
        "waiting": "to be marked: {count}",
        "weight right": "; weight of the right kinds: {right} of {all}",
        "wholly right": "entirely right",
        "without names": "without names",
        "words alike": "words in common: {count}, {percent}% of the shorter answer",
    },
}
