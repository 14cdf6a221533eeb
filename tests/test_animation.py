"""Frames that move, stop and stand still: the notebook's output and what reads it."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from unrolled import animation
from unrolled.animation import Animation, Player
from unrolled.words import MissingWordError

FRAMES = [np.full((4, 6), value) for value in (0.0, 0.5, 1.0)]


def picture(data: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def bundle(shown: Animation) -> tuple[dict[str, Any], dict[str, Any]]:
    return shown._repr_mimebundle_()


def test_arrays_become_one_reel_with_pixels_one_can_see() -> None:
    player = Animation(FRAMES, pl="szarość", en="greys").player("en")
    assert (player.count, player.width, player.height) == (3, 480, 320)
    reel = np.asarray(picture(player.reel))
    assert reel.shape == (960, 480, 3)
    assert [reel[320 * k + 100, 200, 0] for k in range(3)] == [0, 128, 255]


def test_colours_and_bytes_stay_as_they_are() -> None:
    red = np.zeros((480, 600, 3), np.uint8)
    red[..., 0] = 200
    player = Animation([red, red // 2], pl="czerwień", en="reds").player("en")
    assert (player.width, player.height) == (600, 480)
    assert picture(player.reel).getpixel((5, 5)) == (200, 0, 0)
    assert picture(player.reel).getpixel((5, 485)) == (100, 0, 0)


def test_the_still_picture_shows_the_frames_side_by_side() -> None:
    player = Animation(FRAMES, pl="szarość", en="greys", still=(0, -1)).player("en")
    still = np.asarray(picture(player.still))
    assert still.shape == (320, 480 + 24 + 480, 3)
    assert still[9, 9, 0] == 0
    assert still[9, -9, 0] == 255
    many = Animation([FRAMES[0]] * 30, pl="dużo", en="many")
    assert many.still == [0, 7, 14, 22, 29]


def test_the_output_is_html_with_a_switch_a_picture_and_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    data, metadata = bundle(Animation(FRAMES, pl="szarość <3>", en="greys <3>", pause=0.25))
    assert metadata == {}
    assert data["text/plain"] == "szarość <3>"
    html = data["text/html"]
    assert '<input type="checkbox" checked> odtwarzanie' in html
    assert "animation:unrolled-reel 0.75s steps(3) infinite" in html
    assert "szarość &lt;3&gt;" in html
    assert "prefers-reduced-motion:reduce" in html
    assert "<script" not in html
    assert "http" not in html
    player = animation.read(html)
    assert player is not None
    assert (player.caption, player.pause, player.still) == ("szarość <3>", 0.25, data["image/png"])


def test_while_the_course_is_built_both_languages_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")
    data, metadata = bundle(Animation(FRAMES, pl="szarość", en="greys"))
    both = metadata["unrolled"]["variants"]
    assert both["en"] == data
    assert "odtwarzanie" in both["pl"]["text/html"]
    assert "playing" in both["en"]["text/html"]


def test_one_figure_may_be_changed_and_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    matplotlib.use("agg")

    def frames() -> Any:
        figure = Figure(figsize=(3, 2), dpi=60)
        bars = figure.subplots().bar([0], [1.0])
        figure.axes[0].set_xlabel("step")
        for height in (0.1, 0.9):
            bars[0].set_height(height)
            yield figure

    shown = Animation(frames(), pl="słupek", en="bar")
    first, second = (np.asarray(frame) for frame in shown.pictures["en"])
    assert (first != second).any()
    assert (np.asarray(shown.pictures["pl"][0]) != first).any(), "its labels are Polish"

    def unknown() -> Any:
        figure = Figure(figsize=(3, 2), dpi=60)
        figure.text(0.5, 0.5, "a label nobody translated")
        yield figure

    with pytest.raises(MissingWordError):
        Animation(unknown(), pl="napis", en="label")


def test_a_figure_grows_to_the_right_and_is_whole_in_the_end() -> None:
    figure = Figure(figsize=(3, 2), dpi=50)
    ax = figure.subplots()
    ax.plot([0, 1, 2], [1, 1, 1], color="black", lw=8)
    limits = ax.get_xlim()
    whole = animation._figure(figure, "en")
    frames = Animation(animation.unveiled(figure, (0.5, 1.5), rest=2), pl="x", en="x").pictures
    first, second, *rest = [np.asarray(frame) for frame in frames["en"]]
    assert len(rest) == 2
    assert all((frame == np.asarray(whole)).all() for frame in rest)
    ink = [(frame.max(axis=2) < 40).sum() for frame in (first, second, rest[0])]
    assert ink[0] < 0.6 * ink[1] < 0.6 * ink[2]
    assert ax.get_xlim() == limits
    assert not ax.patches, "the figure is as it was"


@pytest.mark.parametrize(
    ("frames", "still", "says"),
    [
        (FRAMES[:1], None, "at least two frames, not 1"),
        ([FRAMES[0], np.zeros((9, 6))], None, "one size"),
        ([np.zeros(5), np.zeros(5)], None, "an array must be"),
        ([np.zeros((4, 4, 4))] * 2, None, "an array must be"),
        (FRAMES, (0, 3), "still must number some of the 3 frames"),
        (FRAMES, (), "still must number"),
    ],
)
def test_what_is_no_animation_is_refused(frames: Any, still: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Animation(frames, pl="x", en="x", still=still)


def test_nothing_but_an_animation_is_read() -> None:
    player = Player("AAAA", "BBBB", 3, 10, 20, 0.5, 'a "b"', "playing", "what <one> sees")
    html = player.html()
    assert animation.read(html) == player
    assert animation.read(f"\n{html}\n") == player
    for stranger in (
        "",
        "<p>x</p>",
        html + "<script>x</script>",
        html.replace("<style>", "<style>*{display:none}"),
        html.replace("AAAA", 'AAAA"/><script>x</script><image href="'),
        html.replace("playing", "<b>playing</b>"),
        html.replace('height="60"', 'height="61"'),
        html.replace("checked>", "checked onclick=x>"),
    ):
        assert animation.read(stranger) is None, stranger[:60]
    assert replace(player, alt="other").html() != html
