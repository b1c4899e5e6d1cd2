"""What feeds the laws of the record: coalitions with keys, their acts, and whole histories."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

import msgspec
from hypothesis import strategies as st

from comity.core.acts import (
    Act,
    ActForm,
    Header,
    commitment,
    write_act,
)
from comity.core.bodies import (
    Admit,
    Adopt,
    Alert,
    Amend,
    Annotation,
    Body,
    Closing,
    Enter,
    Key,
    Leave,
    Propose,
    Receipt,
    Reinstate,
    ReplaceKey,
    Stance,
    Suspend,
)
from comity.core.charter import CHANGES as CHANGE_KINDS
from comity.core.constitution import (
    CHARTER,
    COALITION,
    Constitution,
    constitution,
    constitution_id,
)
from comity.core.envelope import seal
from comity.core.founding import KeyHeld, found
from comity.core.keys import holder, keyring, offer_key
from comity.core.rolls import Roll, Said
from comity.core.signing import key_id, public_key
from comity.core.strict import write_base64, write_json
from comity.core.succession import succeed

LEAGUE = ("Arden", "Brill", "Corve", "Dorn", "Elsin", "Fenn")
OFFICE = "foreign ministry"
OPENED = "2026-03-01T08:00:00Z"
LATE = "2026-03-02T11:00:00Z"
EXPIRES = "2026-03-02T12:00:00Z"
CLOSES = "2026-03-02T13:00:00Z"
DAY = date(2026, 3, 2)
PARAGRAPHS = ("The ambulance stays on the hill.", "It is painted green.")

_CHARTER = """
comity = 1

[charter]
id = "league"
name = "The Larch League"
edition = "1"
date = 2026-01-01
text = "model"

[members]
{members}

[participants]
Harbour = {{ name = "Harbour Office", kind = "institution" }}

[[weights.people]]
unit = "persons"
from = 2026-01-01
values = {{ {people} }}

[rules.consensus]
title = "Consensus"
adopt = {{ all_of = [
  {{ against = {{ at_most = 0 }} }},
  {{ in_favour = {{ more_than = "1/2", of = "members" }} }},
] }}

[rules.everybody]
title = "Everybody in favour"
adopt = {{ in_favour = {{ at_least = "100%", of = "members" }} }}

[rules.majority]
title = "More than half in favour"
adopt = {{ in_favour = {{ more_than = "1/2", of = "members" }} }}

[rules.quorum]
title = "A majority of those voting, with a quorum"
adopt = {{ all_of = [
  {{ quorum = {{ at_least = "3/4" }} }},
  {{ in_favour = {{ more_than = "1/2", of = "voting" }} }},
] }}

[rules.reverse]
title = "The reverse test"
adopt = {{ in_favour = {{ more_than = "1/2", of = "members" }} }}
reject = {{ in_favour = {{ more_than = "1/2", of = "members" }} }}

[rules.two]
title = "Any two who join"
binds = "those who join"
adopt = {{ in_favour = {{ at_least = 2 }} }}

[rules.weighed]
title = "Most of the people"
adopt = {{ in_favour = {{ more_than = "1/2", weight = "people" }} }}

[rules.change]
title = "More than half and f, whomever it concerns aside"
concerned = "excluded"
adopt = {{ in_favour = {{ at_least = {change} }} }}

[procedures.silence]
kind = "silence"
period_hours = 24
notice_hours = 12
grace_hours = 1
n = {n}
f = {f}

[procedures.vote]
kind = "vote"
grace_hours = 1
n = {n}
f = {f}
ad_referendum = "yes"

[procedures.consensus]
kind = "consensus"
n = {n}
f = {f}

[procedures.bare]
kind = "silence"

[procedures.signature]
kind = "signature"

[organs.council]
name = "Council"
seats = ["standing:member"]
propose = ["seats", "Harbour"]
rules = ["consensus", "everybody", "majority", "quorum", "reverse", "two", "change"{weighed}]
procedures = ["silence", "vote", "consensus", "bare", "signature"]

[organs.watch]
name = "Watch"
seats = ["Arden", "Brill", "Harbour"]

[obligations.bridge]
title = "Keep the bridge"
trigger = "the bridge is out"
owed_by = ["standing:member"]
owed_to = ["standing:member"]
does = "lends what it has to mend it"
invoked_by = {{ organ = "council" }}
dormant = "until the bridge is out"
text = "model"

[obligations.ambulance]
title = "Send the ambulance"
trigger = "an accident"
owed_by = ["standing:member"]
owed_to = ["standing:member"]
does = "sends it"
invoked_by = {{ organ = "council" }}
in_force = 2026-01-01
text = "model"
{changes}"""

_CHANGE = """
[changes.{kind}]
organ = "council"
rule = "change"
procedure = "vote"
"""


def seed(name: str) -> bytes:
    """Return the secret that grows from a name: for tests and vectors, never for use."""
    return sha256(f"comity test seed {name}".encode()).digest()


def charter_text(members: int, n: int, f: int, *, weighed: bool = False) -> bytes:
    """Return a charter of so many members; the first hold fewer people than the last.

    Whoever is admitted has no people yet, so that a council which counts them
    can admit nobody: `weighed` says whether it does.
    """
    names = LEAGUE[:members]
    kinds = CHANGE_KINDS if members > f + 1 else ()
    return _CHARTER.format(
        members="\n".join(f'{m} = {{ name = "{m}", standing = "member" }}' for m in names),
        people=", ".join(f"{m} = {10 * (k + 1)}" for k, m in enumerate(names)),
        n=n,
        f=f,
        change=(members + f) // 2 + 1,
        weighed=', "weighed"' if weighed else "",
        changes="".join(_CHANGE.format(kind=kind) for kind in kinds),
    ).encode()


@dataclass
class Cast:
    """A coalition whose secrets a test holds; it keeps the chains, so acts are short to write."""

    members: int = 4
    n: int = 1
    f: int = 0
    exercise: bool = False
    run: str = "00" * 16
    weighed: bool = False
    heads: dict[tuple[str, str], tuple[int, str | None]] = field(default_factory=dict)
    salts: int = 0
    past: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = charter_text(self.members, self.n, self.f, weighed=self.weighed)
        names = (*LEAGUE[: self.members], "Harbour")
        self.founding = found(
            sha256(text).hexdigest(),
            self.run,
            [(name, OFFICE, seed(name)) for name in names],
            exercise=self.exercise,
        )
        self.ground: Constitution = constitution(self.founding, text)
        self.under = self.ground
        self.ring = keyring(self.founding)
        self.secrets: dict[str, str] = {}

    @property
    def roster(self) -> tuple[str, ...]:
        return self.under.charter.roster("council", DAY)

    def act(self, member: str, body: Body, *, signer: str | None = None, **header) -> Act:
        """Sign an act; what the header does not say follows the member's chain."""
        signer = signer or self.secrets.get(member, member)
        organ = header.setdefault("organ", "council")
        number, previous = self.heads.get((member, organ), (0, None))
        self.salts += 1
        made = Header(
            **{
                "comity": 1,
                "coalition": self.founding.id,
                "member": member,
                "office": OFFICE,
                "seq": number + 1,
                "constitution": self.under.id,
                "instant": OPENED,
                "commit": "",
                "prev": previous,
                **header,
            }
        )
        salt = sha256(f"{self.run} {self.salts}".encode()).digest()
        act = write_act(self.ring, made, body, salt=salt, seed=seed(signer))
        self.heads[member, organ] = (made.seq, act.id)
        return act

    def propose(self, member="Arden", rule="consensus", procedure="silence", *, head=None, **pins):
        body = {
            "title": "The ambulance",
            "effect": Adopt(PARAGRAPHS),
            "charter": self.under.charter_hash,
            "rule": rule,
            "procedure": procedure,
            "on": "2026-03-02",
            "roster": self.roster,
            "expires": None if procedure == "signature" else EXPIRES,
            **pins,
        }
        return self.act(member, Propose(**body), **(head or {}))

    def say(self, member, proposal, word, after=None, *, notes=(), **header):
        """Answer a proposal; `after` is the stance of the turn before."""
        turn = 1 if after is None else after.body.turn + 1
        annotations = tuple(Annotation(kind, text) for kind, text in notes)
        previous = after and after.id
        header = {**_place(proposal), **header}
        return self.act(member, Stance(proposal.id, turn, word, previous, annotations), **header)

    def close(self, member, proposal, heard=(), *, opened=OPENED, at=CLOSES, **header):
        """Close a proposal with the last stances heard."""
        roll = {stance.member: stance.id for stance in heard}
        header = {**_place(proposal), "instant": at, **header}
        return self.act(member, Closing(proposal.id, roll, opened), **header)

    def close_all(self, proposal, heard=(), *, but=(), **options):
        closers = proposal.body.roster if proposal.header.organ == COALITION else self.roster
        return [self.close(m, proposal, heard, **options) for m in closers if m not in but]

    # Changes of charter, standings and keys.

    def change(self, effect, member="Arden", *, replaces=..., head=None, **pins):
        """Propose a change; it replaces the last one of its register, if not said otherwise."""
        register = CHARTER if isinstance(effect, Amend) else party_of(effect)
        before = self.under.versions.get(register) if replaces is ... else replaces
        effect = msgspec.structs.replace(effect, replaces=before)
        head = {"organ": COALITION, **(head or {})}
        return self.propose(member, "change", "vote", head=head, effect=effect, **pins)

    def decide(self, proposal, *, yes=None, no=(), but=(), at=CLOSES):
        """Return a proposal with what makes it adopted: a yes of all, a closing of all."""
        voters = [m for m in proposal.body.roster if m not in but and m not in no]
        said = [self.say(m, proposal, "yes") for m in (voters if yes is None else yes)]
        said += [self.say(m, proposal, "no") for m in no]
        return [proposal, *said, *self.close_all(proposal, said, but=but, at=at)]

    def settle(self, effect, member="Arden", **options):
        """Decide on a change, and be in the constitution that it makes."""
        acts = self.decide(self.change(effect, member), **options)
        self.follow(acts)
        return acts

    def follow(self, acts):
        """Be in the constitution after some acts, beside those that led to where we are."""
        self.past = [*self.past, *acts]
        found = succeed(self.ground, self.past)
        self.under, self.ring = found.current, found.keyring
        return found

    def offer(self, member, secret, *, office=OFFICE, sealing=None):
        """Offer the key that grows from a name, with proof that it is held."""
        held = KeyHeld(member, office, public_key(seed(secret)).hex(), sealing)
        return offer_key(self.founding.id, held, seed(secret), exercise=self.exercise)

    def admit(self, code, *, since="2026-03-01", standing="member", keys=None):
        offers = (self.offer(code, code),) if keys is None else keys
        return Admit(code, code, standing, since, keys=offers)

    def rotate(self, member, secret, **header):
        """Take a further key for an office, signed with one that it has."""
        body = Key(self.offer(member, secret, office=header.get("office", OFFICE)))
        return self.act(member, body, **{"organ": COALITION, **header})

    def enter(self, member, changes=None, closes=(), **header):
        """Enter the constitution of these changes; of those of ours, if not said otherwise."""
        listed = tuple(sorted(self.under.changes if changes is None else changes))
        body = Enter(listed, tuple(sorted(closes)))
        name = constitution_id(self.founding.id, listed)
        return self.act(member, body, **{"organ": COALITION, "constitution": name, **header})

    def speaks(self, member):
        """Tell whether a member has the key that speaks for it where we are."""
        name = key_id(public_key(seed(self.secrets.get(member, member))))
        return holder(self.under.holders, name, member, OFFICE) is not None

    def leave(self, member, since="2026-03-01", **header):
        return self.act(member, Leave(since), **{"organ": COALITION, **header})

    def alert(self, member="Arden", **said):
        body = {"title": "The bridge is out", "text": "Take the ferry.", "severity": "severe"}
        return self.act(member, Alert(**{**body, **said}))

    def receive(self, member, alert, opened=OPENED, **header):
        header = {"organ": alert.header.organ, **header}
        return self.act(member, Receipt(alert.id, opened), **header)


def _place(proposal):
    """Return where answers to a proposal are made."""
    return {
        "organ": proposal.header.organ,
        "constitution": proposal.header.constitution,
    }


def party_of(effect):
    """Return whose standing or key a change is about."""
    return effect.offer.held.member if isinstance(effect, ReplaceKey) else effect.member


def changed(act, *, header=None, body=None, salt=None, signer=None, drop=()):
    """Return the file of an act after one step; what is signed is signed anew."""
    plain = json.loads(act.envelope.payload) | (header or {})
    opened = json.loads(act.body_bytes) | (body or {})
    data = act.body_bytes
    if body or drop:
        data = json.dumps({k: v for k, v in opened.items() if k not in drop}).encode()
        plain["commit"] = commitment(act.salt, data)
    secret = seed(signer or act.member)
    payload = json.dumps(plain, ensure_ascii=False).encode()
    envelope = seal(act.envelope.payload_type, payload, [(secret, public_key(secret))])
    form = ActForm(envelope.form(), write_base64(salt or act.salt), write_base64(data))
    return write_json(form)


# Rolls without acts, for the count alone.


@st.composite
def counted_histories(draw, most=5):
    """Draw N, n and f, stances that fork, and rolls of which at most f members sign several."""
    n, f = draw(st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]))
    members = draw(st.integers(2 * n + f + 1, max(most, 2 * n + f + 1)))
    roster = LEAGUE[:members]
    words = st.sampled_from(("yes", "no", "objection", "abstain", "withdraw"))
    said: list[Said] = []
    for member in roster:
        own: list[Said] = []
        for k in range(draw(st.integers(0, 3))):
            after = draw(st.sampled_from([None, *own]))
            turn = 1 if after is None else after.turn + 1
            name = f"{member} {k}"
            own.append(Said(name, member, turn, after and after.id, draw(words)))
        said.extend(own)
    doubles = draw(st.sets(st.sampled_from(roster), max_size=f)) if f else set()
    ids = {m: [s.id for s in said if s.member == m] for m in roster}
    rolls = []
    for closer in roster:
        for k in range(draw(st.integers(0, 3 if closer in doubles else 1))):
            shown = {m: draw(st.sampled_from([None, *ids[m]])) for m in roster}
            kept = {m: name for m, name in shown.items() if name}
            rolls.append(Roll(f"{closer} closes {k}", closer, kept, draw(st.booleans())))
    return roster, n, f, tuple(said), tuple(rolls)


# Histories of signed acts.

CASTS = {(n, f): Cast(4, n, f) for n, f in ((0, 0), (1, 0), (1, 1))}


@dataclass(frozen=True)
class History:
    """Signed acts on two proposals of one coalition, of which the first may be about anything."""

    under: Constitution
    proposals: tuple[Act, ...]
    acts: tuple[Act, ...]


@st.composite
def signed_histories(draw):
    """Draw what four members and an office sign on two proposals, some of it amiss."""
    n, f = draw(st.sampled_from(sorted(CASTS)))
    cast = CASTS[n, f]
    cast.heads.clear()
    cast.salts = 0
    kinds = st.sampled_from(("silence", "silence", "vote", "signature"))
    rules = st.sampled_from(("consensus", "majority", "everybody", "quorum", "reverse"))
    parties = st.sampled_from((*cast.roster, *cast.roster, "Harbour"))
    words = st.sampled_from(("yes", "no", "objection", "abstain", "withdraw"))
    proposals = [cast.propose(draw(parties), draw(rules), draw(kinds)) for _ in range(2)]
    acts: list[Act] = list(proposals)
    for proposal in proposals:
        said: list[Act] = []
        for _ in range(draw(st.integers(0, 4))):
            member = draw(parties)
            after = draw(st.sampled_from([None, *(a for a in said if a.member == member)]))
            said.append(cast.say(member, proposal, draw(words), after))
        alike = draw(st.booleans())
        for k, member in enumerate(cast.roster):
            twice = f and k == 0 and draw(st.booleans())
            for _ in range(draw(st.integers(0, 1)) + (2 if twice else 0)):
                heard = said if alike else [a for a in said if draw(st.booleans())]
                moment = draw(st.sampled_from((CLOSES, CLOSES, EXPIRES)))
                opened = draw(st.sampled_from((OPENED, OPENED, LATE, None)))
                acts.append(cast.close(member, proposal, heard, opened=opened, at=moment))
        acts.extend(said)
    return History(cast.under, tuple(proposals), tuple(acts))


# Successions: changes, rivals among them, and what goes on beside them.


@dataclass(frozen=True)
class Line:
    """Signed acts that change charter, standings and keys, some of them side by side."""

    ground: Constitution
    f: int
    acts: tuple[Act, ...]
    changes: tuple[Act, ...]


@st.composite
def successions(draw):
    """Draw changes one after another; the honest say yes to one of two live rivals at the most.

    At most f members say yes to both, and close more than once.
    """
    n, f = draw(st.sampled_from([(0, 0), (1, 0), (1, 1)]))
    cast = Cast(4, n, f)
    doubles = cast.roster[:f]
    acts: list[Act] = []
    changes: list[Act] = []
    for turn in range(draw(st.integers(1, 3))):
        kinds = ["amend", "admit", "suspend", "reinstate", "key", "leave", "rotate"]
        kind = draw(st.sampled_from(kinds))
        fresh: list[Act] = []
        if kind == "leave":
            fresh.append(cast.leave("Dorn"))
        elif kind == "rotate":
            fresh.append(cast.rotate("Brill", f"Brill {turn}"))
        else:
            rivals = [
                cast.change(effect)
                for effect in _effects(cast, kind, turn)[: draw(st.integers(1, 2))]
            ]
            changes += rivals
            for proposal in rivals:
                fresh += _decided(draw, cast, proposal, rivals, fresh, doubles)
        acts += fresh
        found = cast.follow(fresh)
        if found.current.changes and draw(st.booleans()):
            acts.append(cast.enter(draw(st.sampled_from(LEAGUE[:3]))))
            cast.past.append(acts[-1])
    return Line(cast.ground, f, tuple(acts), tuple(changes))


def _effects(cast, kind, turn):
    """Return two changes of one register that exclude each other."""
    days = (f"2026-02-1{turn}", f"2026-01-1{turn}")
    if kind == "amend":
        return [Amend(write_base64(cast.under.text + f"# {turn} {k}\n".encode())) for k in range(2)]
    if kind == "key":
        names = (f"Corve {turn} {k}" for k in range(2))
        return [ReplaceKey(cast.offer("Corve", name)) for name in names]
    if kind == "admit":
        return [cast.admit("Elsin", since=day) for day in days]
    effect = Suspend if kind == "suspend" else Reinstate
    return [effect("Dorn", day) for day in days]


def _decided(draw, cast, proposal, rivals, before, doubles):
    """Return what is said and closed of one of rival changes."""
    bound = {
        a.member
        for a in before
        if isinstance(a.body, Stance) and a.body.word == "yes" and a.member not in doubles
    }
    roster = proposal.body.roster
    willing = [m for m in roster if m not in bound and cast.speaks(m)]
    said = [cast.say(m, proposal, "yes") for m in willing if draw(st.integers(0, 4))]
    closings = [
        cast.close(m, proposal, said if draw(st.integers(0, 5)) else said[1:])
        for m in roster
        if cast.speaks(m) and draw(st.integers(0, 6))
    ]
    again = [cast.close(m, proposal) for m in doubles if draw(st.booleans())]
    return [proposal, *said, *closings, *again]
