"""An agenda: what needs this member, by the time that is left.

It is a function of the record, the beacons in it and the time. Nothing in it
decides anything: it says what a member could do, and by when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from comity.core.acts import Act
from comity.core.alerts import alerts
from comity.core.beacons import BeaconForm
from comity.core.bodies import Alert, Receipt, Stance
from comity.core.envelope import EnvelopeForm
from comity.core.proposals import Pinned, heard, stand
from comity.core.strict import read_base64, read_json, spelled
from comity.node.node import Node

MAX_BEACON = 1_000_000
Kind: TypeAlias = Literal["alert", "answer", "close", "wait", "enter", "resume", "held back", "gap"]
"""To confirm, to answer, to close, nothing to do yet; then what keeps a node from speaking."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing on the agenda.

    Parameters
    ----------
    until
        By when; None where nothing ends.
    act, place, title
        What it is about, where there is an act.
    words
        What there is to know, a sentence each.
    next
        The next step, as words after ``comity``; empty where there is nothing to do.
    """

    kind: Kind
    title: str
    words: tuple[str, ...]
    next: str = ""
    until: datetime | None = None
    act: str = ""
    place: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return {
            "kind": self.kind,
            "until": spelled(self.until) if self.until else None,
            "act": self.act or None,
            "place": self.place or None,
            "title": self.title,
            "words": list(self.words),
            "next": self.next or None,
        }


def agenda(node: Node, folder: str = "FOLDER") -> tuple[Matter, ...]:
    """Return what needs a node's member: what holds it back, alerts, then what ends first.

    Parameters
    ----------
    folder
        How the next steps name the node's folder.
    """
    found = [*_signing(node, folder), *_alerts(node, folder), *_proposals(node, folder)]
    first = {"held back": 0, "enter": 1, "resume": 1, "alert": 2}
    ends = "9999"
    return tuple(
        sorted(
            found,
            key=lambda m: (
                first.get(m.kind, 4 if m.kind in ("wait", "gap") else 3),
                spelled(m.until) if m.until else ends,
                m.place,
            ),
        )
    )


def place_of(act: Act) -> str:
    """Return the place of an act as people name it: ``council/Arden/2``."""
    return "/".join(map(str, act.place))


def hearing(node: Node, stance: Act) -> frozenset[str]:
    """Return whose nodes have a stance, as their beacons say; its author's among them."""
    found = {stance.member}
    for kept in node.record.beacons(organ=stance.header.organ):
        form = read_json(kept.data, EnvelopeForm, limit=MAX_BEACON, what="a beacon")
        payload = read_base64(form.payload, "a beacon")
        said = read_json(payload, BeaconForm, limit=MAX_BEACON, what="a beacon")
        if any(stance.id in ids for ids in said.heard.values()):
            found.add(kept.member)
    return frozenset(found)


def hearing_words(node: Node, pinned: Pinned, stance: Act) -> str:
    """Say how far a stance of this member was heard: it counts once enough show it on closing."""
    assert isinstance(stance.body, Stance)
    need = pinned.thresholds.establishing
    known = [m for m in pinned.roster if m in hearing(node, stance)]
    count = f"{len(known)} of the {need} that make it count"
    if len(known) > need:
        count = f"{len(known)}, and {need} make it count"
    return f"your {stance.body.word} is heard by {count} ({', '.join(known) or 'nobody'})"


def _signing(node: Node, folder: str) -> Iterator[Matter]:
    if node.record.held_back is not None:
        yield Matter(
            "held back",
            f"this node does not sign yet: its record is {node.record.held_back}",
            ("it may be an old copy of itself, and would sign two acts in one place",),
            f"doctor {folder}",
        )
    current = node.succession.current
    speaks = node.member in {held.member for held in current.holders.values()}
    if current.id not in (node.under.id, node.ground.id) and speaks:
        count = len(current.changes.keys() - node.under.changes.keys())
        yield Matter(
            "enter",
            "charter, standings or keys have changed",
            (f"{count} settled change{'s' if count != 1 else ''} that this member is not in yet",),
            f"act enter {folder}",
        )
    for organ in node.organs():
        if len(node.record.heads(organ=organ, member=node.member)) > 1:
            yield Matter(
                "resume",
                f"this member's own chain in {organ} has two ends",
                ("an old copy of this node has spoken; joining both ends says so",),
                f"act resume {folder}",
            )
        gaps = node.record.gaps(organ=organ)
        if gaps:
            whose = ", ".join(dict.fromkeys(gap.member for gap in gaps))
            yield Matter(
                "gap",
                f"{len(gaps)} act{'s are' if len(gaps) > 1 else ' is'} missing in {organ}",
                (f"named by others and not at hand: of {whose}",),
                f"log {folder} --organ {organ}",
            )


def _alerts(node: Node, folder: str) -> Iterator[Matter]:
    readers = node.readers()
    order = node.under.charter.order
    acts = [
        act
        for kind in ("alert", "receipt")
        for act in node.heeded(node.record.acts(kind=kind))
        if act.header.organ in readers and isinstance(act.body, Alert | Receipt)
    ]
    by_organ = {organ: [c for c in order if c in names] for organ, names in readers.items()}
    severities = ("extreme", "severe", "moderate", "minor", "unknown")
    raised = sorted(alerts(acts, by_organ), key=lambda one: severities.index(one.severity))
    for one in raised:
        notice = one.notices[-1]
        if node.member not in notice.waiting:
            continue
        body = notice.body
        place = f"{one.organ}/{one.member}/{notice.seq}"
        yield Matter(
            "alert",
            body.title,
            (
                f"{body.severity} {body.type} ({body.status}), from {one.member} "
                f"at {notice.instant} by its own clock",
                body.text,
            ),
            f"act receipt {folder} {place}",
            act=notice.id,
            place=place,
        )


def _proposals(node: Node, folder: str) -> Iterator[Matter]:
    now = node.now()
    for act in node.record.unsettled():
        pinned = node.pin(act)
        if isinstance(pinned, str) or node.member not in (*pinned.roster, act.member):
            continue
        acts = list(node.record.about(act.id))
        standing = stand(pinned, acts)
        if standing.settlement.settled:
            continue  # it is settled, and not kept as such yet
        told = heard(pinned, acts)
        own = next((s for s in told if s.member == node.member), None)
        place, title = place_of(act), pinned.body.title
        words = [f"{pinned.procedure.kind} in {act.header.organ}, proposed by {act.member}"]
        if own is not None:
            assert isinstance(own.body, Stance)
            words.append(
                hearing_words(node, pinned, own)
                if pinned.expires is not None
                else f"your answer is {own.body.word}"
            )
        if standing.count is not None and node.member in standing.count.closed:
            closed, need = len(standing.count.closed), pinned.thresholds.refuting
            words.append(f"you have closed it; {closed} have, and {need} may be enough")
            yield Matter("wait", title, tuple(words), "", None, act.id, place)
        elif node.member not in pinned.roster:
            words.append("you proposed it, and are not on its roster")
            yield Matter("wait", title, tuple(words), "", pinned.expires, act.id, place)
        elif _can_close(pinned, told, now):
            silent = own is None and pinned.procedure.kind == "silence"
            words.append("you said nothing" if own is None else "")
            if silent:
                words[-1] += ": closing it so is consent, if you had the text for the notice"
            yield Matter(
                "close", title, tuple(w for w in words if w), f"act close {folder} {place}",
                None, act.id, place,
            )  # fmt: skip
        else:
            kind, following = _answering(pinned, own, now, proposer=act.member == node.member)
            said = f"act stance {folder} {place} WORD" if kind == "answer" else ""
            yield Matter(
                kind, title, (*words, *following), said, _until(pinned, now), act.id, place
            )


def _can_close(pinned: Pinned, told: tuple[Act, ...], now: datetime) -> bool:
    if pinned.expires is None:
        return False
    return pinned.waits({s.member: s.id for s in told}, now) is None


def _until(pinned: Pinned, now: datetime) -> datetime | None:
    return pinned.expires if pinned.expires and now < pinned.expires else pinned.closes_at


def _answering(
    pinned: Pinned, own: Act | None, now: datetime, *, proposer: bool
) -> tuple[Kind, tuple[str, ...]]:
    if pinned.expires is not None and now >= pinned.expires:
        return "wait", ("its time has run out; members close it after the grace",)
    if own is None and proposer and pinned.procedure.kind == "silence":
        return "wait", ("you proposed it; your own silence will be consent",)
    if own is None and pinned.procedure.kind == "silence":
        return "answer", ("you have said nothing: silence will be consent, if you close it so",)
    if own is None:
        return "answer", ("you have not answered yet",)
    assert isinstance(own.body, Stance)
    if own.body.word in ("awaiting instructions", "ad referendum"):
        return "answer", ("confirm it, or answer otherwise, before it expires",)
    return "wait", ()
