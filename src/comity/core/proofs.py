"""What every certificate stands on: founding, charter, and the changes since, all proven.

A certificate carries them as a list of steps in an order in which each can be
read with the keys before it: a settled change with its stances and closings, a
notice of withdrawal, or an act by which an office took a further key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.core.acts import Act, ActForm, act_of
from comity.core.bodies import Closing, Key, Stance
from comity.core.constitution import Constitution, constitution
from comity.core.envelope import EnvelopeForm
from comity.core.founding import Hash, read_founding
from comity.core.keys import Keyring, holder, keyring
from comity.core.proposals import (
    Pinned,
    Standing,
    closing_reason,
    named_stances,
    pin,
    stance_reason,
    stand,
)
from comity.core.signing import key_id
from comity.core.strict import read_base64, write_base64
from comity.core.succession import Succession, is_change, succeed
from comity.errors import ActError, CharterError

MAX_ACTS = 5_000
MAX_STEPS = 500


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A proposal, or another act of the organ of all, with what was said and closed of it."""

    act: ActForm
    stances: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)] = ()
    closings: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)] = ()


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The fields that all certificates share.

    Parameters
    ----------
    charter
        The charter's file as it was founded, in base64.
    steps
        Changes and keys since, each readable with the keys before it.
    constitutions
        Sets of changes that the acts in the file name by their hash.
    """

    comity: Annotated[int, Meta(ge=1, le=1)]
    founding: EnvelopeForm
    charter: Annotated[str, Meta(max_length=1_400_000)]
    steps: Annotated[tuple[Decided, ...], Meta(max_length=MAX_STEPS)] = ()
    constitutions: Annotated[
        tuple[Annotated[tuple[Hash, ...], Meta(max_length=MAX_STEPS)], ...],
        Meta(max_length=MAX_STEPS),
    ] = ()


def prove(form: Ground, fingerprint: str) -> Succession:
    """Check founding, charter and all changes since against a founding's fingerprint.

    Raises
    ------
    ActError
        The first refusal in the order of spec/certificate.md 3.
    """
    founding = read_founding(form.founding)
    if founding.id != fingerprint:
        raise ActError(
            f"it was made under another founding: {founding.id}",
            hint=f"you asked for {fingerprint[:64]}",
            refusal="another-founding",
        )
    try:
        ground = constitution(founding, read_base64(form.charter, "the charter"))
    except CharterError as fault:
        raise ActError(
            f"the charter in the file cannot be read: {fault.what}",
            hint=fault.hint,
            refusal="charter",
        ) from None
    lists = tuple(tuple(sorted(set(one))) for one in form.constitutions)
    steps: list[Act] = []
    known: list[Act] = []
    succession = succeed(ground, (), lists)
    for step in form.steps:
        try:
            act, *answers = read_step(step, succession.keyring)
        except ActError as refused:
            if refused.refusal not in ("unknown-key", "another-signer"):
                raise
            # The steps so far may bring the key.
            succession = succeed(ground, known, lists, before=succession)
            act, *answers = read_step(step, succession.keyring)
        steps.append(act)
        known.extend((act, *answers))
    succession = succeed(ground, known, lists, before=succession)
    for act in steps:
        _check_step(act, succession)
    return succession


def read_step(form: Decided, ring: Keyring) -> tuple[Act, ...]:
    """Read a proposal, or another act, with the stances and closings that stand beside it."""
    act = act_of(form.act, ring)
    answers = [act_of(one, ring) for one in (*form.stances, *form.closings)]
    for position, answer in enumerate(answers):
        _check_part(answer, position < len(form.stances), act.id)
    return (act, *answers)


def read_decided(form: Decided, succession: Succession) -> Standing:
    """Read a proposal with all that was said of it, and count it.

    Raises
    ------
    ActError
        ``proposal``, ``misplaced``, ``without-effect``, or what acts are refused for.
    """
    proposal = act_of(form.act, succession.keyring)
    pinned = pin_known(proposal, succession)
    if isinstance(pinned, str):
        raise ActError(
            f"there is nothing to decide: {pinned}",
            hint="ask whoever gave you the file for the certificate of another proposal",
            refusal="proposal",
        )
    _, *answers = read_step(form, succession.keyring)
    for act in answers:
        is_stance = isinstance(act.body, Stance)
        reason = stance_reason(act, pinned) if is_stance else closing_reason(act, pinned)
        if reason is not None:
            raise ActError(
                f"an act in it is without effect: {reason}",
                hint="leave it out",
                refusal="without-effect",
            )
    return stand(pinned, answers)


def pin_known(proposal: Act, succession: Succession) -> Pinned | str:
    """Return what a proposal pins in its constitution, if that is known; or why not."""
    under = succession.known.get(proposal.header.constitution)
    if under is None:
        return "it was made in another constitution than those that are proven"
    return pin(proposal, under, succession.ground)


def decided(standing: Standing) -> Decided:
    """Write a proposal with its closings, and the stances that they name."""
    answers = shown_in(standing)[1:]
    return Decided(
        standing.pinned.act.form(),
        tuple(act.form() for act in answers if isinstance(act.body, Stance)),
        tuple(act.form() for act in answers if isinstance(act.body, Closing)),
    )


def shown_in(standing: Standing) -> tuple[Act, ...]:
    """Return a proposal, the stances that count for its outcome, and its closings."""
    named: Mapping[str, Act] = named_stances(standing)
    stances: Iterable[Act] = named.values() if standing.count else standing.stances
    return (standing.pinned.act, *stances, *standing.closings)


def ground_fields(succession: Succession, acts: Iterable[Act]) -> dict[str, object]:
    """Write the shared fields of a certificate of some acts, each made in a known constitution."""
    shown = list(acts)
    wanted = [succession.known[name] for name in {act.header.constitution for act in shown}]
    changes = {name: act for under in wanted for name, act in under.changes.items()}
    names = {act.header.constitution for act in changes.values()} | {u.id for u in wanted}
    lists = sorted(tuple(sorted(succession.known[name].changes)) for name in names)
    ground = succession.ground
    return {
        "comity": 1,
        "founding": ground.founding.envelope.form(),
        "charter": write_base64(ground.text),
        "steps": tuple(_steps(succession, changes, shown)),
        "constitutions": tuple(one for one in lists if one),
    }


def _steps(
    succession: Succession, changes: Mapping[str, Act], shown: Iterable[Act]
) -> Iterator[Decided]:
    """Yield the steps in an order in which each can be read with the keys before it."""
    waiting: dict[str, tuple[Decided, tuple[Act, ...]]] = {}
    for name, act in changes.items():
        standing = succession.standings.get(name)
        own = shown_in(standing) if standing else (act,)
        waiting[name] = (decided(standing) if standing else Decided(act.form()), own)
    used = {act.key_id for _, own in waiting.values() for act in own}
    used.update(act.key_id for act in shown)
    for act in _rotations_behind(succession, used):
        waiting[act.id] = (Decided(act.form()), (act,))
    ring = keyring(succession.ground.founding)
    lists = tuple(tuple(sorted(under.changes)) for under in succession.known.values())
    acts: list[Act] = []
    while waiting:
        ready = {
            name: one for name, one in waiting.items() if all(_is_readable(a, ring) for a in one[1])
        }
        assert ready, "what is settled was read with keys that came before it"
        acts.extend(act for _, own in ready.values() for act in own)
        yield from (ready[name][0] for name in sorted(ready))
        waiting = {name: one for name, one in waiting.items() if name not in ready}
        if waiting:
            ring = succeed(succession.ground, acts, lists, before=succession).keyring


def _is_readable(act: Act, ring: Keyring) -> bool:
    return holder(ring.holders, act.key_id, act.member, act.header.office) is not None


def _rotations_behind(succession: Succession, used: Iterable[str]) -> list[Act]:
    """Return the acts by which keys in use were taken, and those that they were signed with."""
    found: dict[str, Act] = {}
    wanted, before = set(used), -1
    while before != len(found):
        before = len(found)
        for act in succession.rotations:
            assert isinstance(act.body, Key)
            if key_id(bytes.fromhex(act.body.offer.held.key)) in wanted:
                found[act.id] = act
                wanted.add(act.key_id)
    return list(found.values())


def _check_step(act: Act, succession: Succession) -> None:
    if is_change(act) and act.id in succession.settled:
        return
    if isinstance(act.body, Key) and act in succession.rotations:
        return
    raise ActError(
        f"the file does not prove what it says of charter, standings and keys: {act.id[:16]}",
        hint="ask another member for the certificate",
        refusal="unproven-change",
    )


def _check_part(act: Act, is_stance: bool, proposal: str) -> None:
    body = act.body
    if not isinstance(body, Stance if is_stance else Closing) or body.proposal != proposal:
        raise ActError(
            f"an act of {act.member} stands where a {'stance' if is_stance else 'closing'} "
            "on the proposal belongs",
            hint="put stances under stances and closings under closings, none of them sealed",
            refusal="misplaced",
        )


def signer(act: Act) -> str:
    """Say who signed an act."""
    return f"signed by {act.member}'s node, {act.header.office}"


def founded_words(succession: Succession, under: Constitution) -> Iterable[str]:
    """Yield what is trusted, and under which charter after which changes."""
    charter = under.charter
    if succession.ground.founding.exercise:
        yield "EXERCISE: nothing here was real"
    yield f"founding {succession.ground.founding.id}, trusted because you gave it"
    since = len(under.changes)
    after = f", after {since} settled change{'s' if since > 1 else ''}" if since else ""
    yield (
        f"charter {charter.name}, edition {charter.edition} of {charter.dated}{after}; "
        "no file can show that it is the newest"
    )
    for pair in succession.contested:
        both = ", ".join(pair.said_yes_to_both) or "nobody"
        yield (
            f"contested: two changes of {pair.register} are settled, {pair.one[:16]} and "
            f"{pair.other[:16]}, and neither is carried out; {both} said yes to both"
        )
