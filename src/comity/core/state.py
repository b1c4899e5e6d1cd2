"""State: what a set of verified acts amounts to, whatever the order they came in.

`fold` is a function of the *set* of acts: order, duplicates and grouping do not
matter. Nothing is dropped: gaps are shown, forks are kept, and an act without
effect is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from comity.core.acts import (
    Act,
)
from comity.core.bodies import Closing, Propose, Stance
from comity.core.constitution import Constitution
from comity.core.proposals import Pinned, Standing, closing_reason, pin, stance_reason, stand


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
        return tuple(sorted(act.id for act in found if act.id not in named))


@dataclass(frozen=True, slots=True)
class State:
    """What a set of acts amounts to.

    Parameters
    ----------
    chains
        By organ and member.
    proposals
        The proposals at hand, by id.
    answers
        By the id of a proposal, at hand or not, the stances and closings that
        name it.
    """

    constitution: Constitution = field(repr=False)
    chains: Mapping[tuple[str, str], Chain] = field(default_factory=dict)
    proposals: Mapping[str, Act] = field(default_factory=dict, repr=False)
    answers: Mapping[str, Mapping[str, Act]] = field(default_factory=dict, repr=False)

    def pinned(self, proposal: str) -> Pinned | str:
        """Return what a proposal pins, or the reason why there is nothing to decide."""
        act = self.proposals.get(proposal)
        return "the proposal is not at hand" if act is None else pin(act, self.constitution)

    def standing(self, proposal: str) -> Standing | str:
        """Return how a proposal stands, or the reason why there is nothing to decide."""
        pinned = self.pinned(proposal)
        if isinstance(pinned, str):
            return pinned
        return stand(pinned, self.answers.get(proposal, {}).values())

    def without_effect(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each opened act that has no effect, with the reason, in order of id.

        An act that cannot be opened is unknown, and is not among them.
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
        for name in sorted(found):
            reason = found[name]
            if reason is not None:
                yield name, reason


def fold(constitution: Constitution, acts: Iterable[Act]) -> State:
    """Return what a set of verified acts amounts to."""
    return extend(State(constitution), acts)


def extend(state: State, acts: Iterable[Act]) -> State:
    """Return the state with some more acts; those it has already change nothing.

    Only the chains and proposals that the new acts name are made anew, each once.
    """
    own: dict[tuple[str, str], dict[int, Mapping[str, Act]]] = {}
    proposals: dict[str, Act] = {}
    answers: dict[str, dict[str, Act]] = {}
    for act in acts:
        organ, member, seq = act.place
        if (organ, member) not in own:
            known = state.chains.get((organ, member), Chain(organ, member)).acts
            own[organ, member] = dict(known)
        under = own[organ, member].get(seq, {})
        kept = _fuller(under.get(act.id), act)
        own[organ, member][seq] = {**under, act.id: kept}
        if isinstance(kept.body, Propose):
            proposals[act.id] = kept
        elif isinstance(kept.body, Stance | Closing):
            name = kept.body.proposal
            if name not in answers:
                answers[name] = dict(state.answers.get(name, {}))
            answers[name][act.id] = kept
    return State(
        state.constitution,
        {**state.chains, **{key: Chain(*key, acts) for key, acts in own.items()}},
        {**state.proposals, **proposals},
        {**state.answers, **answers},
    )


def _fuller(known: Act | None, act: Act) -> Act:
    """Return the copy of an act that says more; of equals, always the same one."""
    if known is None:
        return act
    return min(known, act, key=lambda a: (a.body is None, a.envelope.signatures[0].value))
