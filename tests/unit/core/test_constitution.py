"""Constitutions: what changes make of the founding, and which cannot be made."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from comity.core.bodies import (
    Admit,
    Amend,
    OptIn,
    Recognise,
    Reinstate,
    ReplaceKey,
    Suspend,
    Wake,
)
from comity.core.constitution import (
    CHARTER,
    COALITION,
    change_reason,
    changed,
    constitution_id,
    register_of,
)
from comity.core.proposals import Pinned, pin
from comity.core.strict import write_base64
from tests.property.record_strategies import DAY, PARAGRAPHS, Cast

SINCE = "2026-03-01"


@pytest.fixture
def cast():
    return Cast(4, 1, 0)


def reason(cast, effect, member="Arden", **options):
    found = pin(cast.change(effect, member, **options), cast.under, cast.ground)
    return None if isinstance(found, Pinned) else found


def amend(cast, old, new):
    assert old in cast.under.text
    return Amend(write_base64(cast.under.text.replace(old, new)))


def test_the_id_of_a_constitution_is_of_the_set_of_its_changes():
    names = ("a" * 64, "b" * 64)
    assert constitution_id("0" * 64, names) == constitution_id("0" * 64, names[::-1])
    assert constitution_id("0" * 64, names) != constitution_id("1" * 64, names)
    assert constitution_id("0" * 64, names[:1]) != constitution_id("0" * 64, ())


@pytest.mark.parametrize(
    ("effect", "register"),
    [
        (lambda c: Amend(""), CHARTER),
        (lambda c: c.admit("Elsin"), "Elsin"),
        (lambda c: Suspend("Dorn", SINCE), "Dorn"),
        (lambda c: Reinstate("Dorn", SINCE), "Dorn"),
        (lambda c: ReplaceKey(c.offer("Brill", "x")), "Brill"),
    ],
)
def test_each_change_belongs_to_one_register(cast, effect, register):
    assert register_of(cast.change(effect(cast))) == register


def test_a_notice_belongs_to_whoever_gives_it(cast):
    assert register_of(cast.leave("Dorn")) == "Dorn"
    with pytest.raises(AssertionError):
        register_of(cast.propose())


def test_a_member_called_charter_has_a_register_of_its_own(cast):
    """The register of the charter has a blank in its name, which no code has."""
    cast.settle(cast.admit("charter"))
    cast.settle(amend(cast, b'edition = "1"', b'edition = "2"'))
    assert set(cast.under.versions) == {"charter", CHARTER}
    assert cast.roster[-1] == "charter"


def test_every_change_can_be_made_of_a_constitution_that_bears_it(cast):
    for effect in (
        amend(cast, b'edition = "1"', b'edition = "2"'),
        cast.admit("Elsin"),
        Suspend("Dorn", SINCE),
        Reinstate("Dorn", SINCE),
        ReplaceKey(cast.offer("Harbour", "x")),
        ReplaceKey(cast.offer("Dorn", "y", office="press room")),
    ):
        assert reason(cast, effect) is None


UNMADE = [
    (lambda c: Admit("Harbour", "Harbour", "member", SINCE),
     "Harbour takes part already, and is no party"),
    (lambda c: Admit("Elsin", "Elsin", "guest", SINCE), "the charter has no standing called"),
    (lambda c: c.admit("Elsin", keys=(c.offer("Fenn", "x"),)),
     "it brings a key of Fenn, not of Elsin"),
    (lambda c: c.admit("Elsin", keys=(msgspec.structs.replace(c.offer("Elsin", "x"), proof=""),)),
     "nothing shows that Elsin"),
    (lambda c: ReplaceKey(c.offer("Fenn", "x")), "the charter does not name Fenn"),
    (lambda c: ReplaceKey(msgspec.structs.replace(c.offer("Dorn", "x"), proof="eA==")),
     "nothing shows that Dorn"),
    (lambda c: Suspend("Harbour", SINCE), "Harbour is no member"),
    (lambda c: Reinstate("Elsin", SINCE), "Elsin is no member"),
    (lambda c: Amend(write_base64(b"comity = 1")), "the charter it proposes cannot be read: "),
]  # fmt: skip


@pytest.mark.parametrize(("effect", "why"), UNMADE, ids=[why for _, why in UNMADE])
def test_a_change_that_cannot_be_made_has_a_reason(cast, effect, why):
    assert reason(cast, effect(cast)).startswith(why)


def test_a_change_replaces_the_last_of_its_register(cast):
    stale = "it does not replace the last change of Dorn in its constitution"
    assert reason(cast, Suspend("Dorn", SINCE), replaces="0" * 64) == stale
    first = cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    assert reason(cast, Reinstate("Dorn", SINCE), replaces=None) == stale
    assert reason(cast, Reinstate("Dorn", SINCE), replaces=first[0].id) is None
    assert reason(cast, Suspend("Corve", SINCE), replaces=first[0].id).endswith(
        "of Corve in its constitution"
    )


def test_a_change_after_which_the_charter_would_not_hold_together_is_refused():
    told = "the charter would no longer hold together: "
    cast = Cast(4, 1, 0, weighed=True)
    assert reason(cast, cast.admit("Elsin")).startswith(f"{told}Council counts people on")
    cast = Cast(3, 1, 0)
    # Of two, one that may be missing is half.
    assert reason(cast, Suspend("Corve", SINCE)).startswith(told)
    cast = Cast(4, 1, 0)
    cast.settle(cast.admit("Elsin"))
    # Three of six need not meet three others.
    assert reason(cast, cast.admit("Fenn")).startswith(f"{told}two majorities of 'change'")


def test_changes_that_do_not_follow_one_another_make_no_constitution(cast):
    one = cast.change(Suspend("Dorn", SINCE))
    other = cast.change(Suspend("Dorn", "2026-02-01"))
    broken = "the changes of Dorn do not follow one another"
    assert changed(cast.ground, {a.id: a for a in (one, other)}) == broken
    apart = cast.change(Reinstate("Dorn", SINCE), replaces="0" * 64)
    assert changed(cast.ground, {apart.id: apart}) == broken


def test_a_change_whose_charter_cannot_be_read_makes_no_constitution(cast):
    act = cast.change(Amend(write_base64(b"x")))
    assert changed(cast.ground, {act.id: act}).startswith("the charter it proposes cannot be read")
    assert change_reason(act, cast.under, cast.ground).startswith("the charter it proposes")


def test_standings_outlast_an_amendment_and_whoever_it_no_longer_names_is_passed_over(cast):
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    cast.settle(amend(cast, b'edition = "1"', b'edition = "2"'))
    assert cast.roster == ("Arden", "Brill", "Corve")
    cast.settle(ReplaceKey(cast.offer("Corve", "Corve again")), but=("Corve",))
    line = b'Dorn = { name = "Dorn", standing = "member" }\n'
    people = b", Dorn = 40"
    text = cast.under.text.replace(line, b"").replace(people, b"")
    cast.settle(Amend(write_base64(text)))
    assert "Dorn" not in cast.under.charter.order
    back = cast.ground.text.replace(b'edition = "1"', b'edition = "3"')
    cast.settle(Amend(write_base64(back)))
    assert cast.roster == ("Arden", "Brill", "Corve")  # named again, and suspended still


def test_a_reinstatement_of_somebody_no_longer_named_is_passed_over(cast):
    suspended = cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    cast.settle(Reinstate("Dorn", SINCE))
    assert suspended[0].id in cast.under.changes
    text = cast.under.text.replace(b'Dorn = { name = "Dorn", standing = "member" }\n', b"")
    cast.settle(Amend(write_base64(text.replace(b", Dorn = 40", b""))))
    assert cast.under.charter.order == ("Arden", "Brill", "Corve", "Harbour")


def test_readers_of_an_organ_sit_in_it_or_may_propose_there(cast):
    assert cast.under.readers("council", DAY) == ("Arden", "Brill", "Corve", "Dorn", "Harbour")
    assert cast.under.readers("watch", DAY) == ("Arden", "Brill", "Harbour")
    assert cast.under.readers("senate", DAY) == ()


def test_all_with_a_key_read_the_organ_of_all_but_who_left_or_is_not_there_yet(cast):
    everybody = ("Arden", "Brill", "Corve", "Dorn", "Harbour")
    assert cast.under.readers(COALITION, DAY) == everybody
    cast.settle(Suspend("Dorn", SINCE), but=("Dorn",))
    assert cast.under.readers(COALITION, DAY) == everybody
    assert "Dorn" not in cast.under.readers("council", DAY)
    cast.settle(cast.admit("Elsin"))
    cast.follow([cast.leave("Corve", "2026-02-15")])
    assert cast.under.readers(COALITION, DAY) == ("Arden", "Brill", "Dorn", "Elsin", "Harbour")
    assert "Corve" in cast.under.readers(COALITION, date(2026, 2, 14))
    assert "Elsin" not in cast.under.readers(COALITION, date(2026, 2, 14))


# How a change is decided.


def test_a_change_is_decided_in_the_organ_of_all_as_the_charter_says(cast):
    effect = Suspend("Dorn", SINCE)
    assert reason(cast, effect) is None
    assert reason(cast, effect, head={"organ": "council"}) == (
        "charter, standings and keys are changed in 'coalition' alone"
    )
    wrong = "on suspension the charter decides by 'change' and the procedure 'vote'"
    for options in ({"rule": "majority"}, {"procedure": "silence"}, {"procedure": "consensus"}):
        act = cast.act(
            "Arden",
            msgspec.structs.replace(cast.change(effect).body, **options),
            organ=COALITION,
        )
        assert pin(act, cast.under, cast.ground) == wrong
    watching = cast.change(effect, "Harbour")
    assert isinstance(pin(watching, cast.under, cast.ground), Pinned)


def test_what_is_no_change_is_not_decided_in_the_organ_of_all(cast):
    act = cast.propose(head={"organ": COALITION})
    assert pin(act, cast.under) == "the charter has no organ called 'coalition'"


def recast(cast, *swaps):
    """Return the cast under a charter with other words, as if it had been founded on it."""
    text = cast.under.text
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    cast.settle(Amend(write_base64(text)))
    return cast


def test_a_charter_that_does_not_say_how_it_changes_does_not_change(cast):
    table = b'\n[changes.admission]\norgan = "council"\nrule = "change"\nprocedure = "vote"\n'
    recast(cast, (table, b""))
    assert (
        reason(cast, cast.admit("Elsin")) == "the charter does not say how it decides on admission"
    )


def test_a_change_is_never_decided_by_silence(cast):
    """Whoever is silent would consent to two rivals, and say yes to neither."""
    table = b'[changes.admission]\norgan = "council"\nrule = "change"\nprocedure = "vote"'
    recast(cast, (table, table.replace(b"vote", b"silence")))
    act = cast.act(
        "Arden",
        msgspec.structs.replace(cast.change(cast.admit("Elsin")).body, procedure="silence"),
        organ=COALITION,
    )
    assert pin(act, cast.under, cast.ground) == (
        "whoever is silent would consent to rival changes: a change needs spoken words"
    )


def test_majorities_of_the_very_roster_must_meet():
    """The charter was sound; then two were admitted side by side, each soundly on its own."""
    cast = Cast(4, 1, 0)
    acts = [act for code in ("Elsin", "Fenn") for act in cast.decide(cast.change(cast.admit(code)))]
    cast.follow(acts)
    cast.follow([cast.enter("Arden")])
    assert len(cast.roster) == 6
    assert reason(cast, cast.admit("Gale")).startswith(
        "two majorities of this roster may share 0 members"
    )


# Effects that change nothing of charter, standings and keys.


EFFECTS = [
    ({"effect": OptIn(PARAGRAPHS), "rule": "two"}, None),
    ({"effect": OptIn(PARAGRAPHS)},
     "the rule 'consensus' binds all, and to opt in binds those who join"),
    ({"effect": Recognise("coast", ("Arden", "Harbour"))}, None),
    ({"effect": Recognise("coast", ("Arden", "Fenn"))}, "the charter does not name Fenn"),
    ({"effect": Wake("bridge", "The river rose.")}, None),
    ({"effect": Wake("ambulance", "x")}, "Send the ambulance is in force already"),
    ({"effect": Wake("road", "x")}, "the charter has no obligation called 'road'"),
]  # fmt: skip


@pytest.mark.parametrize(("pins", "why"), EFFECTS, ids=[str(why) for _, why in EFFECTS])
def test_an_effect_that_could_not_be_has_a_reason(cast, pins, why):
    found = pin(cast.propose(**pins), cast.under)
    assert (None if isinstance(found, Pinned) else found) == why
