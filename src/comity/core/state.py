"""State: what a set of verified acts amounts to, whatever the order they came in.

`fold` is a function of the *set* of acts: order, duplicates and grouping do not
matter. Nothing is dropped: gaps are shown, forks are kept, and an act without
effect is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from comity.core.acts import Act
from comity.core.bodies import Closing, Enter, Key, Propose, Resume, Stance, kind_of
from comity.core.constitution import COALITION, Constitution
from comity.core.keys import Keyring
from comity.core.proposals import Pinned, Standing, closing_reason, pin, stance_reason, stand
from comity.core.shelf import Shelf
from comity.core.succession import Succession, bears_on, enter_reason, rotation_reason, succeed


@dataclass(frozen=True, slots=True)
class Chain:
    """The acts of one member in one organ, by their numbers.

    Parameters
    ----------
    organ, member
        Whose chain it is.
    acts
        Under each number the acts that claim it, by id: more than one is a fork.
    """

    organ: str
    member: str
    acts: Mapping[int, Mapping[str, Act]] = field(default_factory=dict, repr=False)

    @property
    def forks(self) -> tuple[int, ...]:
        """The numbers under which this member signed more than one act."""
        return tuple(seq for seq in sorted(self.acts) if len(self.acts[seq]) > 1)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The ids that are named as the act before and are not at hand, in order."""
        held = {name for found in self.acts.values() for name in found}
        named = (act.header.prev for found in self.acts.values() for act in found.values())
        return tuple(sorted({name for name in named if name is not None and name not in held}))

    @property
    def heads(self) -> tuple[str, ...]:
        """The ids that no act at hand names as the one before, in order."""
        found = [act for acts in self.acts.values() for act in acts.values()]
        named = {act.header.prev for act in found}
        for act in found:
            if isinstance(act.body, Resume):
                named.update(act.body.tips)
        return tuple(sorted(act.id for act in found if act.id not in named))


@dataclass(frozen=True, slots=True)
class State:
    """What a set of acts amounts to.

    Parameters
    ----------
    succession
        The constitutions that are known, and what led to them.
    chains
        By organ and member.
    proposals
        The proposals at hand, by id.
    answers
        By the id of a proposal, at hand or not, the stances and closings that
        name it.
    others
        All other opened acts, by kind and id.
    """

    succession: Succession = field(repr=False)
    chains: Mapping[tuple[str, str], Chain] = field(default_factory=dict)
    proposals: Shelf[Act] = field(default_factory=Shelf[Act], repr=False)
    answers: Shelf[Mapping[str, Act]] = field(default_factory=Shelf[Mapping[str, Act]], repr=False)
    others: Mapping[str, Shelf[Act]] = field(default_factory=dict, repr=False)

    @property
    def constitution(self) -> Constitution:
        """The constitution after all settled changes."""
        return self.succession.current

    @property
    def keyring(self) -> Keyring:
        """The keys that acts are read with."""
        return self.succession.keyring

    def of_kind(self, kind: str) -> Mapping[str, Act]:
        """Return the opened acts of a kind other than propose, stance and closing, by id."""
        return self.others.get(kind, _NONE)

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self.proposals.get(proposal)
        if act is None:
            return "the proposal is not at hand"
        under = self.succession.known.get(act.header.constitution)
        if under is None:
            return "it was made in another constitution than those known here"
        return pin(act, under, self.succession.ground)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands, or the reason why there is nothing to decide."""
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            return pinned
        return stand(pinned, self.answers.get(proposal, {}).values())

    def without_effect(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each opened act that has no effect, with the reason, in order of id.

        An act that cannot be opened is unknown, and is not among them. What
        alerts, texts and pledges make of theirs, they say themselves.
        """
        found: dict[str, str | None] = {}
        for name in self.proposals:
            pinned = self.pinned(name)
            found[name] = pinned if isinstance(pinned, str) else None
        for name, acts in self.answers.items():
            pinned = self.pinned(name)
            for act in acts.values():
                if isinstance(pinned, str):
                    found[act.id] = f"of its proposal: {pinned}"
                elif isinstance(act.body, Stance):
                    found[act.id] = stance_reason(act, pinned)
                else:
                    found[act.id] = closing_reason(act, pinned)
        for act in chain(*(self.of_kind(kind).values() for kind in ("key", "enter", "leave"))):
            found[act.id] = self._reason(act)
        for name in sorted(found):
            reason = found[name]
            if reason is not None:
                yield name, reason

    def _reason(self, act: Act) -> str | None:
        if isinstance(act.body, Enter):
            return enter_reason(act, self.succession)
        if act in self.succession.rotations:
            return None
        under = self.succession.known.get(act.header.constitution)
        if under is None:
            return "it was made in another constitution than those known here"
        if isinstance(act.body, Key):
            return rotation_reason(act, under)
        told = act.id in self.succession.settled
        return None if told else f"notice is given in '{COALITION}', with a key that speaks"


_NONE: Shelf[Act] = Shelf()


def fold(ground: Constitution, acts: Iterable[Act]) -> State:
    """Return what a set of verified acts amounts to.

    Parameters
    ----------
    ground
        The constitution of the founding.
    """
    return extend(State(succeed(ground, ())), acts)


def extend(state: State, acts: Iterable[Act]) -> State:
    """Return the state with some more acts; those it has already change nothing.

    Only the chains and proposals that the new acts name are made anew, each once.
    """
    own: dict[tuple[str, str], dict[int, Mapping[str, Act]]] = {}
    proposals: dict[str, Act] = {}
    answers: dict[str, dict[str, Act]] = {}
    others: dict[str, dict[str, Act]] = {}
    turned = False
    for act in acts:
        organ, member, seq = act.place
        if (organ, member) not in own:
            known = state.chains.get((organ, member), Chain(organ, member)).acts
            own[organ, member] = dict(known)
        under = own[organ, member].get(seq, {})
        kept = _fuller(under.get(act.id), act)
        own[organ, member][seq] = {**under, act.id: kept}
        turned = turned or (kept is act and bears_on(act))
        body = kept.body
        if body is None:
            continue  # what is sealed is in its chain, and unknown
        if isinstance(body, Propose):
            proposals[act.id] = kept
        elif isinstance(body, Stance | Closing):
            if body.proposal not in answers:
                answers[body.proposal] = dict(state.answers.get(body.proposal, {}))
            answers[body.proposal][act.id] = kept
        else:
            others.setdefault(kind_of(body), {})[act.id] = kept
    more = State(
        state.succession,
        {**state.chains, **{key: Chain(*key, acts) for key, acts in own.items()}},
        state.proposals.with_all(proposals),
        state.answers.with_all(answers),
        {
            **state.others,
            **{kind: state.others.get(kind, _NONE).with_all(new) for kind, new in others.items()},
        },
    )
    if not turned:
        return more
    before = state.succession
    return replace(more, succession=succeed(before.ground, _of_all(more), before=before))


def _of_all(state: State) -> Iterator[Act]:
    """Yield the acts in the organ of all."""
    for (organ, _), own in state.chains.items():
        if organ == COALITION:
            for acts in own.acts.values():
                yield from acts.values()


def _fuller(known: Act | None, act: Act) -> Act:
    """Return the copy of an act that says more; of equals, always the same one."""
    if known is None:
        return act
    return min(known, act, key=lambda a: (a.body is None, a.envelope.signatures[0].value))
