"""Founding by files: offers, drafts, signatures one after another or side by side."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from comity.errors import ActError, UsageError
from comity.node.drafts import OfferForm, begin, merged, read_draft, read_offer, write_offer
from comity.node.keys import new_keys

TEXT = (Path(__file__).parents[3] / "examples/larch-league.toml").read_bytes()
RUN = "0" * 32


def keys(member):
    return new_keys(member, ("office",), made_at="2026-01-01T00:00:00Z")


def offer(made):
    return OfferForm(1, tuple(key.held for key in made.offices))


def seed(made):
    return made.signing().seed.reveal()


@pytest.fixture
def two():
    return keys("Arden"), keys("Brill")


@pytest.fixture
def draft(two):
    return begin(TEXT, [offer(two[1]), offer(two[0])], RUN, exercise=True)


def test_a_draft_goes_round_and_founds_once_all_have_signed(two, draft):
    assert [held.member for held in draft.unsigned] == ["Arden", "Brill"]
    one = read_draft(draft.signed_with([seed(two[0])]).to_bytes())
    assert [held.member for held in one.unsigned] == ["Brill"]
    with pytest.raises(ActError, match="not signed by Brill"):
        one.founding()
    whole = read_draft(one.signed_with([seed(two[1])]).to_bytes())
    assert whole.founding().id == draft.id
    assert whole.exercise


def test_signatures_made_side_by_side_are_put_together(two, draft):
    copies = [draft.signed_with([seed(made)]) for made in two]
    assert merged(copies).unsigned == ()
    assert merged([*copies, draft]).founding().id == draft.id


def test_drafts_of_two_foundings_are_not_put_together(two, draft):
    other = begin(TEXT, [offer(two[0])], "1" * 32)
    with pytest.raises(UsageError, match="two foundings"):
        merged([draft, other])


@pytest.mark.parametrize(
    ("field", "change", "refusal"),
    [
        pytest.param("charter", b"comity = 1\n", "another-charter", id="another charter"),
        pytest.param("payload", b"{}", "shape", id="another founding"),
    ],
)
def test_a_draft_that_was_changed_is_refused(draft, field, change, refusal):
    plain = json.loads(draft.to_bytes())
    assert b64decode(plain[field])
    plain[field] = b64encode(change).decode()
    with pytest.raises(ActError) as refused:
        read_draft(json.dumps(plain).encode())
    assert refused.value.refusal == refusal


def test_a_signature_that_does_not_fit_is_refused(two, draft):
    plain = json.loads(draft.signed_with([seed(two[0])]).to_bytes())
    plain["signatures"][0]["sig"] = b64encode(bytes(64)).decode()
    with pytest.raises(ActError) as refused:
        read_draft(json.dumps(plain).encode())
    assert refused.value.refusal == "bad-signature"


@pytest.mark.parametrize("member", ["Fen", "Larch"])
def test_only_those_whom_the_charter_names_are_founded(member):
    with pytest.raises(UsageError, match="does not name"):
        begin(TEXT, [offer(keys(member))], RUN)


def test_two_keys_for_one_office_are_refused_and_one_offered_twice_is_not(two):
    with pytest.raises(UsageError, match="two different keys"):
        begin(TEXT, [offer(two[0]), offer(keys("Arden"))], RUN)
    assert len(begin(TEXT, [offer(two[0]), offer(two[0])], RUN).form.keys) == 1
    with pytest.raises(UsageError, match="nobody has offered"):
        begin(TEXT, [], RUN)


def test_an_offer_is_read_as_it_was_written(two):
    assert read_offer(write_offer(offer(two[0]))) == offer(two[0])
