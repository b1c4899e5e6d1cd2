"""Alerts: what was raised, what became of it, and who has it since when.

A function of the set of acts: order and repetition do not matter, and an act
that cannot be opened is unknown and is left out. Instants are the signer's
word; they say since when, and decide nothing. Invariants, each kept by a test
of its name:

- What has effect keeps it: that depends on the acts it names, and on no others.
- Only the member that raised an alert updates or cancels it, in the same organ.
- A cancelled alert stays cancelled.
- Every alert and receipt at hand is shown, or listed with the reason why it has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.core import bodies
from comity.core.acts import Act


@dataclass(frozen=True, slots=True)
class Holder:
    """A member that has an alert, by its own word.

    Parameters
    ----------
    since
        The earliest instant at which it says it could read it.
    receipts
        The acts that say so, the earliest instant first.
    """

    member: str
    since: str
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """One act of an alert: the alert itself, an update or a cancellation.

    Parameters
    ----------
    id, seq
        The act, and its number in its author's chain.
    holders
        Who has it, the earliest first.
    waiting
        Which of the organ's readers have not said so, in the order in which readers were
        given; its author is not among them.
    unmet
        What it names in vain, each with the reason.
    """

    id: str
    seq: int
    office: str
    instant: str
    body: bodies.Alert
    holders: tuple[Holder, ...] = ()
    waiting: tuple[str, ...] = ()
    unmet: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert, with all that its author said of it since.

    Parameters
    ----------
    id
        Of the act that raised it.
    notices
        First that act, then updates and cancellations in the order of their author's chain.
    """

    id: str
    organ: str
    member: str
    notices: tuple[Notice, ...]

    @property
    def first(self) -> Notice:
        """The act that raised it."""
        return self.notices[0]

    @property
    def latest(self) -> Notice:
        """What holds now: the last that is no cancellation."""
        return next(one for one in reversed(self.notices) if one.body.type != "cancel")

    @property
    def updates(self) -> tuple[Notice, ...]:
        """What its author changed."""
        return tuple(one for one in self.notices if one.body.type == "update")

    @property
    def cancellations(self) -> tuple[Notice, ...]:
        """Its author's word that it is over."""
        return tuple(one for one in self.notices if one.body.type == "cancel")

    @property
    def cancelled(self) -> bool:
        """Whether its author took it back."""
        return bool(self.cancellations)

    @property
    def severity(self) -> bodies.Severity:
        """How bad it is, by the latest notice."""
        return self.latest.body.severity

    @property
    def case(self) -> str | None:
        """The matter that it belongs to: the last that a notice names."""
        named = (one.body.case for one in reversed(self.notices))
        return next((case for case in named if case is not None), None)


@dataclass(frozen=True, slots=True)
class Alerts:
    """All alerts at hand.

    Parameters
    ----------
    raised
        The earliest first, by the word of their authors.
    without_effect
        The id of each act that achieves nothing, with the reason, in order of id.
    """

    raised: tuple[Raised, ...] = ()
    without_effect: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Raised]:
        return iter(self.raised)


def alerts(acts: Iterable[Act], readers: Mapping[str, Sequence[str]] | None = None) -> Alerts:
    """Gather alerts, with who has them.

    Parameters
    ----------
    acts
        Verified acts, in any order; of other kinds too.
    readers
        Who reads each organ, in charter order. Where an organ is left out, nobody is known
        to be waiting.
    """
    notices: dict[str, Act] = {}
    receipts: dict[str, Act] = {}
    for act in acts:
        if isinstance(act.body, bodies.Alert):
            notices[act.id] = act
        elif isinstance(act.body, bodies.Receipt):
            receipts[act.id] = act
    threads = _threads(notices)
    live = {name for thread in threads.values() for name in thread}
    reasons = {
        name: "; ".join(dict.fromkeys(reason for _, reason in _unmet(act, notices, live)))
        for name, act in notices.items()
        if name not in live
    }
    said: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for name, act in receipts.items():
        assert isinstance(act.body, bodies.Receipt)
        reason = _receipt_reason(act, act.body.alert, notices, live)
        if reason is None:
            of_member = said.setdefault(act.body.alert, {}).setdefault(act.member, [])
            of_member.append((act.body.opened_at, name))
        else:
            reasons[name] = reason

    def notice(name: str) -> Notice:
        act = notices[name]
        assert isinstance(act.body, bodies.Alert)
        has = {member: sorted(own) for member, own in said.get(name, {}).items()}
        return Notice(
            name,
            act.header.seq,
            act.header.office,
            act.header.instant,
            act.body,
            tuple(
                Holder(member, own[0][0], tuple(receipt for _, receipt in own))
                for member, own in sorted(has.items(), key=lambda one: (one[1][0][0], one[0]))
            ),
            tuple(
                member
                for member in (readers or {}).get(act.header.organ, ())
                if member not in has and member != act.member
            ),
            _unmet(act, notices, live),
        )

    found = [
        Raised(
            root,
            notices[root].header.organ,
            notices[root].member,
            (notice(root), *map(notice, sorted(thread - {root}, key=lambda n: _place(notices[n])))),
        )
        for root, thread in threads.items()
    ]
    return Alerts(
        tuple(sorted(found, key=lambda one: (one.first.instant, one.id))),
        tuple(sorted(reasons.items())),
    )


def _threads(notices: Mapping[str, Act]) -> dict[str, set[str]]:
    """Return, for each alert, the notices that follow it, itself among them."""
    followers: dict[str, list[str]] = {}
    for name, act in notices.items():
        for named in act.about:
            if _link_reason(act, named, notices) is None:
                followers.setdefault(named, []).append(name)
    threads: dict[str, set[str]] = {}
    for root in (name for name, act in notices.items() if not act.about):
        found, ahead = {root}, [root]
        while ahead:
            fresh = [name for name in followers.get(ahead.pop(), ()) if name not in found]
            found.update(fresh)
            ahead.extend(fresh)
        threads[root] = found
    return threads


def _link_reason(act: Act, named: str, notices: Mapping[str, Act]) -> str | None:
    """Return why a notice does not follow the one it names; None where it does."""
    assert isinstance(act.body, bodies.Alert)
    before = notices.get(named)
    if before is None:
        return "the alert it is about is not at hand"
    if before.header.organ != act.header.organ:
        return f"it was made in {act.header.organ}, and the alert in {before.header.organ}"
    if before.member != act.member:
        return f"{act.member} did not raise it, and cannot {act.body.type} it"
    return None


def _unmet(act: Act, notices: Mapping[str, Act], live: set[str]) -> tuple[tuple[str, str], ...]:
    told = ((named, _link_reason(act, named, notices)) for named in act.about)
    return tuple(
        (named, reason or "what it is about has no effect")
        for named, reason in told
        if reason is not None or named not in live
    )


def _receipt_reason(act: Act, named: str, notices: Mapping[str, Act], live: set[str]) -> str | None:
    alert = notices.get(named)
    if alert is None:
        return "the alert is not at hand"
    if alert.header.organ != act.header.organ:
        return f"it was made in {act.header.organ}, and the alert in {alert.header.organ}"
    return None if named in live else "the alert it confirms has no effect"


def _place(act: Act) -> tuple[int, str]:
    return act.header.seq, act.id
