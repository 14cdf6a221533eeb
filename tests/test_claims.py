"""Claims: a tick in both languages, below assertions."""

from __future__ import annotations

import pytest

from unrolled.claims import _Claim, claim


def test_a_claim_is_a_tick_and_its_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, text in (("pl", "✓ bramka pamięta\n"), ("en", "✓ the gate remembers\n")):
        monkeypatch.setenv("UNROLLED_LANGUAGE", language)
        claim(pl="bramka pamięta", en="the gate remembers")
        assert capsys.readouterr().out == text


def test_a_claim_travels_as_prose_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    data, metadata = _Claim(pl="$x$ tak", en="$x$ yes")._repr_mimebundle_()
    assert data == {"text/plain": "$x$ tak", "text/markdown": "$x$ tak"}
    assert metadata["unrolled"]["variants"]["en"]["text/markdown"] == "$x$ yes"
