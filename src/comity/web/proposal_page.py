"""One proposal as a page shows it: how it stands, who said what, who could still change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.core.acts import Act
from comity.core.bodies import (
    CHANGES,
    Adopt,
    Change,
    Closing,
    OptIn,
    Propose,
    Stance,
)
from comity.core.certificate import Verdict
from comity.core.charter import Charter, Organ
from comity.core.effects import effect_words
from comity.core.procedures import outcome_of
from comity.core.proposals import Pinned, Standing, closing_reason, stance_reason
from comity.core.rules import Mark
from comity.core.stances import marks_of
from comity.core.tally import Decision, Tally, decide, pinned_marks
from comity.errors import UsageError
from comity.examine.blocking import LISTED, still_blocking
from comity.node import duties
from comity.node.consequences import said_by
from comity.systems.families import Coalitions
from comity.web.answers import (
    OUTCOMES,
    TONES,
    WORDS,
    Choice,
    choices,
    last_words,
    withdrawal,
)
from comity.web.desk import Desk
from comity.web.roll import Cell, strip
from comity.web.words import word as word_of

_TONES = {"met": "good", "failed": "bad", "open": "wait"}
_ENDED = {
    "rejected": gettext_lazy("The rule is not met."),
    "broken": gettext_lazy("The silence did not hold, and nothing is decided."),
    "lapsed": gettext_lazy("Too many were missing; it would have passed with their yes."),
    "no opinion": gettext_lazy("Neither adopted nor rejected."),
    "withdrawn": gettext_lazy("Its proposer took it back, and nothing is decided."),
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a tally, as a page draws it."""

    sentence: str
    standing: str
    mark: str
    tone: str
    parts: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a member said beside its answer."""

    who: str
    word: str
    kind: str
    text: str
    act: str


@dataclass(frozen=True, slots=True)
class Step:
    """One act in a proposal's history."""

    act: str
    instant: str
    who: str
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """How the same answers would have ended under another rule."""

    title: str
    in_force: bool
    outcome: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Mine:
    """What this desk can do with a proposal now.

    Parameters
    ----------
    words
        Where this member stands, a sentence each.
    """

    words: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    withdraw: Choice | None = None
    may_hold: bool = False
    held: bool = False
    may_close: bool = False
    readers: int = 0
    answered: bool = False


class ProposalPage:
    """A proposal that has effect, seen from a desk; each part worked out when asked for."""

    def __init__(self, desk: Desk, standing: Standing, zone: str) -> None:
        self.desk, self.standing, self.zone = desk, standing, zone
        self.at = desk.house.now()
        self.pinned: Pinned = standing.pinned
        self.act: Act = self.pinned.act
        self.body: Propose = self.pinned.body
        self.charter: Charter = self.pinned.under.charter
        self.told = last_words(self.pinned, standing.stances)
        said = said_by(self.told.values())
        roster, procedure = self.pinned.roster, self.pinned.procedure
        self.open_marks = marks_of(said, roster, procedure)
        self.closed_marks = marks_of(said, roster, procedure, closed=True)
        self.outcome = standing.settlement.outcome
        self.settled = standing.settlement.settled

    # What is asked.

    @property
    def organ(self) -> Organ | None:
        """Who decides."""
        effect = self.body.effect
        if isinstance(effect, Change):
            return self.charter.organs.get(self.charter.changes[CHANGES[type(effect)]].organ)
        return self.charter.organs.get(self.act.header.organ)

    @property
    def question(self) -> str:
        """What is asked, in one sentence."""
        return question(self.desk, self.act.member, self.body, self.charter, self.organ)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text that is put to decision."""
        effect = self.body.effect
        return effect.paragraphs if isinstance(effect, Adopt | OptIn) else ()

    # How it stands.

    @property
    def word(self) -> str:
        """The outcome in a word."""
        return str(OUTCOMES[self.outcome])

    @property
    def tone(self) -> str:
        """What colour repeats."""
        return TONES.get(self.outcome, "bad")

    @property
    def sentences(self) -> tuple[str, ...]:
        """How it stands, a sentence each."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        count, pinned = self.standing.count, self.pinned
        if self.settled:
            if self.outcome in _ENDED:
                yield str(_ENDED[self.outcome])
            yield _("Nothing that arrives later can change it.")
            if count is None:
                yield _("Others can still sign.")
            return
        if self.outcome == "contested":
            yield _("Members signed rolls that contradict each other: the history names them.")
            return
        if count is None:
            yield _("Open to signature; it has no end.")
            return
        if any(_word(act) == "withdraw" for act in self.told.values()):
            yield _("The proposer has withdrawn it; it ends so once members have closed it.")
        elif self.at < _known(pinned.closes_at):
            ends = outcome_of(
                pinned.entry.rule,
                pinned.electorate,
                pinned.procedure,
                pinned_marks(pinned.entry.rule, self.closed_marks, pinned.concerned),
            )
            yield _("If nobody says anything more, it ends %(outcome)s.") % {
                "outcome": OUTCOMES[ends]
            }
        if count.closed or self.at >= _known(pinned.closes_at):
            yield _("%(closed)d of %(of)d have closed it.") % {
                "closed": len(count.closed),
                "of": len(pinned.roster),
            }
            possible = [str(OUTCOMES[one]) for one in self.standing.settlement.possible]
            yield _("Still possible: %(outcomes)s.") % {"outcomes": ", ".join(possible)}

    @property
    def deadline(self) -> datetime | None:
        """When the next thing happens: it expires, then members close it."""
        expires = self.pinned.expires
        return expires if expires is not None and self.at < expires else self.pinned.closes_at

    @property
    def phase(self) -> str:
        """What the clock runs towards."""
        if self.settled:
            early = self.pinned.expires is not None and self.at < self.pinned.expires
            return _("Settled before its time ran out") if early else _("Its time ran out")
        if self.pinned.expires is None:
            return _("Open to signature")
        if self.at < self.pinned.expires:
            silence = self.pinned.procedure.kind == "silence"
            return _("Silence ends") if silence else _("Answers end")
        return _("Members close it from")

    @property
    def hurried(self) -> bool:
        """Whether the clock counts by seconds."""
        left = (self.deadline - self.at).total_seconds() if self.deadline else 0.0
        return 0 < left < 300

    @cached_property
    def decision(self) -> Decision:
        """How the rule stands by the answers at hand; once settled, by those that count."""
        settlement = self.standing.settlement
        final = self.settled and self.outcome != "withdrawn"
        marks = settlement.marks if final else self.open_marks
        return decide(self.pinned.entry.rule, self.pinned.electorate, marks, self.pinned.concerned)

    @property
    def tally(self) -> Branch:
        """The tally as a tree of sentences."""
        return branch(self.decision.tally)

    @property
    def against(self) -> Branch | None:
        """Under a reverse test, the tally of what rejects it, with yes and no exchanged."""
        against = self.decision.against
        return branch(against) if against is not None else None

    @property
    def turning(self) -> tuple[str, ...]:
        """The names of those who could still turn it."""
        return tuple(self.charter.name_of(m) for m in self.decision.tally.waiting)

    @property
    def blocking(self) -> str:
        """The smallest groups that could still block it, in a sentence."""
        if self.settled or self.pinned.expires is None:
            return ""
        rule, electorate = self.pinned.entry.rule, self.pinned.electorate
        marks = pinned_marks(rule, self.open_marks, self.pinned.concerned)
        found = still_blocking(rule.adopt, electorate, marks)
        if found is None or not found.families:
            return ""
        return "; ".join(_group_words(found, len(electorate.members) - len(marks)))

    @cached_property
    def others(self) -> tuple[Other, ...]:
        """How the same answers would end under the other rules of the organ and its candidates."""
        return tuple(self._others())

    @property
    def others_in_short(self) -> str:
        """How many other rules would give which outcome."""
        counted = Counter(one.outcome for one in self.others)
        return ", ".join(f"{many} {outcome}" for outcome, many in counted.most_common())

    def _others(self) -> Iterator[Other]:
        organ = self.organ
        if organ is None:
            return
        marks: dict[str, Mark] = dict(self.closed_marks)
        if self.settled and self.outcome != "withdrawn":
            marks.update(self.standing.settlement.marks)
        for name in dict.fromkeys((*organ.rules, *organ.candidates)):
            if name == self.pinned.entry.id:
                continue
            entry = self.charter.rules[name]
            try:
                full = pinned_marks(entry.rule, marks, self.pinned.concerned)
                told = outcome_of(entry.rule, self.pinned.electorate, self.pinned.procedure, full)
                why = decide(entry.rule, self.pinned.electorate, marks, self.pinned.concerned)
            except UsageError as wrong:
                yield Other(entry.title, name in organ.rules, _("cannot be told"), "", wrong.what)
                continue
            yield Other(
                entry.title,
                name in organ.rules,
                str(OUTCOMES[told]),
                TONES.get(told, "bad"),
                leading(why.tally),
            )

    # Who.

    @property
    def stances(self) -> list[Cell]:
        """Who has said what."""
        said: dict[str, str] = {}
        details: dict[str, str] = {}
        hrefs: dict[str, str] = {}
        for member in self.pinned.roster:
            act = self.told.get(member)
            word = _word(act) if act is not None else "withdraw"
            said[member] = "silent" if act is None or word == "withdraw" else word
            if act is not None:
                details[member] = act.header.instant
                hrefs[member] = act_address(act.id)
        return strip(self.pinned.roster, self._names(), said, details, hrefs)

    @property
    def closings(self) -> list[Cell]:
        """Who has closed it; nobody is shown while there is nothing to close."""
        count = self.standing.count
        if count is None or (not count.closed and self.at < _known(self.pinned.closes_at)):
            return []
        acts = {act.member: act for act in self.standing.closings}
        return strip(
            self.pinned.roster,
            self._names(),
            {m: "closed" if m in acts else "unclosed" for m in self.pinned.roster},
            {m: act.header.instant for m, act in acts.items()},
            {m: act_address(act.id) for m, act in acts.items()},
        )

    @property
    def holders(self) -> list[Cell]:
        """Who has the text, by what it signed and by its beacons."""
        spoke = {a.member for a in (*self.standing.stances, *self.standing.closings)}
        spoke.add(self.act.member)
        header = self.act.header
        beacons = {b.said.member: b for b in self.desk.node.seen.of(header.organ)}
        said: dict[str, str] = {}
        details: dict[str, str] = {}
        for member in self.pinned.roster:
            beacon = beacons.get(member)
            ends = beacon.said.heads.get(header.member, ()) if beacon else ()
            has = member in spoke or any(tip.seq >= header.seq for tip in ends)
            said[member] = "has" if has or member == self.desk.member else "unheard"
            if beacon is not None:
                gone = max(0, int((self.at - beacon.instant).total_seconds()))
                details[member] = _("last heard %(n)d s ago") % {"n": gone}
        return strip(self.pinned.roster, self._names(), said, details)

    def _names(self) -> Mapping[str, str]:
        return {m: self.charter.name_of(m) for m in self.pinned.roster}

    @property
    def notes(self) -> tuple[Note, ...]:
        """Reservations, declarations and what else members said beside their last answers."""
        return tuple(
            Note(
                self.charter.name_of(member),
                str(WORDS[act.body.word]),
                word_of(note.kind),
                note.text,
                act.id,
            )
            for member, act in self.told.items()
            if isinstance(act.body, Stance)
            for note in act.body.annotations
        )

    # This desk.

    @cached_property
    def mine(self) -> Mine:
        """What this desk can do now."""
        desk, pinned, node = self.desk, self.pinned, self.desk.node
        member, count = desk.member, self.standing.count
        readers = len(node.readers().get(self.act.header.organ, ()))
        told = self.told.get(member)
        words = tuple(self._my_words(told))
        if count is not None and member in count.closed:
            return Mine((*words, _("You have closed it, and your last word stands.")))
        over = self.settled and count is not None  # what is adopted by signatures is still open
        if over or not node.may_answer(pinned):
            return Mine(words)
        withdrawn = told is not None and _word(told) == "withdraw"
        may_withdraw = member == self.act.member and count is not None and not withdrawn
        back = withdrawal(readers) if may_withdraw else None
        if member not in pinned.roster:
            return Mine((*words, _("You are not on its roster.")), withdraw=back)
        signed = told is not None and _word(told) == "yes" and count is None
        offered = (
            () if signed or withdrawn else choices(pinned, self.told, member, readers, self.zone)
        )
        roll = {m: act.id for m, act in self.told.items()}
        return Mine(
            words,
            offered,
            back,
            may_hold=count is not None,
            held=duties.is_held(node, self.act.id),
            may_close=count is not None and pinned.waits(roll, self.at) is None,
            readers=readers,
            answered=told is not None,
        )

    def _my_words(self, told: Act | None) -> Iterator[str]:
        pinned, member = self.pinned, self.desk.member
        if told is None:
            if member in pinned.roster and not self.settled:
                yield _("You have not answered.")
                if pinned.procedure.kind == "silence":
                    yield _("Saying nothing is consent, once your node closes it.")
            return
        word = WORDS[_word(told)]
        yield _("Your last word: %(word)s.") % {"word": word}
        if self.standing.count is None or self.settled:
            return
        need, of = pinned.thresholds.establishing, pinned.roster
        shown = self.standing.count.shown_by.get(told.id)
        if shown is not None:
            yield _("It is shown by %(n)d of the %(need)d closings that make it count.") % {
                "n": shown,
                "need": need,
            }
            return
        heard = self.desk.node.seen.heard_by(self.act.header.organ, told.id) | {member}
        known = [m for m in of if m in heard]
        told_so = (
            _("Your %(word)s is heard by %(n)d of the %(need)d that make it count.")
            if len(known) < need
            else _("Your %(word)s is heard by %(n)d; %(need)d make it count.")
        )
        yield told_so % {"word": word, "n": len(known), "need": need}

    # What remains.

    @property
    def certifiable(self) -> bool:
        """Whether there is something to certify."""
        if self.standing.count is None:
            return bool(self.standing.stances)
        return bool(self.standing.closings)

    @property
    def verdict(self) -> tuple[str, ...]:
        """What the certificate shows, in the words of whoever verifies it."""
        if not self.certifiable:
            return ()
        shown = Verdict(
            self.outcome, self.settled, self.standing, self.pinned.under, self.desk.node.succession
        )
        return tuple(shown.lines())

    @property
    def may_open_to_the_willing(self) -> bool:
        """Whether a text that failed to bind all could be opened to whoever joins it."""
        organ = self.organ
        return (
            self.settled
            and self.outcome != "adopted"
            and isinstance(self.body.effect, Adopt)
            and organ is not None
            and any(self.charter.rules[r].binds != "all" for r in organ.rules)
        )

    @property
    def history(self) -> tuple[Step, ...]:
        """All that was said of it, in the order in which it came."""
        proposer = self.charter.name_of(self.act.member)
        first = Step(self.act.id, self.act.header.instant, proposer, _("proposed it"))
        return (first, *self._steps())

    def _steps(self) -> Iterator[Step]:
        for act in self.desk.about(self.act.id):
            who, body = self.charter.name_of(act.member), act.body
            if isinstance(body, Stance):
                words = _("answered: %(word)s") % {"word": WORDS[body.word]}
                reason = stance_reason(act, self.pinned)
            elif isinstance(body, Closing):
                words = ngettext(
                    "closed it, showing %(n)d answer",
                    "closed it, showing %(n)d answers",
                    len(body.roll),
                ) % {"n": len(body.roll)}
                reason = closing_reason(act, self.pinned)
            else:
                continue
            yield Step(act.id, act.header.instant, who, words, reason or "")

    @property
    def evidence(self) -> tuple[str, ...]:
        """Who signed two things at once, in sentences."""
        count = self.standing.count
        if count is None:
            return ()
        told = [
            _("%(who)s signed two different closings.") % {"who": self.charter.name_of(m)}
            for m in count.double_closers
        ]
        for found in count.contradictions:
            names = ", ".join(map(self.charter.name_of, found.double_signers))
            told.append(
                _("%(who)s signed both that an answer was heard and that it was not.")
                % {"who": names}
            )
        return tuple(told)


def question(desk: Desk, member: str, body: Propose, charter: Charter, organ: Organ | None) -> str:
    """Say what a proposal asks, in one sentence."""
    where = organ.name if organ else desk.organ_name("")
    entry = charter.rules.get(body.rule)
    whom = (
        _("it binds those who join it")
        if entry is not None and entry.binds != "all"
        else _("it binds all")
    )
    return _("%(who)s asks %(organ)s: if it is adopted, it %(effect)s; %(whom)s.") % {
        "who": charter.name_of(member),
        "organ": where,
        "effect": effect_words(body.effect, charter),
        "whom": whom,
    }


def signs_as(desk: Desk) -> str:
    """Say who signs."""
    return _("Signed for %(name)s, %(office)s.") % {
        "name": desk.name,
        "office": desk.office_name,
    }


def branch(tally: Tally) -> Branch:
    """Return a tally as a page draws it."""
    return Branch(
        tally.sentence,
        {"met": _("met"), "failed": _("failed"), "open": _("open")}[tally.standing],
        {"met": "●", "failed": "×", "open": "○"}[tally.standing],
        _TONES[tally.standing],
        tuple(branch(part) for part in tally.parts),
    )


def leading(tally: Tally) -> str:
    """Return the sentences of a tally in one line."""
    if not tally.parts:
        return tally.sentence
    return "; ".join(leading(part) for part in tally.parts)


def act_address(name: str) -> str:
    """Return where an act is shown; empty where this room has no such page."""
    try:
        return reverse("act", args=[name])
    except NoReverseMatch:
        return ""


def _group_words(found: Coalitions, waiting: int) -> Iterator[str]:
    """Yield each family of groups in words."""
    for family in found.families:
        parts = []
        for many, names in family.parts:
            if many == len(names):
                parts.append(", ".join(names))
            elif len(names) == waiting:
                parts.append(
                    _("any %(n)d of the %(of)d whose answer is not settled")
                    % {"n": many, "of": waiting}
                )
            else:
                parts.append(_("any %(n)d of %(names)s") % {"n": many, "names": ", ".join(names)})
        yield _(" and ").join(parts)
    if not found.complete or len(found.families) == LISTED:
        yield _("perhaps others of that size")


def _known(moment: datetime | None) -> datetime:
    assert moment is not None, "what is closed has an instant for it"
    return moment


def _word(act: Act) -> str:
    assert isinstance(act.body, Stance)
    return act.body.word
