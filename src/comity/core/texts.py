"""Texts: one negotiating text, in which nobody's words are lost and everybody's wish is shown.

A text is opened with numbered paragraphs. To *write* is to make a version that
takes the place of versions it names; versions that no other takes the place of
stand side by side, until a later one names them all. A function of the set of
acts: order and repetition do not matter, and what cannot be opened is unknown
and left out. Instants order the history for reading, and nothing else.
Invariants, each kept by a test of its name:

- What has effect keeps it: more acts never take it away, nor anything out of the history.
- Two people who edit two paragraphs, or one, lose nothing.
- The order of paragraphs does not depend on the order of arrival.
- A bracket is open until its author resolves it; what others say is an offer.
- A clean text has one wording of each paragraph and no open bracket.
- No step stands in the history before one that it builds on.
- Every edit at hand is shown, or listed with the reason why it has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from graphlib import TopologicalSorter
from itertools import groupby, pairwise
from typing import Literal, TypeAlias

from comity.core import bodies
from comity.core.acts import Act

StepKind: TypeAlias = Literal["open", "write", "insert", "bracket", "resolve", "offer"]
DIFFERENCE_BOUND = 16_000_000
"""Pairs of words looked at, at the most, to tell one wording from another."""

_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Version:
    """A wording of a paragraph.

    Parameters
    ----------
    id
        Of the act that wrote it; of the text, for the words it was opened with.
    words
        Empty where the paragraph is struck.
    replaces
        The versions that it takes the place of.
    """

    id: str
    member: str
    office: str
    instant: str
    words: str
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Words that are said to settle a bracket: by its author they do, by others they may."""

    id: str
    member: str
    instant: str
    words: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A bracket around words of a paragraph.

    Parameters
    ----------
    words, instead
        What is disputed, and what its author wants there; empty for nothing.
    stands
        Whether some wording that stands still has these words.
    offers
        What others offer, in the order of their acts' ids.
    resolved
        Its author's word that it may go; none while it is open.
    """

    id: str
    member: str
    office: str
    instant: str
    words: str
    instead: str
    stands: bool
    offers: tuple[Offer, ...] = ()
    resolved: tuple[Offer, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether its author still disputes these words."""
        return not self.resolved


@dataclass(frozen=True, slots=True)
class Wish:
    """What some members want of a paragraph.

    Parameters
    ----------
    words
        What they want.
    against
        The words that it is wanted for; None where it is the whole paragraph.
    members
        Who wrote it so, in the order of their names.
    """

    words: str
    against: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a text.

    Parameters
    ----------
    name
        How edits name it: its number in the text as it was opened, or the id of the act that
        put it in. It never changes.
    number
        For the margin: what was put in after 2 is 2.1, 2.2, and so on. It may change as more
        is put in.
    standing
        The versions that no other takes the place of, in the order of their ids.
    replaced
        Those before, in the order of their ids.
    disputes
        The brackets, in the order of their ids.
    """

    name: str
    number: str
    standing: tuple[Version, ...]
    replaced: tuple[Version, ...] = ()
    disputes: tuple[Dispute, ...] = ()

    @property
    def wordings(self) -> tuple[str, ...]:
        """What stands, each wording once; more than one where they are rivals."""
        return tuple(dict.fromkeys(one.words for one in self.standing))

    @property
    def words(self) -> str | None:
        """The one wording that stands; None where there are rivals."""
        return self.wordings[0] if len(self.wordings) == 1 else None

    @property
    def struck(self) -> bool:
        """Whether no words are left of it."""
        return self.words == ""

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """Who wants which words: each wording that stands, then what open brackets want."""
        found: dict[tuple[str, str | None], set[str]] = {}
        for one in self.standing:
            found.setdefault((one.words, None), set()).add(one.member)
        for other in self.disputes:
            if other.is_open:
                found.setdefault((other.instead, other.words), set()).add(other.member)
        return tuple(Wish(*wish, tuple(sorted(members))) for wish, members in found.items())


@dataclass(frozen=True, slots=True)
class Step:
    """One act in the history of a text.

    Parameters
    ----------
    kind
        ``resolve`` is its author's; what another says of a bracket is an ``offer``.
    paragraph
        The name of the paragraph; None for the opening.
    """

    id: str
    member: str
    office: str
    instant: str
    kind: StepKind
    paragraph: str | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands.

    Parameters
    ----------
    id
        Of the act that opened it.
    paragraphs
        In their order, those that are struck among them.
    history
        All that had effect; no step stands before one that it builds on.
    without_effect
        The id of each edit of it that achieves nothing, with the reason, in order of id.
    """

    id: str
    organ: str
    member: str
    office: str
    instant: str
    title: str
    case: str | None
    marking: bodies.Marking | None
    paragraphs: tuple[Paragraph, ...]
    history: tuple[Step, ...]
    without_effect: tuple[tuple[str, str], ...] = ()

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Why there is no clean text; empty where there is one."""
        told: list[str] = []
        for one in self.paragraphs:
            if one.words is None:
                told.append(f"{len(one.wordings)} wordings of paragraph {one.number} stand")
            told.extend(
                f"{other.member}'s bracket in paragraph {one.number} is open"
                + ("" if other.stands else ", though its words no longer stand there")
                for other in one.disputes
                if other.is_open
            )
        if not told and all(one.struck for one in self.paragraphs):
            told.append("every paragraph is struck")
        return tuple(told)

    @property
    def clean(self) -> tuple[str, ...] | None:
        """The paragraphs that are left, all agreed on; None where `hindrances` say why not."""
        if self.hindrances:
            return None
        return tuple(one.words for one in self.paragraphs if one.words)

    def paragraph(self, name: str) -> Paragraph | None:
        """Return a paragraph by its name; None where none at hand has it."""
        return next((one for one in self.paragraphs if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts at hand.

    Parameters
    ----------
    texts
        The earliest first, by the word of their authors.
    without_effect
        The id of each edit of any text that achieves nothing, with the reason, in order of id.
    """

    texts: tuple[Text, ...] = ()
    without_effect: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Text]:
        return iter(self.texts)


@dataclass(frozen=True, slots=True)
class Run:
    """Some words that two wordings share, or that one of them alone has."""

    kind: Literal["kept", "added", "removed"]
    words: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a version, with the brackets around them, by id."""

    words: str
    brackets: tuple[str, ...] = ()


def texts(acts: Iterable[Act]) -> Texts:
    """Gather texts with their versions, brackets and history.

    Parameters
    ----------
    acts
        Verified acts, in any order; of other kinds too.
    """
    edits = {act.id: act for act in acts if isinstance(act.body, bodies.Edit)}
    about: dict[str, list[Act]] = {
        name: [] for name, act in sorted(edits.items()) if _edit(act).text is None
    }
    reasons: dict[str, str] = {}
    for name, act in sorted(edits.items()):
        text = _edit(act).text
        if text in about:
            about[text].append(act)
        elif text is not None:
            reasons[name] = "what it edits is no text" if text in edits else _MISSING
    found = [_text(edits[name], own) for name, own in about.items()]
    for one in found:
        reasons.update(one.without_effect)
    return Texts(
        tuple(sorted(found, key=lambda one: (one.instant, one.id))),
        tuple(sorted(reasons.items())),
    )


def difference(before: str, after: str) -> tuple[Run, ...]:
    """Tell two wordings of a paragraph apart, word by word.

    What is kept and removed, put together, is the one; what is kept and added, the other.
    Where they are long and have little in common, all may be told as removed and added.

    Examples
    --------
    >>> [(run.kind, run.words) for run in difference("It is green.", "It is dark green.")]
    [('kept', 'It is '), ('added', 'dark '), ('kept', 'green.')]
    """
    one, other = _PIECES.findall(before), _PIECES.findall(after)
    head = _shared(one, other)
    tail = _shared(one[head:][::-1], other[head:][::-1])
    mine, theirs = one[head : len(one) - tail], other[head : len(other) - tail]
    found = [(True, one[:head], one[:head])]
    if len(mine) * len(theirs) > DIFFERENCE_BOUND:
        found.append((False, mine, theirs))
    else:
        # The matcher leaves pieces aside that are frequent in its second argument, if that is
        # long, so that the time it takes stays bounded.
        turned = len(mine) > len(theirs)
        pair = (theirs, mine) if turned else (mine, theirs)
        for kind, i, j, k, m in SequenceMatcher(None, *pair).get_opcodes():
            gone, come = pair[0][i:j], pair[1][k:m]
            # White space that alone is left between two changes would only confuse.
            alike = kind == "equal" and not "".join(gone).isspace()
            found.append((alike, come, gone) if turned else (alike, gone, come))
    found.append((True, one[len(one) - tail :], []))
    runs: list[Run] = []
    for alike, group in groupby(found, key=lambda step: step[0]):
        steps = list(group)
        old = "".join(piece for _, pieces, _ in steps for piece in pieces)
        new = "".join(piece for _, _, pieces in steps for piece in pieces)
        told = (Run("kept", old),) if alike else (Run("removed", old), Run("added", new))
        runs.extend(run for run in told if run.words)
    return tuple(runs)


def in_place(version: Version, disputes: Iterable[Dispute]) -> tuple[Piece, ...]:
    """Cut a version into pieces, so that brackets can be shown where their words stand."""
    around: list[tuple[int, int, str]] = []
    for one in disputes:
        if one.is_open:
            start = version.words.find(one.words)
            while start >= 0:
                around.append((start, start + len(one.words), one.id))
                start = version.words.find(one.words, start + len(one.words))
    cuts = sorted({0, len(version.words), *(cut for a, b, _ in around for cut in (a, b))})
    return tuple(
        Piece(version.words[a:b], tuple(name for c, d, name in around if c <= a and b <= d))
        for a, b in pairwise(cuts)
    )


_MISSING = "the text is not at hand"


def _text(act: Act, edits: Sequence[Act]) -> Text:
    """Return a text, given its opening and the edits that name it, in the order of their ids."""
    body, header = _edit(act), act.header
    assert isinstance(body.change, bodies.OpenText)
    reasons: dict[str, str] = {}
    by_kind: dict[type, dict[str, Act]] = {}
    for one in edits:
        if one.header.organ == header.organ:
            by_kind.setdefault(type(_edit(one).change), {})[one.id] = one
        else:
            reasons[one.id] = f"it was made in {one.header.organ}, and the text in {header.organ}"
    history = _History()
    history.add(act, "open", None, body.change.title, ())
    inserts = by_kind.get(bodies.Insert, {})
    numbers = _numbers(len(body.change.paragraphs), inserts, reasons)
    versions: dict[str, dict[str, Version]] = {}
    for name in numbers:
        if name in inserts:
            change = _edit(inserts[name]).change
            assert isinstance(change, bodies.Insert)
            versions[name] = {name: _version(inserts[name], change.words)}
            history.add(inserts[name], "insert", name, change.words, (act.id, change.after))
        else:
            versions[name] = {act.id: _version(act, body.change.paragraphs[int(name) - 1])}
    _write(versions, by_kind.get(bodies.Write, {}), reasons, history)
    disputes = _disputes(
        versions,
        by_kind.get(bodies.Bracket, {}),
        by_kind.get(bodies.Resolve, {}),
        reasons,
        history,
    )
    return Text(
        act.id,
        header.organ,
        header.member,
        header.office,
        header.instant,
        body.change.title,
        body.case,
        body.marking,
        tuple(
            _paragraph(name, number, versions[name], disputes.get(name, ()))
            for name, number in numbers.items()
        ),
        history.told(),
        tuple(sorted(reasons.items())),
    )


def _numbers(opened: int, inserts: Mapping[str, Act], reasons: dict[str, str]) -> Mapping[str, str]:
    """Return the paragraphs by name with their numbers, in the order of the text.

    Of several that were put in after the same one, what its member signed later comes first:
    it was put in right after. Members' own numbers do not say who came later of two members,
    so between them the order is fixed and means nothing.
    """
    after: dict[str, list[Act]] = {}
    for one in inserts.values():
        change = _edit(one).change
        assert isinstance(change, bodies.Insert)
        after.setdefault(change.after or "0", []).append(one)
    numbers: dict[str, str] = {}
    ahead = [(str(k), str(k)) for k in range(opened, -1, -1)]
    while ahead:
        name, number = ahead.pop()
        numbers[name] = number
        below = sorted(after.get(name, ()), key=lambda one: (-one.header.seq, one.id))
        ahead.extend(reversed([(one.id, f"{number}.{k}") for k, one in enumerate(below, 1)]))
    for name in inserts.keys() - numbers.keys():
        reasons[name] = "the paragraph that it comes after is not at hand"
    del numbers["0"]  # the place before the first
    return numbers


def _write(
    versions: Mapping[str, dict[str, Version]],
    writes: Mapping[str, Act],
    reasons: dict[str, str],
    history: _History,
) -> None:
    """Put the versions that writes make to those that are there, each after what it replaces."""
    graph = {name: [v for v in _of_write(act).replaces if v in writes]
             for name, act in writes.items()}  # fmt: skip
    for name in TopologicalSorter(graph).static_order():
        change, act = _of_write(writes[name]), writes[name]
        there = versions.get(change.paragraph)
        if there is None:
            reasons[name] = "the paragraph is not at hand"
        elif any(one not in there for one in change.replaces):
            reasons[name] = "a version that it replaces is not at hand in that paragraph"
        else:
            there[name] = _version(act, change.words, change.replaces)
            on = (*change.replaces, change.paragraph)
            history.add(act, "write", change.paragraph, change.words, on)


def _disputes(
    versions: Mapping[str, Mapping[str, Version]],
    brackets: Mapping[str, Act],
    resolves: Mapping[str, Act],
    reasons: dict[str, str],
    history: _History,
) -> dict[str, tuple[Dispute, ...]]:
    """Return the brackets of each paragraph, with what was said of them."""
    said: dict[str, list[Act]] = {}
    for name, act in resolves.items():
        resolve = _edit(act).change
        assert isinstance(resolve, bodies.Resolve)
        if resolve.bracket in brackets:
            said.setdefault(resolve.bracket, []).append(act)
        else:
            reasons[name] = "its bracket is not at hand in this text"
    gone = {name: _replaced(there) for name, there in versions.items()}
    found: dict[str, list[Dispute]] = {}
    for name, act in brackets.items():
        bracket = _edit(act).change
        assert isinstance(bracket, bodies.Bracket)
        there = versions.get(bracket.paragraph, {})
        having = [one for one in there.values() if bracket.words in one.words]
        if not having:
            reasons[name] = (
                "no version of the paragraph that is at hand has these words"
                if there
                else "the paragraph is not at hand"
            )
            reasons.update((one.id, "its bracket has no effect") for one in said.get(name, ()))
            continue
        earliest = min(having, key=lambda one: (one.instant, one.id))
        on = (earliest.id, bracket.paragraph)
        history.add(act, "bracket", bracket.paragraph, bracket.words, on)
        offers: dict[bool, list[Offer]] = {True: [], False: []}
        for one in said.get(name, ()):
            resolve = _edit(one).change
            assert isinstance(resolve, bodies.Resolve)
            own = one.member == act.member
            offers[own].append(Offer(one.id, one.member, one.header.instant, resolve.words))
            kind: StepKind = "resolve" if own else "offer"
            history.add(one, kind, bracket.paragraph, resolve.words, (name,))
        dispute = Dispute(
            name,
            act.member,
            act.header.office,
            act.header.instant,
            bracket.words,
            bracket.instead,
            any(one.id not in gone[bracket.paragraph] for one in having),
            tuple(offers[False]),
            tuple(offers[True]),
        )
        found.setdefault(bracket.paragraph, []).append(dispute)
    return {name: tuple(own) for name, own in found.items()}


def _replaced(versions: Mapping[str, Version]) -> set[str]:
    return {name for one in versions.values() for name in one.replaces}


def _paragraph(
    name: str, number: str, versions: Mapping[str, Version], disputes: tuple[Dispute, ...]
) -> Paragraph:
    gone = _replaced(versions)
    ordered = [versions[one] for one in sorted(versions)]
    return Paragraph(
        name,
        number,
        tuple(one for one in ordered if one.id not in gone),
        tuple(one for one in ordered if one.id in gone),
        disputes,
    )


@dataclass(slots=True)
class _History:
    """Steps while they are gathered, each with the acts that it builds on."""

    steps: dict[str, Step] = field(default_factory=dict)
    builds_on: dict[str, tuple[str | None, ...]] = field(default_factory=dict)

    def add(
        self,
        act: Act,
        kind: StepKind,
        paragraph: str | None,
        words: str,
        on: tuple[str | None, ...],
    ) -> None:
        header = act.header
        self.steps[act.id] = Step(
            act.id, header.member, header.office, header.instant, kind, paragraph, words
        )
        self.builds_on[act.id] = on

    def told(self) -> tuple[Step, ...]:
        """Return the steps in order: by instant, but none before what it builds on."""
        graph = {name: [one for one in on if one in self.steps]
                 for name, on in self.builds_on.items()}  # fmt: skip
        moments: dict[str, tuple[str, int]] = {}
        for name in TopologicalSorter(graph).static_order():
            below = [moments[one] for one in graph[name] if one is not None]
            instant = max((self.steps[name].instant, *(at for at, _ in below)))
            moments[name] = (instant, 1 + max((depth for _, depth in below), default=0))
        return tuple(self.steps[name] for name in sorted(moments, key=lambda n: (moments[n], n)))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many pieces two wordings share from where they begin."""
    pairs = enumerate(zip(one, other))
    return next((k for k, (a, b) in pairs if a != b), min(len(one), len(other)))


def _edit(act: Act) -> bodies.Edit:
    assert isinstance(act.body, bodies.Edit)
    return act.body


def _of_write(act: Act) -> bodies.Write:
    change = _edit(act).change
    assert isinstance(change, bodies.Write)
    return change


def _version(act: Act, words: str, replaces: tuple[str, ...] = ()) -> Version:
    header = act.header
    return Version(act.id, header.member, header.office, header.instant, words, replaces)
