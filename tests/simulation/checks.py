"""What must hold at the end of every run, and at every moment of it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from comity.core.acts import Act
from comity.core.attestations import verify
from comity.core.bodies import Closing, Epoch, Propose, Resume, Stance
from comity.core.certificate import Verdict
from comity.core.constitution import COALITION
from comity.core.proposals import Standing, closing_reason, stand
from comity.core.strict import instant
from comity.errors import ActError
from comity.node import duties
from tests.simulation.league import OUTSIDER

if TYPE_CHECKING:
    from tests.simulation.world import World


class BrokenError(AssertionError):
    """Something that must never happen did."""


def check(world: World) -> None:
    """Look at what all nodes have at the end.

    Raises
    ------
    BrokenError
        With all that is wrong.
    """
    wrong = [
        *_growth(world),
        *_agreement(world),
        *_certificates(world),
        *_innocence(world),
        *_convergence(world),
        *_outsiders(world),
        *_keys(world),
        *_notice(world),
        *_liveness(world),
    ]
    if wrong:
        raise BrokenError("; ".join(dict.fromkeys(wrong)))


def union(world: World) -> dict[str, Act]:
    """Return all acts that anybody has, opened if anybody opened them."""
    found: dict[str, Act] = {}
    for _, node in world.nodes():
        for act in node.record.acts():
            if act.id not in found or found[act.id].body is None:
                found[act.id] = act
    return found


def _may_break(world: World, standing: Standing) -> bool:
    """Tell whether more members of the roster than f are dishonest: then nothing is promised."""
    return len(world.liars & set(standing.pinned.roster)) > standing.pinned.thresholds.f


def _changes_may_break(world: World) -> bool:
    return len(world.liars) > world.league.f


def _growth(world: World):
    for name, one, other in getattr(world, "contradictions", []):
        for _, node in world.honest():
            standing = node.standing(name)
            if isinstance(standing, Standing) and not _may_break(world, standing):
                yield f"growth: {name[:8]} was {one[0]} for {one[1]} and {other[0]} for {other[1]}"
                return


def _standings(world: World):
    """Return how each proposal stands for each honest node that can read it; looked up once."""
    found = getattr(world, "standings", None)
    if found is None:
        found = world.standings = list(_stand_all(world))  # type: ignore[attr-defined]
    return found


def _stand_all(world: World):
    for name in sorted(world.proposals):
        for member, node in world.honest():
            act = node.record.get(name)
            if act is None or act.body is None:
                continue
            standing = node.standing(name)
            yield name, member, node, standing


def _agreement(world: World):
    outcomes: dict[str, dict[str, str]] = defaultdict(dict)
    for name, member, _, standing in _standings(world):
        if not isinstance(standing, Standing) or _may_break(world, standing):
            continue
        world.count[f"seen {standing.settlement.outcome}"] += 1
        if standing.settlement.settled:
            outcomes[name][member] = standing.settlement.outcome
        if standing.settlement.outcome == "contested":
            yield f"contested with at most f dishonest: {name[:8]} for {member}"
    for name, seen in outcomes.items():
        world.count[f"outcome {min(seen.values())}"] += 1
        if len(set(seen.values())) > 1:
            yield f"agreement: {name[:8]} is {seen}"


def _certificates(world: World):
    """Verify certificates, whole and with parts left out: they state one outcome or none."""
    shown: dict[str, set[str]] = defaultdict(set)
    todo = [one for one in _standings(world) if isinstance(one[3], Standing)]
    world.rng.shuffle(todo)
    for name, member, node, standing in todo[:3]:
        data = node.certificate(name)
        verdict = verify(data, node.coalition)
        assert isinstance(verdict, Verdict)
        world.count["certificate"] += 1
        world.count["certificate proven"] += verdict.proven
        if verdict.outcome != standing.settlement.outcome:
            yield (
                f"certificate: {name[:8]} of {member} says {verdict.outcome}, "
                f"its node {standing.settlement.outcome}"
            )
        for _ in range(1):
            try:
                less = verify(_with_less(world, data), node.coalition)
            except ActError:
                world.count["certificate refused"] += 1
                continue
            if less.proven and not _may_break(world, standing):
                shown[name].add(less.outcome)
        if verdict.proven and not _may_break(world, standing):
            shown[name].add(verdict.outcome)
    for name, outcomes in shown.items():
        if len(outcomes) > 1:
            yield f"omission: {name[:8]} is proven to be {sorted(outcomes)}"


def _with_less(world: World, data: bytes) -> bytes:
    plain = json.loads(data)
    parts = [plain["decided"], *plain.get("steps", [])]
    keep = world.rng.choice((0.5, 0.8))
    for part in parts:
        for kind in ("stances", "closings"):
            if kind in part:
                part[kind] = [one for one in part[kind] if world.rng.random() < keep]
    return json.dumps(plain, separators=(",", ":")).encode()


def _innocence(world: World):
    """See that nothing anywhere shows an honest member to have signed two things."""
    places: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    joined: dict[tuple[str, str], set[str]] = defaultdict(set)
    for act in union(world).values():
        honest = act.member in world.machines and world.machines[act.member].honest
        if not honest:
            continue
        places["number", *act.place[:2], act.place[2]].add(act.id)  # type: ignore[index]
        if isinstance(act.body, Stance):
            places["turn", act.body.proposal, act.member, act.body.turn].add(act.id)  # type: ignore[index]
        if isinstance(act.body, Closing):
            places["closing", act.body.proposal, act.member, 1].add(act.id)  # type: ignore[index]
        if isinstance(act.body, Resume):
            joined[act.place[:2]].update(act.body.tips)
    for place, ids in places.items():
        if len(ids) < 2:
            continue
        member = place[2]
        if place[0] == "number" and world.machines[member].restored is not None:
            world.count["honest fork"] += 1
            if not joined[place[1], member]:
                world.count["honest fork not joined"] += 1
            continue
        yield f"innocence: {member} signed two things: {place[:2]} {place[3]}"
    for name, member, _, standing in _standings(world):
        if isinstance(standing, Standing) and standing.count is not None:
            guilty = set(standing.count.double_closers)
            guilty |= {m for m, word in standing.count.words.items() if word == "convicted"}
            for found in standing.count.contradictions:
                guilty |= set(found.double_signers)
            for one in sorted(guilty - world.liars):
                yield f"innocence: {member} holds {one} guilty on {name[:8]}"


def _convergence(world: World):
    """See that honest readers of an organ have equal records, or show why not."""
    acts = union(world)
    held: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for member, node in world.honest():
        if node.record.held_back is not None and world.machines[member].restored is None:
            yield f"{member} is held back for no reason"
        for organ in node.readers():
            held[organ][member] = frozenset(a.id for a in node.record.acts(organ=organ))
    for organ, sets in held.items():
        everything = frozenset().union(*sets.values())
        for member, have in sets.items():
            node = world.machines[member].node
            assert node is not None
            lacks = everything - have - node.record.knows(everything - have)
            # Of a fork in three two branches are kept, not everywhere the same: the fork is shown.
            forked = set(node.record.forks(organ=organ))
            lacks = {name for name in lacks if acts[name].place not in forked}
            if lacks and not node.record.gaps(organ=organ) and not node.exchange.gaps(organ):
                yield f"convergence: {member} lacks {len(lacks)} acts of {organ}, and does not know"
            elif lacks:
                world.count["gap shown"] += 1
            else:
                world.count["equal records"] += 1
    currents = {
        (node.succession.current.id, len(node.succession.settled))
        for member, node in world.honest()
        if member in node.readers().get(COALITION, ())
    }
    if len(currents) > 1 and not _changes_may_break(world):
        yield f"convergence: members know {len(currents)} different latest constitutions"
    world.count["constitutions"] += len(
        {len(node.succession.current.changes) for _, node in world.honest()} - {0}
    )


def _said_to(world: World, act: Act) -> frozenset[str] | None:
    """Return who read an act's organ when an honest member signed it."""
    author = world.machines[act.member]
    return author.said_to.get(act.id) if author.honest else None


def _outsiders(world: World):
    """See that nobody opens, or ever held, what was not for it."""
    never = {
        "council": {OUTSIDER},
        "watch": {m for m in world.machines if m not in ("Arden", "Brill", "Corve")},
    }
    for member, node in world.nodes():
        for organ, out in never.items():
            if member in out and node.record.count(organ=organ):
                yield f"outsiders: {member} holds acts of {organ}"
        for act in node.record.acts():
            readers = _said_to(world, act)
            if readers is None or member in readers or act.header.organ == COALITION:
                continue
            world.count["held by a former reader or a newcomer"] += 1
            if act.body is not None and not isinstance(act.body, Epoch):
                yield f"outsiders: {member} opened {act.id[:8]}, sealed to others"


def _keys(world: World):
    """See that nobody has the key of what honest members sealed when it did not read there."""
    for act in union(world).values():
        readers = _said_to(world, act)
        if readers is None or act.sealed is None or not world.machines[act.member].honest:
            continue
        for member, node in world.nodes():
            if member not in readers and act.sealed.epoch in node._epoch_keys:
                yield f"keys: {member} has the key of {act.id[:8]}, said to others"


def _notice(world: World):
    """See that whoever consents by silence signed so itself, and truly had the text in time."""
    for name, _, _, standing in _standings(world):
        if not isinstance(standing, Standing) or standing.count is None:
            continue
        pinned = standing.pinned
        if pinned.procedure.kind != "silence":
            continue
        limit = pinned.expires - timedelta(hours=pinned.procedure.notice or 0)
        for member in standing.count.consenting:
            own = [a for a in standing.closings if a.member == member]
            assert own
            if not world.machines[member].honest:
                continue
            world.count["consent by silence"] += 1
            opened = instant(own[0].body.opened_at, "it")
            really = world.machines[member].opened.get(name)
            if opened > limit or really is None or really > opened + timedelta(minutes=30):
                yield f"notice: {member} consents to {name[:8]}, opened {really}, says {opened}"


def _liveness(world: World):
    """See that nothing due was left undone; what enough members closed alike is settled."""
    everything = union(world)
    for name in sorted(world.proposals):
        readers = [
            (m, n) for m, n in world.honest() if (a := n.record.get(name)) is not None and a.body
        ]
        if not readers:
            continue
        for member, node in readers:
            pinned = node.pinned(name)
            if isinstance(pinned, str):
                continue
            is_open = not node.record.settled(name)
            if is_open and node.record.held_back is None and duties.is_due(node, pinned):
                yield f"liveness: {member} should have closed {name[:8]}"
        _, node = readers[0]
        pinned = node.pinned(name)
        if (
            isinstance(pinned, str)
            or pinned.expires is None
            or _may_break(world, stand(pinned, ()))
        ):
            continue
        about = [a for a in everything.values() if name in a.about]
        standing = stand(pinned, about)
        rolls: dict[tuple, set[str]] = defaultdict(set)
        for act in standing.closings:
            if act.member not in world.liars:
                rolls[tuple(sorted(act.body.roll.items()))].add(act.member)
        alike = max((len(members) for members in rolls.values()), default=0)
        if alike < pinned.thresholds.refuting:
            world.count["too few closed alike"] += 1
            continue
        world.count["closed alike"] += 1
        if standing.settlement.unknown:
            yield f"liveness: enough members closed {name[:8]} alike, and it is not settled"
    if world.calm and not any(m.away for m in world.machines.values()):
        yield from _all_settled(world)


def _all_settled(world: World):
    for name, member, _, standing in _standings(world):
        if not isinstance(standing, Standing) or standing.pinned.expires is None:
            continue
        world.count["calm"] += 1
        if standing.settlement.outcome in ("open", "in doubt") and _told_alike(standing):
            yield f"liveness: in calm, {name[:8]} is {standing.settlement.outcome} for {member}"


def _told_alike(standing: Standing) -> bool:
    """Tell whether all of the roster closed, with one roll.

    A member that answers after others closed may leave a proposal in doubt:
    what was shown by more than n and fewer than w (spec/procedure.md 7).
    """
    rolls = {tuple(sorted(act.body.roll.items())) for act in standing.closings}
    return len(standing.closings) == len(standing.pinned.roster) and len(rolls) == 1


__all__ = ["BrokenError", "Propose", "check", "closing_reason"]
