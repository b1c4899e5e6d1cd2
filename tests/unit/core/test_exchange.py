"""The exchange of one node with its peers, message by message."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.core.acts import ActForm, SealedForm, act_of
from comity.core.beacons import Tip, write_beacon
from comity.core.copies import BACK, LIMITS, MAX_WANTED, Limits
from comity.core.exchange import PATIENCE, Gap
from comity.core.messages import MAX_ACTS, MAX_BATCH, Acts, BeaconTold, Heads, Range, Request
from comity.core.messages import read_message as read
from comity.core.strict import write_base64, write_json
from comity.errors import ActError, UsageError
from tests.property.exchange_network import START, Network, kind_of, safely
from tests.property.record_strategies import OFFICE, Cast, changed, seed

READERS = {"council": ("Arden", "Brill", "Corve", "Dorn"), "watch": ("Arden", "Brill")}
NOBODY = frozenset()


def nothing(sender, peer, data):
    return ()


class Table(Network):
    """Brill's node, and what it is told by hand: letters go nowhere by themselves."""

    def __init__(self, cast=None, **options):
        super().__init__(cast or Cast(4, 1, 0), READERS, fate=nothing, **options)
        self.node = self.nodes["Brill"]
        self.exchange = self.node.exchange

    def after(self, seconds):
        self.now += timedelta(seconds=seconds)

    def tell(self, peer, kind, *fields, organ="council", coalition=None):
        message = kind(1, coalition or self.cast.founding.id, organ, *fields)
        return self.node.receive(peer, write_json(message), self.readers, self.now)

    def heads(self, peer, *acts, lit=None, **options):
        chains = {}
        for act in acts:
            chains.setdefault(act.member, []).append(Tip(act.header.seq, act.id))
        chains = {member: tuple(tips) for member, tips in chains.items()}
        return self.tell(peer, Heads, chains, lit or {}, **options)

    def give(self, peer, *forms, ask=None, cut=False, **options):
        forms = tuple(form if isinstance(form, ActForm) else form.form() for form in forms)
        return self.tell(peer, Acts, forms, ask, cut, **options)

    def due(self, kind="request"):
        """Return what is due of a kind, by peer."""
        letters = self.exchange.due(readers=self.readers, now=self.now)
        return {
            letter.peer: read(letter.data, self.cast.founding.id)
            for letter in letters
            if kind_of(letter.data) == kind
        }


@pytest.fixture
def table():
    return Table()


def chain(cast, length, member="Arden", organ="council"):
    """Return the acts of a chain."""
    proposal = cast.propose(member, head={"organ": organ})
    return [
        proposal,
        *(cast.say(member, proposal, "yes", organ=organ) for _ in range(length - 1)),
    ]


# Asking.


def test_heads_that_show_more_are_asked_for(table):
    acts = chain(table.cast, 3)
    table.heads("Arden", acts[-1])
    asked = table.due()
    assert asked["Arden"].ranges == (Range("Arden", 1, 3),)
    got = table.give("Arden", *acts, ask=asked["Arden"].ask)
    assert got.acts == tuple(acts)
    assert not table.due()
    assert not table.exchange.gaps("council")
    assert table.exchange.heads("council") == {"Arden": (Tip(3, acts[-1].id),)}


def test_heads_that_show_nothing_new_are_not_asked_for(table):
    acts = chain(table.cast, 3)
    table.node.keep(acts, table.now)
    for act in acts:
        table.heads("Corve", act)
    assert not table.due()
    assert not table.exchange.copies["council"].peers["Corve"].claims


def test_while_an_answer_is_awaited_nobody_is_asked_again(table):
    acts = chain(table.cast, 3)
    table.heads("Arden", acts[-1])
    table.heads("Corve", acts[-1])
    assert len(table.due()) == 1
    assert not table.due()


def test_after_a_while_another_peer_is_asked(table):
    acts = chain(table.cast, 3)
    table.heads("Corve", acts[-1])
    table.heads("Dorn", acts[-1])
    first = table.due()
    table.after(LIMITS.ask_again)
    second = table.due()
    assert {*first} | {*second} == {"Corve", "Dorn"}
    late = table.give(*first, *acts, ask=first[next(iter(first))].ask)
    assert late.acts == tuple(acts), "an answer that comes late is an answer"
    table.after(LIMITS.ask_again)
    assert not table.due()


def test_chains_are_asked_of_different_peers(table):
    ours, theirs = chain(table.cast, 2), chain(table.cast, 2, "Dorn")
    for peer in ("Corve", "Dorn"):
        table.heads(peer, ours[-1], theirs[-1])
    asked = table.due()
    assert {peer: [r.member for r in request.ranges] for peer, request in asked.items()} in (
        {"Corve": ["Arden"], "Dorn": ["Dorn"]},
        {"Corve": ["Dorn"], "Dorn": ["Arden"]},
    )


def test_a_request_has_no_more_ranges_than_it_may(table):
    chains = {f"M{k}": (Tip(5, f"{k:064x}"),) for k in range(200)}
    table.tell("Corve", Heads, chains, {})
    asked = table.due()["Corve"]
    assert 50 < len(asked.ranges) <= 64
    table.give("Corve", ask=asked.ask)
    assert len(table.due()["Corve"].ranges) > 50, "then the rest"


def test_a_claim_to_acts_that_are_not_there_is_forgotten(table):
    table.tell("Corve", Heads, {"Arden": (Tip(10**9, "0" * 64),)}, {})
    asked = table.due()["Corve"]
    assert asked.ranges == (Range("Arden", 1, 10**9),)
    table.give("Corve", ask=asked.ask)
    assert not table.due()
    table.after(1_000)
    assert not table.due()


def test_a_claim_left_unanswered_twice_is_forgotten(table):
    table.tell("Corve", Heads, {"Arden": (Tip(9, "0" * 64),)}, {})
    for _ in range(2):
        assert table.due().keys() == {"Corve"}
        table.after(LIMITS.ask_again)
    assert not table.due()
    assert not table.exchange.copies["council"].peers["Corve"].tries


def test_a_peer_that_claims_and_does_not_answer_does_not_hold_up_a_chain(table):
    acts = chain(table.cast, 9)
    asked = []
    for k in range(0, 9, 3):
        table.tell("Corve", Heads, {"Arden": (Tip(10**9, "0" * 64),)}, {})
        table.heads("Dorn", acts[-1])
        for peer, request in table.due().items():
            asked.append(peer)
            if peer == "Dorn":
                table.give("Dorn", *acts[k : k + 3], ask=request.ask, cut=True)
        table.after(LIMITS.ask_again)
    assert asked.count("Dorn") >= 2


def test_that_there_was_no_room_is_believed_of_an_answer_that_brought_something(table):
    ours, theirs = chain(table.cast, 2), chain(table.cast, 2, "Dorn")
    table.heads("Corve", ours[-1], theirs[-1])
    asked = table.due()["Corve"]
    table.give("Corve", *ours, ask=asked.ask, cut=True)
    asked = table.due()["Corve"]
    assert asked.ranges == (Range("Dorn", 1, 2),)
    table.give("Corve", ask=asked.ask, cut=True)
    assert not table.due()


def test_a_prev_that_points_at_nothing_holds_nothing_back_and_is_asked_of_anybody(table):
    acts = chain(table.cast, 5)
    got = table.give("Dorn", acts[0], acts[4])
    assert got.acts == (acts[0], acts[4])
    assert table.exchange.gaps("council") == (
        Gap("council", "Arden", 2, 4),
        Gap("council", "Arden", 4, 4, acts[3].id),
    )
    asked = []
    for _ in range(3):  # each in turn
        (peer, request), *none = table.due().items()
        assert not none
        assert request.ranges == (Range("Arden", 2, 4),)
        asked.append(peer)
        table.give(peer, ask=request.ask)
    assert sorted(asked) == ["Arden", "Corve", "Dorn"]
    assert not table.due(), "all were asked in vain, so it rests"
    table.after(LIMITS.rest)
    (peer, request), *_ = table.due().items()
    table.give(peer, *acts[1:4], ask=request.ask)
    assert not table.exchange.gaps("council")
    assert not table.exchange.copies["council"].holed or not table.due()
    assert not table.exchange.copies["council"].holed


def test_what_anybody_left_unanswered_is_asked_of_the_next(table):
    acts = chain(table.cast, 3)
    table.give("Arden", acts[2])
    asked = set()
    for _ in range(3):
        asked |= table.due().keys()
        table.after(LIMITS.ask_again)
    assert asked == {"Arden", "Corve", "Dorn"}


def fork_of(cast, length, at, member="Arden"):
    """Return two branches of a chain that part at a number."""
    acts = chain(cast, at - 1, member)
    head = cast.heads[member, "council"]
    branches = []
    for _ in range(2):
        cast.heads[member, "council"] = head
        branches.append([cast.say(member, acts[0], "no") for _ in range(length - at + 1)])
    return acts, *branches


def test_both_branches_of_a_fork_are_fetched(table):
    trunk, one, other = fork_of(table.cast, BACK * 3, 4)
    table.node.keep([*trunk, *one], table.now)
    table.nodes["Corve"].keep([*trunk, *one, *other], table.now)
    corve = table.nodes["Corve"]
    table.tell("Corve", Heads, corve.exchange.heads("council"), {})
    turns = 0
    while asked := table.due():
        turns += 1
        data = write_json(asked["Corve"])
        (answer,) = corve.receive("Brill", data, table.readers, table.now).letters
        table.node.receive("Corve", answer.data, table.readers, table.now)
    assert table.node.record.keys() == corve.record.keys()
    assert turns <= 4, "it walks back many places at once"
    assert table.exchange.forks("council") == {"Arden": tuple(range(4, BACK * 3 + 1))}


def test_of_one_place_two_acts_are_kept_and_those_that_are_wanted(table):
    trunk = chain(table.cast, 2)
    head = table.cast.heads["Arden", "council"]
    rivals = []
    for _ in range(4):
        table.cast.heads["Arden", "council"] = head
        rivals.append(table.cast.say("Arden", trunk[0], "no"))
    assert table.give("Arden", *trunk, *rivals[:3]).acts == (*trunk, *rivals[:2])
    table.heads("Corve", rivals[3])
    assert not table.due(), "a third is not looked for"
    table.exchange.want("council", [rivals[3].id, rivals[0].id])
    (request,) = table.due().values()
    assert request.ids == (rivals[3].id,)
    assert table.give("Dorn", rivals[2]).acts == ()
    assert table.give("Dorn", rivals[3]).acts == (rivals[3],)
    table.after(LIMITS.ask_again)
    assert not table.due()


def test_a_branch_from_a_place_that_is_full_shows_as_a_gap_that_is_not_asked_for(table):
    trunk, one, other = fork_of(table.cast, 3, 2)
    table.cast.heads["Arden", "council"] = (1, trunk[0].id)
    third = [table.cast.say("Arden", trunk[0], "yes") for _ in range(2)]
    table.give("Arden", *trunk, one[0], other[0])
    assert table.give("Arden", third[1]).acts == (third[1],)
    assert [gap.id for gap in table.exchange.gaps("council")] == [third[0].id]
    assert not table.due()


def test_an_act_that_is_wanted_is_asked_of_one_after_another(table):
    table.exchange.want("council", ["0" * 64])
    table.exchange.want("council", ["0" * 64])
    asked = set()
    for k in range(3):
        (peer, request), *none = table.due().items()
        assert not none
        assert (request.ids, request.ranges) == (("0" * 64,), ())
        asked.add(peer)
        if k:
            table.after(LIMITS.ask_again)
        else:
            table.give(peer, ask=request.ask)
    assert asked == {"Arden", "Corve", "Dorn"}
    assert not table.due()
    table.after(LIMITS.rest)
    assert table.due()


def test_of_too_many_wants_the_oldest_are_let_go(table):
    table.exchange.want("council", [f"{k:064x}" for k in range(MAX_WANTED + 3)])
    copy = table.exchange.copies["council"]
    assert len(copy.wanted) == MAX_WANTED
    assert f"{2:064x}" not in copy.wanted
    asked = table.due()
    assert {len(request.ids) for request in asked.values()} == {64}
    assert len({name for request in asked.values() for name in request.ids}) == 3 * 64


def test_what_was_let_go_while_it_was_asked_for_is_no_more_waited_for(table):
    table.exchange.want("council", ["0" * 64])
    ((peer, request),) = table.due().items()
    table.exchange.want("council", [f"{k + 1:064x}" for k in range(MAX_WANTED)])
    table.give(peer, ask=request.ask)
    assert len(table.exchange.copies["council"].wanted) == MAX_WANTED


def test_an_act_at_hand_can_be_asked_for_anew(table):
    (act,) = chain(table.cast, 1)
    table.node.keep([act], table.now)
    table.exchange.want("council", [act.id], anew=True)
    assert [request.ids for request in table.due().values()] == [(act.id,)]
    table.node.record.clear()
    assert table.give("Arden", act, act).acts == (act,)
    assert not table.give("Arden", act).acts


# What is refused.


def forged(act):
    """Return an act with the signature of another."""
    form = act.form()
    signature = msgspec.structs.replace(form.envelope.signatures[0], sig=write_base64(bytes(64)))
    return msgspec.structs.replace(
        form, envelope=msgspec.structs.replace(form.envelope, signatures=(signature,))
    )


def test_a_peer_whose_act_does_not_verify_loses_its_turn(table):
    acts = chain(table.cast, 4)
    table.heads("Corve", acts[-1])
    asked = table.due()["Corve"]
    got = table.give("Corve", acts[0], forged(acts[1]), acts[2], ask=asked.ask)
    assert got.acts == (acts[0],)
    assert got.fault.refusal == "bad-signature"
    assert not table.give("Corve", acts[1]).acts, "it is not listened to"
    assert table.heads("Corve", acts[-1]).fault is None
    table.heads("Dorn", acts[-1])
    assert table.due().keys() == {"Dorn"}
    table.after(LIMITS.barred)
    assert table.give("Corve", acts[1]).acts == (acts[1],)


def test_a_peer_that_is_not_listened_to_is_still_answered(table):
    acts = chain(table.cast, 2)
    table.node.keep(acts, table.now)
    table.give("Corve", forged(chain(table.cast, 1, "Dorn")[0]))
    got = table.tell("Corve", Request, 1, (Range("Arden", 1, 2),), ())
    (answer,) = got.letters
    assert len(read(answer.data, table.cast.founding.id).acts) == 2


def test_an_act_whose_key_is_unknown_is_nobodys_fault_and_is_asked_for_again(table):
    acts = chain(table.cast, 2)
    stranger = changed(acts[1], signer="Fenn")
    table.heads("Corve", acts[1])
    asked = table.due()["Corve"]
    got = table.give("Corve", msgspec.json.decode(stranger, type=ActForm), acts[0], ask=asked.ask)
    assert (got.acts, got.fault.refusal) == ((acts[0],), "unknown-key")
    asked = table.due()["Corve"]
    assert asked.ranges == (Range("Arden", 2, 2),)
    table.give("Corve", ask=asked.ask)
    assert not table.due()
    table.heads("Corve", acts[1])
    assert table.due()["Corve"].ranges == (Range("Arden", 2, 2),)


def test_what_is_signed_and_cannot_be_read_is_its_authors_fault_up_to_a_point(table):
    acts = chain(table.cast, PATIENCE + 3)
    odd = [
        msgspec.json.decode(changed(act, header={"instant": "2026-02-30T08:00:00Z"}), type=ActForm)
        for act in acts
    ]
    got = table.give("Corve", *odd[:PATIENCE], acts[0])
    assert (got.acts, got.fault.refusal) == ((acts[0],), "instant")
    got = table.give("Corve", *odd, acts[1])
    assert got.acts == ()
    assert table.give("Corve", acts[1]).acts == ()


@pytest.mark.parametrize("what", ["withheld", "another-organ", "not-base64"])
def test_what_an_honest_peer_never_sends_is_refused_by_name(table, what):
    (act,) = chain(table.cast, 1)
    form = act.form()
    sent = {
        "withheld": ActForm(form.envelope),
        "another-organ": form,
        "not-base64": msgspec.structs.replace(
            form, envelope=msgspec.structs.replace(form.envelope, payload="?")
        ),
    }[what]
    got = table.give("Arden", sent, organ="watch" if what == "another-organ" else "council")
    assert (got.acts, got.fault.refusal) == ((), what)


def test_a_body_that_is_not_the_one_signed_is_the_senders_fault_unless_it_came_in_a_box(table):
    one, other = chain(table.cast, 2)
    mixed = msgspec.structs.replace(one.form(), body=other.form().body, salt=other.form().salt)
    assert table.give("Arden", mixed).fault.refusal == "commitment"
    assert not table.give("Arden", one).acts

    box = SealedForm("0" * 64, write_base64(bytes(32)), write_base64(bytes(64)))
    sealed = ActForm(one.envelope.form(), sealed=box)
    got = table.give("Corve", sealed)
    assert [act.sealed for act in got.acts] == [box], "what cannot be opened is unknown, and kept"


def test_a_box_whose_content_is_not_what_was_signed_is_nobodys_fault(table):
    one, other = chain(table.cast, 2)
    box = SealedForm("0" * 64, write_base64(bytes(32)), write_base64(bytes(64)))
    table.node.verify = lambda form: refuse_boxes(table.cast, form)
    got = table.give("Corve", ActForm(one.envelope.form(), sealed=box), other)
    assert (got.acts, got.fault.refusal) == ((other,), "commitment")


def refuse_boxes(cast, form):
    if form.sealed is not None:
        raise ActError("the box", hint="", refusal="commitment")
    return act_of(form, cast.founding)


def test_payloads_that_are_no_json_are_refused_and_not_looked_up(table):
    form = chain(table.cast, 1)[0].form()
    broken = msgspec.structs.replace(
        form, envelope=msgspec.structs.replace(form.envelope, payload=write_base64(b"\xff{"))
    )
    assert table.give("Arden", broken).fault.refusal == "bad-signature"


# Answering.


def answer(table, peer, *ranges, ids=(), ask=1):
    letters = table.tell(peer, Request, ask, ranges, tuple(ids)).letters
    return [read(letter.data, table.cast.founding.id) for letter in letters]


def test_what_is_asked_for_is_given_once_and_in_order(table):
    acts = chain(table.cast, 4)
    table.node.keep(acts[:3], table.now)
    (given,) = answer(
        table,
        "Dorn",
        Range("Arden", 2, 10**9),
        Range("Arden", 1, 2),
        Range("Fenn", 1, 9),
        ids=(acts[0].id, acts[3].id),
        ask=7,
    )
    assert given.acts == tuple(acts[k].form() for k in (1, 2, 0))
    assert (given.ask, given.cut) == (7, False)


def test_what_is_at_hand_and_not_in_the_record_is_left_out(table):
    acts = chain(table.cast, 2)
    table.exchange.hold(acts)
    (given,) = answer(table, "Dorn", Range("Arden", 1, 2))
    assert given.acts == ()


def test_an_answer_has_no_more_acts_than_it_may(table):
    table.node.keep(chain(table.cast, MAX_ACTS + 1), table.now)
    (given,) = answer(table, "Dorn", Range("Arden", 1, 10**9))
    assert (len(given.acts), given.cut) == (MAX_ACTS, True)
    (given,) = answer(table, "Dorn", Range("Arden", 1, MAX_ACTS))
    assert (len(given.acts), given.cut) == (MAX_ACTS, False)


def test_an_answer_has_no_more_bytes_than_it_may(table):
    cast, long = table.cast, "x" * 4_000
    acts = [
        cast.propose(
            effect=type(chain(cast, 1)[0].body.effect)((long,) * 30), head={"organ": "watch"}
        )
        for _ in range(8)
    ]
    table.node.keep(acts, table.now)
    letters = table.tell("Arden", Request, 1, (Range("Arden", 1, 99),), (), organ="watch").letters
    given = read(letters[0].data, cast.founding.id)
    assert given.cut
    assert 2 < len(given.acts) < 8
    assert len(letters[0].data) < MAX_BATCH + 1_000


def test_a_peer_has_no_more_answers_than_it_may(table):
    table = Table(limits=Limits(answers=2))
    assert [len(answer(table, "Dorn")) for _ in range(3)] == [1, 1, 0]
    assert len(answer(table, "Corve")) == 1
    table.after(LIMITS.window)
    assert len(answer(table, "Dorn")) == 1


# Scope.


@pytest.mark.parametrize(
    ("peer", "organ"),
    [
        pytest.param("Corve", "watch", id="an organ the peer does not read"),
        pytest.param("Corve", "nowhere", id="an organ that there is not"),
        pytest.param("Fenn", "council", id="a peer that reads nothing"),
        pytest.param("Brill", "council", id="itself"),
    ],
)
def test_whoever_does_not_read_an_organ_meets_silence(table, peer, organ):
    acts = chain(table.cast, 2, organ="watch")
    table.node.keep(acts, table.now)
    before = table.exchange.entries()
    assert table.heads(peer, acts[-1], organ=organ).letters == ()
    got = table.tell(peer, Request, 1, (Range("Arden", 1, 2),), (acts[0].id,), organ=organ)
    assert (got.letters, got.acts, got.fault) == ((), (), None)
    assert table.give(peer, forged(acts[0]), organ=organ).fault is None
    assert table.exchange.entries() == before


def test_an_act_of_another_organ_is_not_given_by_its_id(table):
    (secret,) = chain(table.cast, 1, organ="watch")
    table.node.keep([secret], table.now)
    (given,) = answer(table, "Corve", Range("Arden", 1, 9), ids=(secret.id,))
    assert given.acts == ()


def test_a_node_that_does_not_read_an_organ_says_nothing_in_it(table):
    table.node = table.nodes["Corve"]
    table.exchange = table.node.exchange
    assert table.heads("Arden", *chain(table.cast, 1, organ="watch"), organ="watch").letters == ()
    assert all(
        read(letter.data, table.cast.founding.id).organ == "council"
        for letter in table.exchange.due(readers=table.readers, now=table.now)
    )


def test_peers_that_read_an_organ_no_more_are_forgotten(table):
    act = chain(table.cast, 1)[0]
    table.heads("Dorn", act)
    table.due()
    table.readers = table.readers | {"council": frozenset(("Arden", "Brill"))}
    table.after(1)
    table.due()
    assert table.exchange.copies["council"].peers.keys() == {"Arden"}


# Telling.


def test_new_acts_are_pushed_to_all_who_read_their_organ(table):
    ours, theirs = chain(table.cast, 2, "Brill"), chain(table.cast, 1, "Brill", "watch")
    table.node.keep([*ours, *theirs], table.now)
    letters = table.exchange.push([*ours, *theirs], readers=table.readers)
    told = [(one.peer, read(one.data, table.cast.founding.id)) for one in letters]
    assert [(peer, message.organ, len(message.acts)) for peer, message in told] == [
        ("Corve", "council", 2),
        ("Dorn", "council", 2),
        ("Arden", "council", 2),
        ("Arden", "watch", 1),
    ]


def test_an_act_is_in_the_record_before_it_is_sent(table):
    with pytest.raises(UsageError, match="not in the record"):
        table.exchange.push(chain(table.cast, 1, "Brill"), readers=table.readers)


def test_every_peer_is_told_where_chains_end_from_time_to_time(table):
    assert table.due("heads").keys() == {"Arden", "Corve", "Dorn"}
    assert not table.due("heads")
    table.after(LIMITS.heads_every)
    assert table.due("heads").keys() == {"Arden", "Corve", "Dorn"}


def test_a_few_are_told_soon_after_a_change_and_not_too_often():
    table = Table(limits=Limits(fan=1))
    acts = chain(table.cast, 3)
    table.due("heads")
    told = []
    for k in range(3):
        table.node.keep([acts[k]], table.now)
        assert not table.due("heads")
        table.after(LIMITS.heads_soon)
        told += table.due("heads")
        assert not table.due("heads")
    assert len(told) == 3


def test_a_peer_that_lags_is_told(table):
    acts = chain(table.cast, 2)
    table.due("heads")
    table.node.keep(acts, table.now)
    table.after(LIMITS.heads_soon)
    table.due("heads")
    table.after(LIMITS.ask_again)
    table.heads("Dorn", acts[1])
    assert not table.due("heads")
    table.heads("Dorn", acts[0])
    assert table.due("heads").keys() == {"Dorn"}
    assert not table.due("heads")


def test_a_clock_that_is_set_back_stops_nothing(table):
    acts = chain(table.cast, 2)
    table.heads("Arden", acts[1])
    assert table.due()
    table.after(-86_400)
    assert table.due()
    table.after(-86_400)
    assert table.due("heads").keys() == {"Arden", "Corve", "Dorn"}


# Beacons.


def shine(table, member, *, after=0, organ="council", **options):
    now = table.now
    table.now += timedelta(seconds=after)
    beacon = table.beacon(member, organ, **options)
    table.now = now
    return beacon


def told(table, peer, beacon, organ="council"):
    return table.tell(peer, BeaconTold, beacon.envelope.form(), organ=organ)


def test_a_beacon_that_shows_more_shows_a_gap_and_is_asked_for(table):
    acts = chain(table.cast, 2)
    table.nodes["Corve"].keep(acts, table.now)
    beacon = shine(table, "Corve")
    assert told(table, "Dorn", beacon).beacon == beacon
    assert table.exchange.gaps("council") == (
        Gap("council", "Arden", 2, 2, acts[1].id, told_by="Corve"),
    )
    assert table.due().keys() == {"Corve"}
    table.node.keep(acts[:1], table.now)
    assert len(table.exchange.gaps("council")) == 1
    table.node.keep(acts[1:], table.now)
    assert table.exchange.gaps("council") == ()


def test_a_replayed_beacon_is_ignored(table):
    old, new = shine(table, "Corve"), shine(table, "Corve", after=60)
    assert told(table, "Corve", new).beacon == new
    assert told(table, "Corve", old).beacon is None
    assert told(table, "Corve", new).beacon is None
    later = table.now + timedelta(seconds=100)
    assert table.exchange.beacons.staleness("council", "Corve", later) == 40


def test_of_two_beacons_of_one_instant_the_emptier_is_ignored(table):
    emptier, fuller = (
        shine(table, "Corve"),
        shine(table, "Corve", heard={"0" * 64: ["1" * 64]}),
    )
    assert told(table, "Corve", fuller).beacon == fuller
    assert told(table, "Corve", emptier).beacon is None


@pytest.mark.parametrize("what", ["bad-signature", "another-organ", "not-base64", "payload-type"])
def test_a_peer_whose_beacon_does_not_verify_is_not_listened_to(table, what):
    form = shine(table, "Corve").envelope.form()
    other = shine(table, "Corve", after=1).envelope.form()
    sent = {
        "bad-signature": msgspec.structs.replace(form, payload=other.payload),
        "another-organ": shine(table, "Arden", organ="watch").envelope.form(),
        "not-base64": msgspec.structs.replace(form, payload="?"),
        "payload-type": msgspec.structs.replace(form, payloadType="text/plain"),
    }[what]
    assert table.tell("Corve", BeaconTold, sent).fault.refusal == what
    assert table.tell("Corve", BeaconTold, form) == table.heads("Corve")
    table.after(LIMITS.barred)
    assert table.tell("Corve", BeaconTold, form).beacon


def test_a_beacon_from_the_future_is_refused_and_is_nobodys_fault(table):
    early = shine(table, "Corve", after=LIMITS.ahead + 1)
    assert told(table, "Corve", early).fault.refusal == "early"
    on_time = shine(table, "Corve", after=LIMITS.ahead)
    assert told(table, "Corve", on_time).beacon == on_time


def test_a_beacon_whose_payload_is_no_json_is_refused(table):
    form = shine(table, "Corve").envelope.form()
    broken = msgspec.structs.replace(form, payload=write_base64(b"\xff"))
    assert table.tell("Corve", BeaconTold, broken).fault.refusal == "bad-signature"


def test_a_beacon_of_a_member_that_does_not_read_the_organ_is_ignored(table):
    beacon = shine(table, "Corve", organ="watch")
    assert told(table, "Arden", beacon, organ="watch").beacon is None
    assert not table.exchange.beacons.latest


def test_our_own_beacon_that_comes_back_tells_what_we_lost(table):
    acts = chain(table.cast, 2, "Brill")
    table.nodes["Corve"].keep(acts, table.now)
    lost = table.beacon("Corve", "council")
    assert told(table, "Corve", lost).beacon
    mine = shine(table, "Brill", after=1)
    assert told(table, "Corve", mine).beacon == mine
    assert "Brill" not in table.exchange.copies["council"].peers


def test_a_node_announces_its_own_beacon_to_all_who_read_the_organ(table):
    letters = table.exchange.announce(table.beacon("Brill", "watch"), readers=table.readers)
    assert [letter.peer for letter in letters] == ["Arden"]
    assert table.exchange.beacons.staleness("watch", "Brill", table.now) == 0
    heads = table.exchange.due(readers=table.readers, now=table.now)
    (watch,) = [read(h.data, table.cast.founding.id) for h in heads if b'"watch"' in h.data]
    assert watch.beacons == {"Brill": "2026-03-01T08:00:00Z"}


def test_beacons_that_a_peer_lacks_are_passed_on(table):
    corve = shine(table, "Corve", after=LIMITS.relay_after)
    told(table, "Corve", corve)
    table.exchange.announce(table.beacon("Brill", "council"), readers=table.readers)
    (one, two) = table.heads("Dorn").letters
    assert {kind_of(one.data), kind_of(two.data)} == {"beacon"}
    given = read(two.data, table.cast.founding.id)
    assert given.beacon == corve.envelope.form()
    lit = {"Brill": "2026-03-01T08:00:00Z", "Corve": "2026-03-01T08:00:00Z"}
    assert len(table.heads("Dorn", lit=lit).letters) == 1
    lit["Corve"] = "2026-03-01T08:00:01Z"
    assert not table.heads("Dorn", lit=lit).letters
    assert len(table.heads("Corve").letters) == 1, "not its own"


def test_a_flood_of_heads_calls_forth_no_more_beacons_than_answers_are_allowed():
    table = Table(limits=Limits(answers=3))
    table.exchange.announce(table.beacon("Brill", "council"), readers=table.readers)
    assert sum(len(table.heads("Dorn").letters) for _ in range(50)) == 3


# After a restore.


def test_a_restored_node_learns_who_has_confirmed_its_own_chain(table):
    assert table.exchange.confirmed_by("council") == NOBODY
    acts = chain(table.cast, 2, "Brill")
    table.heads("Dorn")
    assert table.exchange.confirmed_by("council") == {"Dorn"}
    table.heads("Corve", acts[1])
    assert table.exchange.confirmed_by("council") == {"Dorn"}
    table.node.keep(acts, table.now)
    assert table.exchange.confirmed_by("council") == {"Corve", "Dorn"}
    assert table.exchange.confirmed_by("nowhere") == NOBODY


def test_of_an_unknown_organ_nothing_is_known(table):
    assert table.exchange.heads("nowhere") == {}
    assert table.exchange.gaps("nowhere") == ()
    assert table.exchange.forks("nowhere") == {}
    assert table.exchange.copies.keys() == set()


def test_claims_of_one_peer_are_bounded_whatever_beacons_it_signs(table):
    for k in range(3):
        chains = {f"M{k}-{j}": (Tip(1, f"{k}{j:063x}"),) for j in range(600)}
        beacon = write_beacon(
            table.cast.founding.id,
            "council",
            member="Corve",
            office=OFFICE,
            now=table.now + timedelta(seconds=k),
            heads=chains,
            heard={},
            seed=seed("Corve"),
        )
        assert told(table, "Corve", beacon).beacon
    assert len(table.exchange.copies["council"].peers["Corve"].claims) == 1_000


def test_letters_arrive_on_a_network_that_keeps_its_promises():
    network = Network(Cast(4, 1, 0), READERS, fate=safely)
    act = network.cast.propose("Arden")
    network.write(act)
    network.settle()
    assert all(act.id in node.record for node in network.nodes.values())
    assert network.now == START


def test_a_claim_that_is_no_more_made_is_forgotten(table):
    acts, theirs = chain(table.cast, 2), chain(table.cast, 2, "Dorn")
    table.heads("Corve", acts[1], theirs[1])
    table.heads("Corve", theirs[1])
    assert table.due()["Corve"].ranges == (Range("Dorn", 1, 2),)


def test_an_act_that_was_wanted_and_came_is_no_more_asked_for(table):
    acts = chain(table.cast, 2)
    table.exchange.want("council", [act.id for act in acts])
    ((peer, request),) = table.due().items()
    assert set(request.ids) == {act.id for act in acts}
    table.give(peer, acts[0], ask=request.ask)
    assert {name for request in table.due().values() for name in request.ids} == {acts[1].id}
    assert table.exchange.entries() > 0


def test_an_act_that_stands_twice_in_a_message_is_one_act(table):
    trunk, one, other = fork_of(table.cast, 2, 2)
    assert table.give("Arden", *trunk, *one, *one, *other).acts == (*trunk, *one, *other)


def test_a_late_answer_is_not_taken_for_the_answer_to_a_later_request(table):
    acts = chain(table.cast, 3)
    table.heads("Corve", acts[-1])
    early = table.due()["Corve"].ask
    table.after(LIMITS.ask_again)
    later = table.due()["Corve"].ask
    assert early != later
    table.give("Corve", ask=early)
    assert not table.due(), "the later one is still awaited"
    table.give("Corve", *acts, ask=later)
    assert table.exchange.copies["council"].peers["Corve"].ask is None


def test_the_signature_of_a_replayed_beacon_is_not_looked_at(table):
    old, new = shine(table, "Corve"), shine(table, "Corve", after=60)
    told(table, "Corve", new)
    for beacon in (old, new):
        form = beacon.envelope.form()
        zeros = msgspec.structs.replace(form.signatures[0], sig=write_base64(bytes(64)))
        bent = msgspec.structs.replace(form, signatures=(zeros,))
        assert table.tell("Dorn", BeaconTold, bent).fault is None


def test_claims_of_a_peer_that_sent_a_forgery_do_not_come_back_by_themselves(table):
    acts = chain(table.cast, 2)
    table.heads("Corve", acts[-1])
    table.give("Corve", forged(acts[0]))
    table.after(LIMITS.barred)
    assert not table.due()
    table.heads("Corve", acts[-1])
    assert table.due().keys() == {"Corve"}


def test_a_box_that_never_opens_is_asked_of_each_in_turn_and_then_rests(table):
    (act,) = chain(table.cast, 1)
    box = SealedForm("0" * 64, write_base64(bytes(32)), write_base64(bytes(64)))
    sealed = ActForm(act.envelope.form(), sealed=box)
    table.give("Arden", sealed)
    table.exchange.want("council", [act.id], anew=True)
    asked = []
    for _ in range(20):
        for peer, request in table.due().items():
            asked.append(peer)
            table.node.record.clear()
            table.give(peer, sealed, ask=request.ask)
    assert sorted(asked) == ["Arden", "Corve", "Dorn"]
    table.after(LIMITS.rest)
    ((peer, request),) = table.due().items()
    table.node.record.clear()
    table.give(peer, act, ask=request.ask)
    table.after(LIMITS.rest)
    assert not table.due()
