"""Cases: what belongs to a matter before the coalition, and what its decisions brought about.

A gathering, and no more: acts say of what case they are, or name an act that
does; how proposals ended is an argument. Order and repetition do not matter,
and what cannot be opened is unknown and left out. Of several decisions on one
case or group the last counts, by the day and the expiry that their proposals
pin. Invariants, each kept by a test of its name:

- Only what was adopted opens or closes a case, recognises a group or wakes an obligation.
- More acts never take an act out of a case.
- Every attachment at hand is shown, or listed with the reason why it has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from comity.core import bodies
from comity.core.acts import Act
from comity.core.proposals import Standing
from comity.core.rolls import Said

CaseStanding: TypeAlias = Literal["named", "open", "closed"]
"""Named by acts and by no decision; opened; closed."""

_OF_A_CASE = (
    bodies.Propose
    | bodies.Stance
    | bodies.Closing
    | bodies.Alert
    | bodies.Receipt
    | bodies.Edit
    | bodies.Pledge
    | bodies.Attach
)


@dataclass(frozen=True, slots=True)
class Case:
    """A matter before the coalition.

    Parameters
    ----------
    title
        As the last decision that opened it says; empty where none did.
    decisions
        The adopted proposals that opened or closed it, the earliest first.
    acts
        By kind of act, the ids of those that belong to it, in order of id.
    """

    name: str
    standing: CaseStanding
    title: str = ""
    decisions: tuple[str, ...] = ()
    acts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the acts of a kind that belong to it."""
        return dict(self.acts).get(kind, ())


@dataclass(frozen=True, slots=True)
class Group:
    """Some members that were recognised as a group, and by which proposal."""

    name: str
    members: tuple[str, ...]
    proposal: str


@dataclass(frozen=True, slots=True)
class Woken:
    """A dormant obligation whose condition was recognised, and by which proposal."""

    obligation: str
    because: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A text that binds whoever joins it.

    Parameters
    ----------
    after
        The proposal that failed to bind all, where there was one.
    outcome
        How it stands; None where that is not known.
    joined
        Who said yes to it, in the order in which that was given.
    """

    proposal: str
    title: str
    after: str | None
    outcome: str | None
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that belongs to a case or to an act."""

    id: str
    organ: str
    member: str
    instant: str
    body: bodies.Attach


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases, and what decisions brought about beside.

    Parameters
    ----------
    cases
        By name.
    groups
        One of each name: the last that was recognised.
    woken
        One of each obligation: the first decision that woke it.
    instruments, attachments
        In order of id.
    without_effect
        The id of each act that achieves nothing, with the reason, in order of id.
    """

    cases: tuple[Case, ...] = ()
    groups: tuple[Group, ...] = ()
    woken: tuple[Woken, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    attachments: tuple[Attached, ...] = ()
    without_effect: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def case(self, name: str) -> Case | None:
        """Return a case by its name; None where nothing names it."""
        return next((one for one in self.cases if one.name == name), None)


def cases(
    acts: Iterable[Act],
    outcomes: Mapping[str, str] | None = None,
    joined: Mapping[str, Sequence[str]] | None = None,
) -> Cases:
    """Gather cases, groups, woken obligations, instruments and attachments.

    Parameters
    ----------
    acts
        Verified acts, in any order; of other kinds too.
    outcomes
        How proposals ended, by their ids; who is left out counts as open.
    joined
        Who said yes to a proposal, by its id; see `joined_by`.
    """
    ended, yes = outcomes or {}, joined or {}
    at_hand = {act.id: act for act in acts if isinstance(act.body, _OF_A_CASE)}
    proposals = sorted(
        (act for act in at_hand.values() if isinstance(act.body, bodies.Propose)), key=_pinned
    )
    adopted = [act for act in proposals if ended.get(act.id) == "adopted"]
    decisions: dict[str, list[Act]] = {}
    groups: dict[str, Group] = {}
    woken: dict[str, Woken] = {}
    for act in adopted:
        match _proposal(act).effect:
            case bodies.OpenCase(case=name) | bodies.CloseCase(case=name):
                decisions.setdefault(name, []).append(act)
            case bodies.Recognise() as effect:
                groups[effect.group] = Group(effect.group, effect.members, act.id)
            case bodies.Wake() as effect:
                woken.setdefault(
                    effect.obligation, Woken(effect.obligation, effect.because, act.id)
                )
            case _:
                pass
    reasons: dict[str, str] = {}
    attachments: list[Attached] = []
    for name, act in sorted(at_hand.items()):
        if isinstance(act.body, bodies.Attach):
            reason = _attachment_reason(act, act.body, at_hand)
            if reason is None:
                header = act.header
                attachments.append(
                    Attached(name, header.organ, header.member, header.instant, act.body)
                )
            else:
                reasons[name] = reason
    belonging = _belonging({n: act for n, act in at_hand.items() if n not in reasons})
    names = sorted(belonging.keys() | decisions.keys())
    return Cases(
        tuple(_case(name, belonging.get(name, ()), decisions.get(name, ())) for name in names),
        tuple(groups[name] for name in sorted(groups)),
        tuple(woken[name] for name in sorted(woken)),
        tuple(
            Instrument(
                act.id,
                _proposal(act).title,
                opened.after,
                ended.get(act.id),
                tuple(yes.get(act.id, ())),
            )
            for act in sorted(proposals, key=lambda act: act.id)
            if isinstance(opened := _proposal(act).effect, bodies.OptIn)
        ),
        tuple(attachments),
        tuple(sorted(reasons.items())),
    )


def joined_by(standing: Standing) -> tuple[str, ...]:
    """Return who said yes to a proposal by a stance that counts, in the order of the roster.

    Consent by silence joins nobody to what binds only those who join.
    """
    words = standing.count.words if standing.count is not None else {}
    said = {member for member, word in words.items() if isinstance(word, Said)}
    return tuple(
        member
        for member in standing.pinned.roster
        if standing.settlement.marks.get(member) == "yes"
        and (standing.count is None or member in said)
    )


def _proposal(act: Act) -> bodies.Propose:
    assert isinstance(act.body, bodies.Propose)
    return act.body


def _pinned(act: Act) -> tuple[str, str, str]:
    """Return by what decisions are ordered: what their proposals pin, and no clock."""
    return _proposal(act).on, _proposal(act).expires or "", act.id


def _attachment_reason(act: Act, body: bodies.Attach, at_hand: Mapping[str, Act]) -> str | None:
    if body.to is None:
        return None if body.case is not None else "it belongs to no case and to no act"
    to = at_hand.get(body.to)
    if to is None:
        return "the act it belongs to is not at hand"
    if to.header.organ != act.header.organ:
        return f"it was made in {act.header.organ}, and what it belongs to in {to.header.organ}"
    return None


def _cases_of(act: Act) -> set[str]:
    """Return the cases that an act itself names."""
    found = {act.case} if act.case is not None else set()
    if isinstance(act.body, bodies.Propose) and isinstance(
        act.body.effect, bodies.OpenCase | bodies.CloseCase
    ):
        found.add(act.body.effect.case)
    return found


def _belonging(at_hand: Mapping[str, Act]) -> dict[str, list[Act]]:
    """Return the acts of each case: those that name it, and those about such an act."""
    about: dict[str, list[str]] = {}
    for name, act in at_hand.items():
        for named in act.about:
            about.setdefault(named, []).append(name)
    starts: dict[str, set[str]] = {}
    for name, act in at_hand.items():
        for case in _cases_of(act):
            starts.setdefault(case, set()).add(name)
    belonging: dict[str, list[Act]] = {}
    for case, found in starts.items():
        ahead = list(found)
        while ahead:
            fresh = [name for name in about.get(ahead.pop(), ()) if name not in found]
            found.update(fresh)
            ahead.extend(fresh)
        belonging[case] = [at_hand[name] for name in sorted(found)]
    return belonging


def _case(name: str, acts: Sequence[Act], decisions: Sequence[Act]) -> Case:
    standing: CaseStanding = "named"
    title = ""
    for act in decisions:
        effect = _proposal(act).effect
        standing = "closed"
        if isinstance(effect, bodies.OpenCase):
            standing, title = "open", effect.title
    by_kind: dict[str, list[str]] = {}
    for act in acts:
        assert act.kind is not None
        by_kind.setdefault(act.kind, []).append(act.id)
    return Case(
        name,
        standing,
        title,
        tuple(act.id for act in decisions),
        tuple((kind, tuple(by_kind[kind])) for kind in sorted(by_kind)),
    )
