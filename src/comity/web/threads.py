"""Threads: what a desk sees of talk. A thread that is not for these eyes is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404

from comity.node.talk import Kept, TalkStore
from comity.web.desk import Desk

NEWS = 100
"""How many unread messages of a thread are looked through."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as a desk sees it.

    Parameters
    ----------
    group
        The members of a named group; empty for a thread of a whole organ.
    last
        Its newest message; none where an organ has not talked.
    """

    id: str
    organ: str
    title: str
    group: tuple[str, ...]
    case: str | None
    last: Kept | None
    unread: int = 0


def store(desk: Desk) -> TalkStore:
    """Return the talk that the desk's member keeps."""
    return desk.house.talk.stores[desk.member]


def readers(desk: Desk, thread: Thread) -> tuple[str, ...]:
    """Return who reads a thread now, in charter order."""
    there = desk.node.readers().get(thread.organ, frozenset())
    names = there & set(thread.group) if thread.group else there
    return tuple(code for code in desk.charter.order if code in names)


def threads(desk: Desk) -> list[Thread]:
    """Return the threads that a desk sees: newest first, then organs that have not talked."""
    kept = store(desk)
    found = [
        _thread(desk, one, _unread(desk, kept, one.message.thread))
        for one in kept.last()
        if _sees(desk, one)
    ]
    there = {thread.id for thread in found}
    return found + [_empty(desk, organ) for organ in desk.organs if organ not in there]


def thread(desk: Desk, name: str) -> Thread:
    """Return a thread that a desk sees, by its name.

    Raises
    ------
    Http404
        If there is none, or it is not for these eyes: the same answer.
    """
    if len(name) <= 80:
        last = store(desk).messages(name, most=1)
        if last and _sees(desk, last[0]):
            return _thread(desk, last[0])
        if desk.sees(name):
            return _empty(desk, name)
    raise Http404("there is no such thread")


def mentions(desk: Desk) -> Iterator[tuple[Thread, Kept]]:
    """Yield the newest unread message of each thread that calls the desk's member, newest first."""
    kept = store(desk)
    for one in threads(desk):
        for news in reversed(_news(desk, kept, one.id) if one.last else ()):
            if desk.member in news.message.mentions and not news.message.deleted:
                yield one, news
                break


def about(desk: Desk, case: str) -> list[Thread]:
    """Return the threads about a case that a desk sees."""
    return [one for one in threads(desk) if one.case == case]


def mark_seen(desk: Desk, of: Thread) -> None:
    """Note that this desk has seen a thread to its end."""
    if of.last is not None:
        store(desk).mark_seen(_who(desk), of.id, of.last.number)


def seen(desk: Desk, of: Thread) -> int:
    """Return up to which message this desk has seen a thread."""
    return store(desk).seen(_who(desk), of.id)


def _who(desk: Desk) -> str:
    return f"{desk.person.pk} {desk.office}"


def _sees(desk: Desk, kept: Kept) -> bool:
    message = kept.message
    return desk.sees(message.organ) and (not message.group or desk.member in message.group)


def _news(desk: Desk, kept: TalkStore, name: str) -> tuple[Kept, ...]:
    found = kept.messages(name, after=kept.seen(_who(desk), name), most=NEWS)
    mine = (desk.member, desk.person.name)
    return tuple(one for one in found if (one.message.member, one.message.person) != mine)


def _unread(desk: Desk, kept: TalkStore, name: str) -> int:
    return len(_news(desk, kept, name))


def _thread(desk: Desk, last: Kept, unread: int = 0) -> Thread:
    message = last.message
    return Thread(
        message.thread,
        message.organ,
        message.title or desk.organ_name(message.organ),
        tuple(code for code in desk.charter.order if code in message.group),
        message.case,
        last,
        unread,
    )


def _empty(desk: Desk, organ: str) -> Thread:
    name = desk.organ_name(organ)
    return Thread(organ, organ, name, (), None, None)
