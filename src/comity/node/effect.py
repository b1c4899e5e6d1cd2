"""Effect: which acts achieve nothing, and why; who signed two things of which one is too many.

A function of the acts of some organs: what was said in another is as if it were
not at hand, so that a reason never tells of what its reader does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from comity.core.acts import Act
from comity.core.alerts import alerts
from comity.core.attestations import equivocation_words
from comity.core.bodies import Closing, Edit, Propose, Stance
from comity.core.cases import cases
from comity.core.pledges import pledges
from comity.core.shelf import Shelf
from comity.core.state import State
from comity.core.succession import Succession
from comity.core.texts import texts
from comity.core.voices import voice_reason
from comity.errors import ActError
from comity.node.node import Node

MOST_BEHIND = 2_000
"""How many acts are looked at, at most, to say why one of them has no effect."""


def without_effect(node: Node, organs: Iterable[str] | None = None) -> dict[str, str]:
    """Return the acts at hand that achieve nothing, by id, each with the reason.

    Parameters
    ----------
    organs
        What was said in these alone; all that this member reads unless given.
    """
    return reasons(said_in(node, organs), node.succession)


def said_in(node: Node, organs: Iterable[str] | None = None) -> list[Act]:
    """Return the acts at hand of some organs; all unless given."""
    if organs is None:
        return list(node.record.acts())
    return [act for organ in organs for act in node.record.acts(organ=organ)]


def reason(node: Node, act: Act, organs: Iterable[str] | None = None) -> str | None:
    """Return why an act achieves nothing; None where it does, or where it cannot be opened.

    What has effect depends on the acts it names, so that no others are read.
    """
    seen = None if organs is None else frozenset(organs)
    return reasons(_behind(node, act, seen), node.succession).get(act.id)


def reasons(acts: Sequence[Act], succession: Succession) -> dict[str, str]:
    """Return which of some acts achieve nothing, were there no others."""
    found = dict(_state(acts, succession).without_effect())
    unheeded = {act.id: why for act in acts if (why := voice_reason(act, succession)) is not None}
    said = [act for act in acts if act.id not in unheeded]
    for view in (alerts(said), texts(said), pledges(said), cases(said)):
        found.update(dict(view.without_effect))
    found.update(unheeded)
    return {name: found[name] for name in sorted(found)}


def double_signed(acts: Iterable[Act]) -> Iterator[tuple[Act, Act, str]]:
    """Yield two acts of one member that exclude each other, with what excludes them."""
    claims: dict[tuple[object, ...], dict[str, Act]] = {}
    for act in acts:
        claims.setdefault(("place", *act.place), {})[act.id] = act
        if isinstance(act.body, Stance):
            place = ("turn", act.member, act.body.proposal, act.body.turn)
            claims.setdefault(place, {})[act.id] = act
        elif isinstance(act.body, Closing):
            claims.setdefault(("closing", act.member, act.body.proposal), {})[act.id] = act
    told: set[tuple[str, str]] = set()
    for own in claims.values():
        for one, other in combinations(sorted(own.values(), key=lambda act: act.id), 2):
            if (one.id, other.id) not in told:
                told.add((one.id, other.id))
                yield one, other, equivocation_words(one, other)


def excluded_by(node: Node, act: Act) -> tuple[Act, ...]:
    """Return the acts of the same member in the same organ that an act cannot stand beside."""
    organ, member, seq = act.place
    near = {a.id: a for a in node.record.chain(organ, member, first=seq, last=seq)}
    if isinstance(act.body, Stance | Closing):
        said = node.record.about(act.body.proposal, kind=act.kind)
        near |= {a.id: a for a in said if a.member == member and a.header.organ == organ}
    found = []
    for name in sorted(near):
        try:
            equivocation_words(act, near[name])
        except ActError:
            continue
        found.append(near[name])
    return tuple(found)


def _state(acts: Iterable[Act], succession: Succession) -> State:
    """Return as much of a state as says what has no effect."""
    proposals: dict[str, Act] = {}
    answers: dict[str, dict[str, Act]] = {}
    others: dict[str, dict[str, Act]] = {}
    for act in acts:
        if isinstance(act.body, Propose):
            proposals[act.id] = act
        elif isinstance(act.body, Stance | Closing):
            answers.setdefault(act.body.proposal, {})[act.id] = act
        elif act.kind is not None:
            others.setdefault(act.kind, {})[act.id] = act
    return State(
        succession,
        {},
        Shelf[Act]().with_all(proposals),
        Shelf[dict[str, Act]]().with_all(answers),  # type: ignore[arg-type]
        {kind: Shelf[Act]().with_all(own) for kind, own in others.items()},
    )


def _behind(node: Node, act: Act, organs: frozenset[str] | None) -> list[Act]:
    """Return an act with all that its effect can depend on."""
    found, ahead = {act.id: act}, [act]
    while ahead and len(found) < MOST_BEHIND:
        one = ahead.pop()
        if isinstance(one.body, Edit) and one.body.text is not None:
            near = list(node.record.about(one.body.text, kind="edit"))
        else:
            near = []
        near += [named for name in one.about if (named := node.record.get(name)) is not None]
        for other in near:
            if other.id not in found and (organs is None or other.header.organ in organs):
                found[other.id] = other
                if not (isinstance(other.body, Edit) and other.body.text is not None):
                    ahead.append(other)
    return list(found.values())
