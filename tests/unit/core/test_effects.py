"""Effects in words."""

from __future__ import annotations

import pytest

from comity.core.bodies import (
    Admit,
    Adopt,
    Amend,
    CloseCase,
    OpenCase,
    OptIn,
    Recognise,
    Reinstate,
    ReplaceKey,
    Suspend,
    Wake,
)
from comity.core.effects import effect_words
from tests.property.record_strategies import Cast

CAST = Cast(4, 1, 0)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Adopt(("x",)), "agrees a text of one paragraph"),
        (OptIn(("x", "y")), "opens a text of 2 paragraphs to whoever joins it"),
        (OpenCase("flood", "The flood"), "opens the case flood: The flood"),
        (CloseCase("flood"), "closes the case flood"),
        (Recognise("coast", ("Arden", "Harbour")),
         "recognises the group coast: Arden, Harbour Office"),
        (Wake("bridge", "the river rose"),
         "wakes the obligation 'Keep the bridge', because the river rose"),
        (Wake("road", "x"), "wakes the obligation 'road', because x"),
        (Amend(""), "puts another charter in the place of the one in force"),
        (Admit("Elsin", "Elsin", "member", "2026-03-01"),
         "admits Elsin as member from 2026-03-01"),
        (Suspend("Dorn", "2026-03-01"), "suspends Dorn from 2026-03-01"),
        (Reinstate("Dorn", "2026-03-01"), "reinstates Dorn from 2026-03-01"),
        (ReplaceKey(CAST.offer("Harbour", "x")),
         "replaces the key of Harbour Office, foreign ministry"),
    ],
)  # fmt: skip
def test_an_effect_is_told_in_one_line(effect, words):
    assert effect_words(effect, CAST.under.charter) == words
