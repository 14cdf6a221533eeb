"""What a notebook says, in the notebook's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from unrolled.messages import Message, building, language, variants

HELLO = Message(pl="dobrze", en="good")


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    assert language() == "pl"
    assert str(HELLO) == "dobrze"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("labs/pl", "pl"), ("labs/en", "en"), ("labs/pl/solutions", "pl"), ("labs", "en")],
)
def test_the_folder_tells_the_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, expected: str
) -> None:
    monkeypatch.delenv("UNROLLED_LANGUAGE", raising=False)
    (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / folder)
    assert language() == expected


def test_an_unknown_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "de")
    with pytest.raises(ValueError, match="must be 'pl' or 'en', not 'de'"):
        language()


def test_both_texts_travel_only_with_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    assert building()
    data, metadata = HELLO._repr_mimebundle_()
    assert data == {"text/plain": "good"}
    assert metadata["unrolled"]["variants"]["pl"] == {"text/plain": "dobrze"}
    monkeypatch.setenv("UNROLLED_BUILD", "0")
    assert HELLO._repr_mimebundle_() == ({"text/plain": "good"}, {})
    assert variants({}) == {}


def test_outside_a_notebook_a_message_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    HELLO.show()
    assert capsys.readouterr().out == "dobrze\n"
