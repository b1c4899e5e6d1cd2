"""Which move of the script a person's act stands for, where it stands for one."""

from __future__ import annotations

from collections.abc import Container, Mapping

from comity.core.acts import Act
from comity.core.bodies import (
    Alert,
    Bracket,
    Edit,
    OpenText,
    Pledge,
    Propose,
    Resolve,
    Stance,
    Write,
)
from comity.exercise.moves import organ_of
from comity.exercise.scenario import Move, Scenario


def expected(
    scenario: Scenario, act: Act, ids: Mapping[str, str], happened: Container[str]
) -> Move | None:
    """Return the first move of its author that has not happened, and that an act stands for.

    A person need not use the words of the script: an alert in the same organ is
    the alert, a proposal with the same kind of effect about the same thing is
    the proposal. So what follows in the script follows what the person did.

    Parameters
    ----------
    ids
        The acts of the moves made before.
    happened
        Which moves were made already, or cannot be made any more.
    """
    for move in scenario.moves:
        if move.by != act.member or move.id in happened:
            continue
        if organ_of(scenario, move) == act.header.organ and _is(move, act, ids):
            return move
    return None


def _is(move: Move, act: Act, ids: Mapping[str, str]) -> bool:
    body, about = act.body, ids.get(move.of)
    match body:
        case Alert():
            return move.kind == "alert" and (not move.of or about in body.about)
        case Propose():
            kind = str(body.effect.__struct_config__.tag)
            subject = getattr(body.effect, "obligation", getattr(body.effect, "case", ""))
            return (
                move.kind == "propose"
                and move.effect == kind
                and (subject in ("", move.subject))
                and (body.text is None or not move.of or body.text == about)
            )
        case Stance():
            return move.kind == "answer" and body.proposal == about
        case Pledge():
            return move.kind == "pledge" and (body.obligation or "", body.line) == (
                move.obligation,
                move.line,
            )
        case Edit(change=OpenText()):
            return move.kind == "open text"
        case Edit(change=Write()):
            return move.kind == "write" and body.text == about
        case Edit(change=Bracket()):
            return move.kind == "bracket" and body.text == about
        case Edit(change=Resolve(bracket=bracket)):
            return move.kind in ("offer", "settle") and bracket == about
        case _:
            return False
