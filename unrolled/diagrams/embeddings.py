"""The diagrams of lecture 09, word embeddings."""

from __future__ import annotations

from unrolled.diagrams.canvas import Canvas, diagram
from unrolled.palette import (
    CANDIDATE,
    CANDIDATE_FILL,
    FILLS,
    FORGET,
    FORGET_FILL,
    INK,
    INPUT,
    INPUT_FILL,
    MUTED,
    NAVY,
    OUTPUT,
    OUTPUT_FILL,
    PANEL,
    PAPER,
    ROLES,
    RULE,
    STATE,
)


def _word(
    c: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    edge: str = NAVY,
    fill: str = PAPER,
    width: float = 150,
    height: float = 56,
    dashed: bool = False,
) -> None:
    c.box(x, y, width, height, edge=edge, fill=fill, dashed=dashed)
    c.text(x, y, text, size=28, weight=600, colour=edge)


def _matrix(
    c: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    name: str,
    shape: str,
    role: str | None = None,
    size: float = 40,
) -> None:
    edge = ROLES[role] if role else NAVY
    c.box(x, y, width, height, edge=edge, fill=FILLS[role] if role else PANEL, radius=6)
    c.symbol(x, y, name, size=size, colour=edge)
    c.text(x, y - height / 2 - 24, shape, size=24, colour=MUTED)


@diagram("embeddings-one-hot", height=330)
def one_hot(c: Canvas) -> None:
    """Three words as one-hots: each pair is equally far; as points, two of them are near."""
    words = (
        (c.say(pl="dobry", en="good"), OUTPUT),
        (c.say(pl="świetny", en="great"), INPUT),
        (c.say(pl="dzień", en="day"), FORGET),
    )
    for row, (word, colour) in enumerate(words):
        y = 262 - 84 * row
        c.text(100, y, word, size=30, weight=600, colour=colour)
        for k in range(5):
            one = k == (2, 3, 1)[row]
            c.cell(218 + 66 * k, y, "1" if one else "0", "candidate" if one else None, width=58)
    corners = ((640, 250), (810, 250), (725, 102))
    for i in range(3):
        a, b = corners[i], corners[(i + 1) % 3]
        c.line([a, b], colour=MUTED)
    c.text(725, 274, r"$\sqrt{2}$", size=30)
    c.text(652, 168, r"$\sqrt{2}$", size=30)
    c.text(800, 168, r"$\sqrt{2}$", size=30)
    near = ((1068, 250), (1090, 196), (1052, 96))
    for (x, y), (_, colour) in zip(corners, words, strict=True):
        c.disc(x, y, "", radius=15, colour=colour, fill=colour)
    for (x, y), (word, colour) in zip(near, words, strict=True):
        c.disc(x, y, "", radius=15, colour=colour, fill=colour)
        c.text(x - 24, y, word, size=26, weight=600, colour=colour, align="right")
    c.text(350, 26, "one-hot", size=28, colour=NAVY)
    c.text(725, 26, c.say(pl="wszędzie tak samo daleko", en="equally far everywhere"), size=28,
           colour=NAVY)  # fmt: skip
    c.text(1030, 26, c.say(pl="czego chcemy", en="what we want"), size=28, colour=NAVY)
    for x in (560, 892):
        c.line([(x, 14), (x, 316)], colour=RULE)


@diagram("embeddings-window", height=300)
def window(c: Canvas) -> None:
    """A window of two places on either side slides along a sentence and fills one row of X."""
    words = c.say(pl="koń|je|świeży|chleb|dziś|rano", en="the|horse|eats|fresh|bread|today").split(
        "|"
    )
    xs = [110 + 188 * k for k in range(6)]
    middle = 2
    c.box(xs[middle], 214, 5 * 188 - 14, 100, edge=OUTPUT, fill=OUTPUT_FILL, z=2)
    for k, (x, word) in enumerate(zip(xs, words, strict=True)):
        if k == middle:
            _word(c, x, 214, word, edge=CANDIDATE, fill=CANDIDATE_FILL)
        elif abs(k - middle) <= 2:
            _word(c, x, 214, word, edge=OUTPUT)
        else:
            _word(c, x, 214, word, edge=MUTED, dashed=True)
    above = c.say(pl="okno: po 2 słowa z każdej strony", en="a window: 2 words on either side")
    c.text(xs[middle], 284, above, size=26, colour=OUTPUT)
    y = 76
    c.text(24, y, f"{words[middle]}", size=30, colour=CANDIDATE, align="left")
    for k, (x, word) in enumerate(zip(xs, words, strict=True)):
        if k == middle:
            continue
        inside = abs(k - middle) <= 2
        if k == 0:
            x += 84
        c.cell(
            x, y, "+1" if inside else "0", "output" if inside else None, width=84, dim=not inside
        )
        c.text(x, y - 50, word, size=24, colour=MUTED)
        if inside:
            c.arrow((xs[k], 184), (x, y + 32), colour=OUTPUT, width=2)


@diagram("embeddings-svd", height=330)
def svd(c: Canvas) -> None:
    """The matrix of PPMI is nearly a tall matrix times a small diagonal one times a wide one."""
    y = 186
    _matrix(c, 150, y, 210, 210, r"$\mathrm{PPMI}$", r"$|V| \times |V|$")
    c.text(300, y, r"$\approx$", size=52)
    _matrix(c, 400, y, 80, 210, "$U_m$", r"$|V| \times m$", "candidate", 36)
    _matrix(c, 530, y, 80, 80, r"$\Sigma_m$", r"$m \times m$", "state", 34)
    _matrix(c, 700, y, 210, 80, r"$V_m^\top$", r"$m \times |V|$", "output", 36)
    c.box(400, y + 60, 80, 26, edge=CANDIDATE, fill=PAPER, radius=4, z=7)
    c.arrow((444, y + 60), (500, y + 118), (866, y + 118), colour=CANDIDATE)
    c.text(880, y + 118, c.say(pl="wiersz: wektor słowa", en="a row: a word’s vector"), size=26,
           colour=CANDIDATE, align="left", weight=600)  # fmt: skip
    c.formula(880, y, [("W", CANDIDATE), (r"\;=\;", INK), (r"U_m \Sigma_m^{1/2}", CANDIDATE)],
              size=42, align="left")  # fmt: skip
    c.text(880, y - 62, c.say(pl="m liczb zamiast |V|", en="m numbers in place of |V|"), size=26,
           colour=MUTED, align="left")  # fmt: skip


def _model(c: Canvas, *, cbow: bool) -> None:
    """Draw the neighbours on one side and the word on the other; CBOW and skip-gram are mirrors."""
    neighbours = c.say(pl="koń|je|chleb|dziś", en="the|horse|fresh|bread").split("|")
    word = c.say(pl="świeży", en="eats")
    ys = (300, 216, 132, 48)
    middle = 174
    left, right = 110, 1050
    sides = (left, right) if cbow else (right, left)
    for text, y in zip(neighbours, ys, strict=True):
        _word(c, sides[0], y, text, edge=OUTPUT, fill=OUTPUT_FILL)
    _word(c, sides[1], middle, word, edge=CANDIDATE, fill=CANDIDATE_FILL)
    _matrix(
        c, 372, middle, 90, 210, "$W$", r"$|V| \times m$", "output" if cbow else "candidate", 44
    )
    c.box(580, middle, 84, 150, edge=STATE, fill=FILLS["state"])
    c.symbol(580, middle, "$h$", size=44, colour=STATE)
    c.text(580, middle - 100, "$m$", size=26, colour=MUTED)
    _matrix(
        c, 788, middle, 90, 210, "$C$", r"$|V| \times m$", "candidate" if cbow else "output", 44
    )
    c.text(580, middle + 104, c.say(pl="średnia", en="mean") if cbow else
           c.say(pl="jeden wiersz", en="one row"), size=26, colour=STATE)  # fmt: skip
    if cbow:
        for y in ys:
            c.arrow((left + 78, y), (324, middle + 0.55 * (y - middle)), colour=OUTPUT)
        c.arrow((836, middle), (right - 80, middle), colour=CANDIDATE, width=3.5)
    else:
        c.arrow((left + 78, middle), (324, middle), colour=CANDIDATE, width=3.5)
        for y in ys:
            c.arrow((836, middle + 0.55 * (y - middle)), (right - 80, y), colour=OUTPUT)
    c.arrow((420, middle), (534, middle), colour=STATE, width=3.5)
    c.arrow((626, middle), (740, middle), colour=STATE, width=3.5)


@diagram("embeddings-cbow", height=350)
def cbow(c: Canvas) -> None:
    """CBOW: the neighbours' vectors are averaged and predict the word."""
    _model(c, cbow=True)


@diagram("embeddings-skip-gram", height=350)
def skip_gram(c: Canvas) -> None:
    """Skip-gram: the same picture turned round, the word predicts each of its neighbours."""
    _model(c, cbow=False)


@diagram("embeddings-autoencoder", height=330)
def autoencoder(c: Canvas) -> None:
    """An autoencoder and skip-gram: the same narrow middle, another target."""
    for row, (name, target, colour) in enumerate(
        (
            (c.say(pl="autokoder", en="autoencoder"), c.say(pl="kot", en="cat"), FORGET),
            ("skip-gram", c.say(pl="śpi", en="sleeps"), INPUT),
        )
    ):
        y = 248 - 160 * row
        c.text(20, y, name, size=30, weight=600, colour=NAVY, align="left")
        _word(c, 300, y, c.say(pl="kot", en="cat"), edge=CANDIDATE, fill=CANDIDATE_FILL, width=110)
        c.arrow((366, y), (406, y), colour=CANDIDATE)
        for x, tall in ((430, 120), (590, 62), (750, 120)):
            c.box(x, y, 40, tall, edge=NAVY, fill=PANEL, radius=5)
        c.text(430, y, "$|V|$", size=22, colour=MUTED)
        c.text(590, y, "$m$", size=22, colour=MUTED)
        c.text(750, y, "$|V|$", size=22, colour=MUTED)
        for start, end, label in ((430, 590, "$W$"), (590, 750, r"$C^\top$")):
            c.arrow((start + 24, y), (end - 26, y), colour=NAVY)
            c.text((start + end) / 2 - 4, y + 28, label, size=26, colour=NAVY)
        c.arrow((774, y), (838, y), colour=colour, width=3)
        fill = FORGET_FILL if colour == FORGET else INPUT_FILL
        _word(c, 910, y, target, edge=colour, fill=fill, width=140)
        c.lines(
            1000, y,
            (c.say(pl="samo słowo", en="the word itself"),)
            if row == 0
            else (c.say(pl="słowo obok", en="a word nearby"),),
            size=25, colour=colour, align="left",
        )  # fmt: skip


@diagram("embeddings-negative", height=320)
def negative(c: Canvas) -> None:
    """Negative sampling: a true pair against noise words, each a yes-or-no question."""
    word = c.say(pl="kot", en="cat")
    _word(c, 110, 166, word, edge=CANDIDATE, fill=CANDIDATE_FILL)
    rows = (
        (
            c.say(pl="śpi", en="sleeps"),
            INPUT,
            INPUT_FILL,
            "1",
            c.say(pl="z tekstu", en="from the text"),
        ),
        (
            c.say(pl="hamuje", en="stops"),
            FORGET,
            FORGET_FILL,
            "0",
            c.say(pl="wylosowane", en="drawn"),
        ),
        (c.say(pl="zupa", en="soup"), FORGET, FORGET_FILL, "0", c.say(pl="wylosowane", en="drawn")),
    )
    for k, (text, edge, fill, label, whence) in enumerate(rows):
        y = 270 - 104 * k
        c.line([(188, 166), (330, y)], colour=edge, width=3)
        _word(c, 412, y, text, edge=edge, fill=fill)
        c.text(508, y, whence, size=25, colour=MUTED, align="left")
        c.arrow((660, y), (730, y), colour=edge)
        index = "o" if k == 0 else f"n_{k}"
        c.text(868, y, rf"$\sigma(\,c_{{{index}}} \cdot w\,)$", size=36, colour=edge)
        c.text(1000, y, "→", size=34, colour=MUTED)
        c.cell(1070, y, label, "input" if k == 0 else "forget", width=66)


@diagram("embeddings-ngrams", height=330, quotes="<ko <kot <kotem> em> kot kote ote otem tem tem>")
def ngrams(c: Canvas) -> None:
    """A word's vector is the mean of the vectors of its character n-grams."""
    c.text(580, 296, "<kotem>", size=44, weight=600, colour=CANDIDATE)
    rows = (("<ko", "kot", "ote", "tem", "em>"), ("<kot", "kote", "otem", "tem>"))
    shared = {"<ko", "kot", "<kot"}
    for row, pieces in enumerate(rows):
        y = 208 - 76 * row
        for k, piece in enumerate(pieces):
            x = 580 + 158 * (k - (len(pieces) - 1) / 2)
            same = piece in shared
            _word(c, x, y, piece, edge=INPUT if same else NAVY,
                  fill=INPUT_FILL if same else PAPER, width=136)  # fmt: skip
    c.text(580, 66, c.say(pl="wektor słowa = średnia wektorów kawałków i całego słowa",
                          en="a word’s vector = the mean of its pieces’ vectors and its own"),
           size=28, colour=INK)  # fmt: skip
    c.text(580, 22, c.say(pl="zielone są też w „kota”, „kotu”, ale i w „kotlet”",
                          en="the green ones are also in “kota”, “kotu”, but in “kotlet”, too"),
           size=25, colour=INPUT)  # fmt: skip


@diagram("embeddings-analogy", height=340)
def analogy(c: Canvas) -> None:
    """An analogy as a parallelogram, and the words that may not be the answer."""
    man, woman, king, queen = (200, 84), (420, 180), (610, 120), (830, 216)
    c.arrow(man, (woman[0] - 16, woman[1] - 8), colour=OUTPUT, width=3.5)
    c.arrow(king, (queen[0] - 16, queen[1] - 8), colour=OUTPUT, width=3.5, dashed=True)
    c.line([man, king], colour=MUTED, dashed=True)
    c.line([woman, queen], colour=MUTED, dashed=True)
    for (x, y), text, colour, dx, dy in (
        (man, c.say(pl="mężczyzna", en="man"), NAVY, 0, -40),
        (woman, c.say(pl="kobieta", en="woman"), NAVY, -10, 40),
        (king, c.say(pl="król", en="king"), NAVY, 0, -40),
        (queen, c.say(pl="królowa", en="queen"), CANDIDATE, 10, 40),
    ):
        c.disc(x, y, "", radius=13, colour=colour, fill=colour)
        c.text(x + dx, y + dy, text, size=30, weight=600, colour=colour)
    c.formula(
        580, 314,
        [("w_{b}", OUTPUT), (r"\;-\;", INK), ("w_{a}", OUTPUT), (r"\;+\;", INK), ("w_{c}", NAVY),
         (r"\;\approx\;", INK), ("w_{d}", CANDIDATE)],
        size=44,
    )  # fmt: skip
    c.text(960, 140, c.say(pl="a, b i c", en="a, b and c"), size=28, colour=FORGET, align="left")
    c.text(960, 102, c.say(pl="wykluczone", en="excluded"), size=28, colour=FORGET, align="left")


@diagram("embeddings-contextual", height=300)
def contextual(c: Canvas) -> None:
    """A static table has one vector for a word of two senses; a contextual model two."""
    sentences = (
        c.say(pl="rycerz wraca do zamku", en="he sat on the river bank"),
        c.say(pl="suwak w zamku się zaciął", en="the bank raised its rates"),
    )
    word = c.say(pl="zamek", en="bank")
    for k, (text, colour) in enumerate(zip(sentences, (OUTPUT, FORGET), strict=True)):
        y = 206 - 110 * k
        c.text(20, y, text, size=28, colour=colour, align="left")
        c.line([(372, y), (470, 151)], colour=colour)
        c.disc(938, y, "", radius=16, colour=colour, fill=colour)
        c.text(966, y, f"{word}", size=28, colour=colour, align="left", weight=600)
        c.arrow((840, 151), (912, y), colour=colour)
    c.disc(510, 151, "", radius=20, colour=NAVY, fill=NAVY)
    c.text(510, 104, word, size=28, weight=600, colour=NAVY)
    c.text(
        510, 262, c.say(pl="statyczny: jeden wiersz", en="static: one row"), size=28, colour=NAVY
    )
    c.box(752, 151, 176, 92, edge=NAVY, fill=PANEL)
    network = c.say(pl="sieć, która|czyta zdanie", en="a network that|reads it all")
    c.lines(752, 151, network.split("|"), size=24)
    c.arrow((536, 151), (660, 151), colour=NAVY)
    c.text(950, 262, c.say(pl="kontekstowy: dwa", en="contextual: two"), size=28, colour=NAVY)
