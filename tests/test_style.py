"""Colours that stay apart, figures in both languages."""

from __future__ import annotations

import base64
import io
import itertools
import os
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

from unrolled import palette, style, words
from unrolled.words import MissingWordError, translate

# --- colours ------------------------------------------------------------------------------------

#: Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIMULATIONS = {
    "normal sight": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

#: Patches side by side look just different at about 2.3 (CIEDE2000: 1 to 2.3). Lines and letters
#: two or three pixels wide need several times that; 12 is five just-noticeable differences. As a
#: yardstick: Okabe and Ito's orange and vermillion, meant for such readers, are 10.9 apart
#: under protanopia.
APART = 12.0


def linear(colour: str) -> np.ndarray:
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    x = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(x > 216 / 24389, np.cbrt(x), (24389 / 27 * x + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: np.ndarray, two: np.ndarray) -> float:
    """Sharma, Wu & Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(c**7 / (c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    if not c1 * c2:
        hm = h1 + h2
    elif abs(h1 - h2) <= 180:
        hm = (h1 + h2) / 2
    else:
        hm = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2

    def cosine(degrees: float) -> float:
        return float(np.cos(np.radians(degrees)))

    t = (
        1
        - 0.17 * cosine(hm - 30)
        + 0.24 * cosine(2 * hm)
        + 0.32 * cosine(3 * hm + 6)
        - 0.20 * cosine(4 * hm - 63)
    )
    s_l = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    s_c, s_h = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    twist = np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2))))
    r = -2 * np.sqrt(cm**7 / (cm**7 + 25.0**7)) * twist
    x, y, z = d_l / s_l, d_c / s_c, d_h / s_h
    return float(np.sqrt(x * x + y * y + z * z + r * y * z))


def test_the_measure_of_difference_gives_the_published_values() -> None:
    # Pairs 1, 13 and 25 of Sharma, Wu & Dalal 2005, table 1.
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    for one, two, published in pairs:
        assert ciede2000(np.array(one, float), np.array(two, float)) == pytest.approx(
            published, abs=1e-4
        )


@pytest.mark.parametrize("sight", SIMULATIONS)
def test_role_colours_stay_apart(sight: str) -> None:
    seen = {role: lab(SIMULATIONS[sight] @ linear(c)) for role, c in palette.ROLES.items()}
    for a, b in itertools.combinations(seen, 2):
        gap = ciede2000(seen[a], seen[b])
        assert gap >= APART, f"{a} and {b} are {gap:.1f} apart with {sight}"


@pytest.mark.parametrize(
    "colour", [palette.INK, palette.MUTED, palette.NAVY, palette.LINK, *palette.ROLES.values()]
)
def test_text_is_readable_on_paper_and_panel(colour: str) -> None:
    assert contrast(colour, palette.PAPER) >= 4.5
    assert contrast(colour, palette.PANEL) >= 4.5


@pytest.mark.parametrize("fill", palette.FILLS.values())
def test_ink_is_readable_on_every_fill(fill: str) -> None:
    assert contrast(palette.INK, fill) >= 7


def test_a_roles_label_is_readable_on_its_fill() -> None:
    for role in palette.ROLES:  # large text: 3:1
        assert contrast(palette.ROLES[role], palette.FILLS[role]) >= 3


# --- words --------------------------------------------------------------------------------------


def test_words_are_sorted_so_that_an_entry_is_found() -> None:
    keys = list(words.WORDS)
    assert keys == sorted(keys, key=str.lower)


def test_words_have_no_empty_entry() -> None:
    assert all(pl.strip() for pl in words.WORDS.values())


@pytest.mark.parametrize(
    ("english", "polish"),
    [
        ("time step", "krok czasu"),
        ("step 2.5", "krok 2,5"),
        ("0.25", "0,25"),
        ("12,345", "12\u00a0345"),
        ("$s_{t-1}$", "$s_{t-1}$"),
        ("$g = 0.5$", "$g = 0{,}5$"),
        ("LSTM, 32", "LSTM, 32"),
        ("x", "x"),
        ("1949-Feb", "1949-lut"),
        ("Jul", "lip"),
    ],
)
def test_a_label_in_polish(english: str, polish: str) -> None:
    assert translate(english, "pl", strict=True) == polish
    assert translate(english, "en", strict=True) == english


@pytest.mark.parametrize("label", ["unheard-of thing", "unheard-of 3", "LSTM sings"])
def test_a_label_without_polish(label: str) -> None:
    assert translate(label, "pl") == label
    with pytest.raises(MissingWordError, match=r"WORDS in unrolled/words.py"):
        translate(label, "pl", strict=True)


def test_the_error_names_label_and_key() -> None:
    with pytest.raises(MissingWordError, match=r"'comb 5'.*key 'comb #'"):
        translate("comb 5", "pl", strict=True)


# --- figures ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _our_style():
    with mpl.rc_context():
        style.set_rc()
        yield
        plt.close("all")


def figure_with_words() -> plt.Figure:
    figure, axes = plt.subplots(1, 2)
    axes[0].plot([0, 0.5], [1, 2], label="forecast")
    axes[0].set(title="training", xlabel="time step", ylabel="$h_t$")
    axes[0].legend()
    axes[1].bar(["training", "test"], [0.25, 0.75])
    return figure


def shown_texts(figure: plt.Figure, language: str) -> set[str]:
    with style.translated(figure, language, strict=True):
        figure.canvas.draw()
        return {t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_visible()}


def test_every_kind_of_label_is_translated() -> None:
    figure = figure_with_words()
    polish = shown_texts(figure, "pl")
    assert {"uczenie", "krok czasu", "prognoza", "test", "$h_t$"} <= polish
    assert "$\\mathdefault{0{,}4}$" in polish  # a tick
    assert "training" not in polish
    english = shown_texts(figure, "en")
    assert {"training", "time step", "forecast", "$\\mathdefault{0.4}$"} <= english


def test_a_figure_is_left_as_it_was() -> None:
    figure = figure_with_words()
    figure.canvas.draw()
    before = sorted(t.get_text() for t in figure.findobj(mpl.text.Text))
    formatters = [axis.major.formatter for axis in figure.findobj(mpl.axis.Axis)]
    style.png(figure, "pl")
    figure.canvas.draw()
    assert sorted(t.get_text() for t in figure.findobj(mpl.text.Text)) == before
    assert [axis.major.formatter for axis in figure.findobj(mpl.axis.Axis)] == formatters


def test_a_figure_is_small_the_same_every_time_and_fits_a_slide() -> None:
    first = style.png(figure_with_words(), "pl")
    assert first == style.png(figure_with_words(), "pl")
    assert len(first) < 60_000
    width, height = Image.open(io.BytesIO(first)).size
    assert 1590 <= width <= 1610
    assert height <= width / 2
    smallest = min(mpl.rcParams[k] for k in ("xtick.labelsize", "ytick.labelsize"))
    assert smallest / 72 * 1100 / mpl.rcParams["figure.figsize"][0] >= 20  # px on a slide


def test_a_photograph_keeps_its_colours() -> None:
    figure, ax = plt.subplots()
    ax.imshow(np.random.default_rng(0).random((64, 64, 3)))
    assert Image.open(io.BytesIO(style.png(figure, "en"))).mode == "RGB"
    assert Image.open(io.BytesIO(style.png(figure_with_words(), "en"))).mode == "P"


def test_the_fonts_are_the_courses() -> None:
    found = mpl.font_manager.findfont("Source Sans 3", fallback_to_default=False)
    assert Path(found).parent == style.FONTS


def test_the_build_gets_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    data, metadata = style.bundle(figure_with_words())
    both = metadata["unrolled"]["variants"]
    assert both["pl"]["image/png"] == data["image/png"] != both["en"]["image/png"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_a_picture_without_words_has_no_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label="$x_t$")
    ax.set(xticks=[0, 1], yticks=[0, 1])
    assert style.bundle(figure)[1] == {}


def test_a_reader_gets_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNROLLED_BUILD", raising=False)
    figure, ax = plt.subplots()
    ax.set_title("a student's own title")  # has no Polish: shown as it is
    assert style.bundle(figure)[1] == {}


def test_line_labels_do_not_overlap() -> None:
    figure, ax = plt.subplots()
    for end, name in ((1.0, "LSTM"), (1.001, "GRU"), (1.002, "RNN"), (5.0, "ETS")):
        ax.plot([0, 1], [0, end], label=name)
    labels = style.label_lines(ax)
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in labels]
    for low, high in itertools.pairwise(boxes):
        assert low.y1 <= high.y0 + 1
    assert [label.get_text() for label in labels] == ["LSTM", "GRU", "RNN", "ETS"]


# --- in a notebook ------------------------------------------------------------------------------


def run_notebook(*cells: str, folder: Path, build: bool) -> list[nbformat.NotebookNode]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    changed = {"UNROLLED_BUILD": "1" if build else "", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    saved = {key: os.environ.get(key) for key in changed}
    os.environ.update(changed)
    try:
        client = NotebookClient(notebook, timeout=120, kernel_name="python3")
        client.execute(cwd=str(folder))
    finally:
        for key, value in saved.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
    return notebook.cells


FIRST = "from unrolled import style\nstyle.use()\nimport matplotlib.pyplot as plt"
PLOT = "fig, ax = plt.subplots()\nax.set_title('forecast');"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_figures_in_a_notebook_that_is_built(tmp_path: Path) -> None:
    (tmp_path / "pl").mkdir()
    cells = run_notebook(
        FIRST + "\n" + PLOT, PLOT + "\nplt.show()", PLOT + "\nplt.close()\nfig",
        folder=tmp_path / "pl", build=True,
    )  # fmt: skip
    for cell in cells:
        (output,) = cell.outputs
        both = output.metadata["unrolled"]["variants"]
        assert output.data["image/png"] == both["pl"]["image/png"] != both["en"]["image/png"]
        assert output.output_type in ("display_data", "execute_result")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "shown",
    [
        "fig, ax = plt.subplots()\nax.set_title('unheard of');",
        "from unrolled.tables import Table\nTable([{'unheard of': 1}])",
    ],
)
def test_a_build_fails_at_a_label_without_polish(tmp_path: Path, shown: str) -> None:
    with pytest.raises(CellExecutionError, match="'unheard of'"):
        run_notebook(FIRST, shown, folder=tmp_path, build=True)


def test_axes_that_share_a_scale_keep_their_numbers_in_each_language() -> None:
    figure, axes = plt.subplots(1, 2, sharex=True, sharey=True)
    for ax in axes:
        ax.plot([0, 0.5], [0, 0.5])

    def labels() -> str:
        figure.draw_without_rendering()
        return "".join(text.get_text() for text in axes[0].get_yticklabels())

    english = labels()
    assert "0.1" in english
    for _ in range(2):
        with style.translated(figure, "pl"):
            assert "0.1" not in labels()
        assert labels() == english, "the Polish picture must leave no trace"
    plt.close(figure)
