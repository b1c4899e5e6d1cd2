"""The record: what was said, latest first; one act with its proof; what is missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _

from comity.core.acts import Act, ActForm, act_of
from comity.core.attestations import certify_equivocation, equivocation_words
from comity.core.bodies import Closing, Release, Resume, Stance
from comity.core.strict import instant
from comity.errors import ActError, ComityError
from comity.node.effect import double_signed, excluded_by, reason, reasons, said_in
from comity.node.node import Node
from comity.web.desk import WHOLE, Desk
from comity.web.forms import refused
from comity.web.said import KINDS, details, kind_word, named, seen, sentence, signed_with
from comity.web.zones import zone_of

PAGE = 30
"""How many acts stand on one page."""
LOOKED_AT = 2_000
"""How many acts one search looks at before it offers to look further back."""
NAMED_BY = 200
STEPS_BACK = 1_000
"""How far a branch is followed to where it began."""
_QUIET = ("epoch", "enter")
"""What nodes say by themselves: shown when asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for; empty where it does not matter."""

    words: str = ""
    organ: str = ""
    member: str = ""
    kind: str = ""
    before: str = ""

    def address(self, **other: str) -> str:
        """Return the address of the same search, some of it changed."""
        fields = {
            "q": self.words,
            "organ": self.organ,
            "member": self.member,
            "kind": self.kind,
            "before": self.before,
        } | other
        told = urlencode({name: value for name, value in fields.items() if value})
        return f"{reverse('record')}?{told}" if told else reverse("record")


@dataclass(frozen=True, slots=True)
class Line:
    """An act in a list."""

    id: str
    href: str
    kind: str
    who: str
    organ: str
    instant: str
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two acts of which one is too many."""

    who: str
    organ: str
    what: str
    one: Act
    other: Act
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """An act that others name and that is not at hand."""

    id: str
    who: str
    organ: str


def asked(desk: Desk, request: HttpRequest) -> Asked:
    """Return what a search asks for; what there is not for this desk is left out."""
    fields = request.GET
    organ, member, kind = (str(fields.get(name, "")) for name in ("organ", "member", "kind"))
    before = str(fields.get("before", ""))
    return Asked(
        " ".join(str(fields.get("q", ""))[:100].split()),
        organ if desk.sees(organ) else "",
        member if member in desk.charter.order else "",
        kind if kind in KINDS else "",
        before if re.fullmatch(r"[0-9a-f]{64}", before) and seen(desk, before) else "",
    )


def found(desk: Desk, ask: Asked) -> tuple[list[Act], str]:
    """Return the acts of a page, latest first, and the act behind which the search goes on."""
    words = ask.words.casefold().split()
    shown: list[Act] = []
    if words and not ask.before and re.fullmatch(r"[0-9a-f]{4,64}", ask.words):
        ids = desk.node.record.starting(ask.words, limit=PAGE)
        shown = [act for act in (seen(desk, name) for name in ids) if act is not None]
    at_hand = {act.id for act in shown}
    looked, last = 0, ask.before
    while looked < LOOKED_AT:
        batch = desk.node.record.latest(
            (ask.organ,) if ask.organ else desk.organs,
            member=ask.member or None,
            kind=ask.kind or None,
            before=last or None,
        )
        if not batch:
            return shown, ""
        for act in batch:
            if len(shown) >= PAGE:
                return shown, last
            looked, last = looked + 1, act.id
            plain = not words and not ask.kind and act.kind in _QUIET
            if not plain and act.id not in at_hand and _matches(desk, act, words):
                shown.append(act)
    return shown, last


def _matches(desk: Desk, act: Act, words: list[str]) -> bool:
    if not words:
        return True
    header = act.header
    told = (
        *_strings(msgspec.to_builtins(act.body)),
        act.member,
        desk.charter.name_of(act.member),
        header.organ,
        desk.organ_name(header.organ),
        str(act.kind),
        kind_word(act),
        act.id,
    )
    whole = "\n".join(told).casefold()
    return all(word in whole for word in words)


def _strings(value: object) -> Iterator[str]:
    """Yield the words in a body, without the names of its fields and what is no language."""
    if isinstance(value, str):
        if len(value) < 5_000:
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def lines(desk: Desk, acts: Iterable[Act]) -> list[Line]:
    """Return acts as a list tells them, each with the reason why it has no effect."""
    organs = desk.organs
    return [
        Line(
            act.id,
            reverse("act", args=[act.id]),
            kind_word(act),
            desk.charter.name_of(act.member),
            desk.organ_name(act.header.organ),
            act.header.instant,
            sentence(desk, act),
            reason(desk.node, act, organs) or "",
        )
        for act in acts
    ]


def missing(desk: Desk) -> list[Missing]:
    """Return the acts that others name and that are not at hand."""
    return [
        Missing(gap.id, desk.charter.name_of(gap.member), desk.organ_name(gap.organ))
        for organ in desk.organs
        for gap in desk.node.record.gaps(organ=organ, limit=100)
    ]


def forks(desk: Desk) -> list[Pair]:
    """Return the places in chains that two acts claim."""
    record, told = desk.node.record, []
    for organ in desk.organs:
        for _organ, member, seq in record.forks(organ=organ)[:100]:
            one, other, *_more = record.chain(organ, member, first=seq, last=seq)
            told.append(_pair(desk, one, other, equivocation_words(one, other)))
    return told


def _pair(desk: Desk, one: Act, other: Act, what: str) -> Pair:
    organ = one.header.organ
    joined = next((act.id for act in _joining(desk, one) if _joins(desk, act, one, other)), "")
    who, where = desk.charter.name_of(one.member), desk.organ_name(organ)
    return Pair(who, where, what, one, other, joined)


def _joining(desk: Desk, one: Act) -> Iterator[Act]:
    return desk.node.record.acts(organ=one.header.organ, member=one.member, kind="resume")


def _joins(desk: Desk, joining: Act, one: Act, other: Act) -> bool:
    """Tell whether an act joins the branches that two acts in one place begin."""
    if one.place != other.place or not isinstance(joining.body, Resume):
        return False
    begun = set()
    for tip in joining.body.tips:
        act = seen(desk, tip)
        for _step in range(STEPS_BACK):
            if act is None or act.header.seq <= one.header.seq:
                break
            act = seen(desk, act.header.prev)
        if act is not None:
            begun.add(act.id)
    return {one.id, other.id} <= begun


def listed(request: HttpRequest) -> HttpResponse:
    """Show what was said, latest first, and what is missing."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    ask = asked(desk, request)
    acts, further = found(desk, ask)
    first = not ask.before
    shown = {
        "ask": ask,
        "lines": lines(desk, acts),
        "further": ask.address(before=further) if further else "",
        "newest": ask.address(before="") if not first else "",
        "here": ask.address(),
        "missing": missing(desk) if first else [],
        "forks": forks(desk) if first else [],
        "organs": [(organ, desk.organ_name(organ)) for organ in desk.organs],
        "members": [(code, desk.charter.name_of(code)) for code in desk.charter.order],
        "kinds": KINDS.items(),
    }
    part = "room/record_list.html" if request.headers.get("HX-Request") else "room/record.html"
    return render(request, part, shown)


_kept: WeakKeyDictionary[Node, dict[tuple[str, ...], tuple[object, list[Line], list[Pair]]]]
_kept = WeakKeyDictionary()


def faults(request: HttpRequest) -> HttpResponse:
    """Show all that has no effect and why, all that is missing, and who signed twice."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    node, organs = desk.node, desk.organs
    kept = _kept.setdefault(node, {})
    now = (node.record.arrived, node.succession.current.id)
    if organs not in kept or kept[organs][0] != now:
        acts = said_in(node, organs)
        by_id, why = {act.id: act for act in acts}, reasons(acts, node.succession)
        idle = [
            Line(
                name,
                reverse("act", args=[name]),
                kind_word(by_id[name]),
                desk.charter.name_of(by_id[name].member),
                desk.organ_name(by_id[name].header.organ),
                by_id[name].header.instant,
                sentence(desk, by_id[name]),
                told,
            )
            for name, told in why.items()
        ]
        idle.sort(key=lambda line: (line.instant, line.id), reverse=True)
        pairs = [_pair(desk, *told) for told in double_signed(acts)]
        kept[organs] = (now, idle, pairs)
    _now, idle, pairs = kept[organs]
    shown = {
        "lines": idle[:500],
        "more": len(idle) > 500,
        "pairs": pairs[:200],
        "missing": missing(desk),
        # What waits for its key may be of any organ: only who sees all of them is told.
        "aside": len(node.record.aside()) if desk.office == WHOLE else 0,
    }
    return render(request, "room/record_faults.html", shown)


def act(request: HttpRequest, name: str) -> HttpResponse:
    """Show one act with its proof."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    one = desk.act(name)
    header, record = one.header, desk.node.record
    prev, follows = seen(desk, header.prev), header.seq + 1
    after = [
        other
        for other in record.chain(header.organ, one.member, first=follows, last=follows)
        if other.header.prev == one.id
    ]
    opened = desk.node.opened_at(one.id)
    shown = {
        "act": one,
        "kind": kind_word(one),
        "who": desk.charter.name_of(one.member),
        "organ": desk.organ_name(header.organ),
        "sentence": sentence(desk, one),
        "details": list(details(desk, one)),
        "reason": reason(desk.node, one, desk.organs),
        "signed_with": signed_with(desk, one),
        "in_force": header.constitution == desk.node.succession.current.id,
        "opened": opened,
        "prev": header.prev,
        "prev_here": prev is not None,
        "after": [other.id for other in after],
        "about": [(n, named(desk, n), seen(desk, n) is not None) for n in one.about],
        "named_by": lines(desk, _naming(desk, one)),
        "released": list(_released(desk, one)),
        "pairs": [
            _pair(desk, one, other, equivocation_words(one, other))
            for other in excluded_by(desk.node, one)
        ],
        "elsewhere": _elsewhere(one),
        "at": desk.house.now(),
        "zone": zone_of(request),
        "said_at": _moment(header.instant),
    }
    return render(request, "room/act.html", shown)


def _moment(told: str) -> datetime:
    return instant(told, "the instant of the header")


def _naming(desk: Desk, one: Act) -> list[Act]:
    """Return the acts that name an act: those about it, and the closings that show it."""
    found = list(desk.about(one.id))
    if isinstance(one.body, Stance):
        found += [
            act
            for act in desk.about(one.body.proposal, kind="closing")
            if isinstance(act.body, Closing) and one.id in act.body.roll.values()
        ]
    return found[:NAMED_BY]


def _released(desk: Desk, one: Act) -> Iterator[tuple[str, str]]:
    """Yield the acts that a release opens here, each with whose it is."""
    if not isinstance(one.body, Release):
        return
    for opened in one.body.acts:
        form = ActForm(opened.envelope, opened.salt, opened.body)
        try:
            inner = act_of(form, desk.node.succession.keyring)
        except ActError as wrong:
            yield _("It cannot be checked here"), wrong.what
            continue
        header = inner.header
        whose = _("%(who)s in %(organ)s, %(instant)s") % {
            "who": desk.charter.name_of(inner.member),
            "organ": desk.organ_name(header.organ),
            "instant": header.instant,
        }
        words = "\n".join(f"{label}: {told}" for label, told in details(desk, inner))
        yield whose, f"{sentence(desk, inner)}\n{words}".strip()


_PAGES = {"propose": "proposal", "alert": "alert-page", "edit": "text", "pledge": "pledges"}
"""Which page of this room shows what an act of a kind began."""


def _elsewhere(one: Act) -> str:
    """Return where else an act is shown; empty where this room has no such page."""
    page = _PAGES.get(one.kind or "", "")
    of = getattr(one.body, "text", None) if one.kind == "edit" else None
    try:
        return reverse(page, args=[] if page == "pledges" else [of or one.id]) if page else ""
    except NoReverseMatch:
        return ""


def act_file(request: HttpRequest, name: str) -> HttpResponse:
    """Give an act as a file: what others need to check it."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    one = desk.act(name)
    return _file(one.to_bytes(), f"{'-'.join(map(str, one.place))}-{one.id[:12]}.json")


def equivocation(request: HttpRequest, name: str, other: str) -> HttpResponseBase:
    """Give the certificate that a member signed two things of which one is too many."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    one, two = sorted((desk.act(name), desk.act(other)), key=lambda act: act.id)
    try:
        equivocation_words(one, two)
    except ActError as wrong:
        raise Http404(wrong.what) from None
    try:
        data = certify_equivocation(one, two, desk.node.succession)
    except ComityError as wrong:
        return refused(request, wrong, back=reverse("act", args=[one.id]))
    return _file(data, f"equivocation-{one.member}-{one.id[:12]}.json")


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


urls = [
    path("record", listed, name="record"),
    path("record/faults", faults, name="record-faults"),
    path("act/<str:name>", act, name="act"),
    path("act/<str:name>/file", act_file, name="act-file"),
    path("act/<str:name>/against/<str:other>", equivocation, name="equivocation"),
]
