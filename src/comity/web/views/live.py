"""News: a stream that tells an open page when something changed that its desk sees."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from comity.web.desk import Desk

PULSE = 15.0
"""Seconds after which a quiet stream says that it is still there."""
MOST_OF_ONE = 64
"""How many streams of one account are open: 35 desks beside each other, and as many again."""
MOST_OF_ALL = 2_048

_open: Counter[str] = Counter()


async def live(request: HttpRequest) -> HttpResponseBase:
    """Stream the news of a desk: which of its organs changed, and nothing more.

    A page without the stream works as one without script does: it is loaded anew.
    """
    desk: Desk = request.desk  # type: ignore[attr-defined]
    person = str(desk.person.pk)
    if _is_full(person):
        words = _("Too many pages of yours are open: close some, then load this one again.")
        return HttpResponse(
            words, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": 60}
        )
    heard = request.headers.get("Last-Event-ID", "")
    shown = request.GET.get("shown", "")
    response = StreamingHttpResponse(
        _counted(person, _news(desk, heard, shown)), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _is_full(person: str) -> bool:
    return _open[person] >= MOST_OF_ONE or _open.total() >= MOST_OF_ALL


async def _counted(person: str, news: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the news of one account's stream, and count it for as long as it is open."""
    if _is_full(person):  # many were asked for at the same time
        return
    _open[person] += 1
    try:
        async for told in news:
            yield told
    finally:
        _open[person] -= 1
        if not _open[person]:
            del _open[person]


async def _news(desk: Desk, heard: str = "", shown: str = "") -> AsyncIterator[str]:
    """Yield the news.

    A page that heard another house before is to ask for everything anew, and so is one
    that shows what stood before the stream began: what came between is told at once.
    """
    seen = await sync_to_async(desk.versions)()
    passed = shown and shown != await sync_to_async(desk.now_shown)()
    yield f"id: {desk.house.mark}\nevent: hello\ndata: {{}}\n\n"
    if passed or heard not in ("", desk.house.mark):
        yield f"event: changed\ndata: {json.dumps(sorted(seen))}\n\n"
    while not desk.house.news_over:
        try:
            await asyncio.wait_for(desk.house.changed(), PULSE)
        except TimeoutError:
            yield ": still here\n\n"
        now = await sync_to_async(desk.versions)()
        changed = sorted(organ for organ, count in now.items() if seen.get(organ) != count)
        seen = now
        if changed:
            yield f"event: changed\ndata: {json.dumps(changed)}\n\n"
