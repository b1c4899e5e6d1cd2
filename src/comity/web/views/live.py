"""News: a stream that tells an open page when something changed that its desk sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse

from comity.web.desk import Desk

PULSE = 15.0
"""Seconds after which a quiet stream says that it is still there."""


async def live(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the news of a desk: which of its organs changed, and nothing more."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    heard = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(_news(desk, heard), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _news(desk: Desk, heard: str = "") -> AsyncIterator[str]:
    """Yield the news; a page that heard another house before is to ask for everything anew."""
    seen = await sync_to_async(desk.versions)()
    yield f"id: {desk.house.mark}\nevent: hello\ndata: {{}}\n\n"
    if heard not in ("", desk.house.mark):
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
