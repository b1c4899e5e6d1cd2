"""What stands between an address and a page: who asks, and from which desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import sync_and_async_middleware

from comity.web.desk import Desk, desk_for, first_desk, with_appointments
from comity.web.house import Busy, the_house
from comity.web.models import Person

OPEN = ("/enter", "/language", "/static/")
"""Where one may go without having signed in."""


class RoomRequest(HttpRequest):
    """A request from a desk."""

    desk: Desk


Handler: TypeAlias = Callable[[HttpRequest], HttpResponseBase]
LaterHandler: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def room_middleware(get_response: Handler | LaterHandler) -> Handler | LaterHandler:
    """Put the desk on the request; whoever has none is sent to the door."""
    if iscoroutinefunction(get_response):
        answer_later = cast("LaterHandler", get_response)

        async def later(request: HttpRequest) -> HttpResponseBase:
            turned_away = await sync_to_async(seat)(request)
            return _private(request, turned_away or await answer_later(request))

        return later
    answer = cast("Handler", get_response)

    def at_once(request: HttpRequest) -> HttpResponseBase:
        return _private(request, seat(request) or answer(request))

    return at_once


def seat(request: HttpRequest) -> HttpResponseBase | None:
    """Find the desk of a request; return a redirect where there is none and one is needed."""
    busy = the_house().busy
    if busy is not None and not request.path.startswith(("/static/", "/language")):
        request.desk = None  # type: ignore[attr-defined]
        return wait(request, busy)
    desk = None
    number = request.session.get("person")
    if number is not None:
        person = Person.objects.filter(pk=number).first()
        if person is not None:
            house = the_house()
            desk = desk_for(
                house,
                with_appointments(person),
                str(request.session.get("member", "")),
                str(request.session.get("office", "")),
            ) or first_desk(house, person, house.first_desk)
            if desk is not None:
                house.here()
    request.desk = desk  # type: ignore[attr-defined]
    # Taken before a page reads anything: its stream tells what came since.
    request.shown = desk.now_shown() if desk is not None else ""  # type: ignore[attr-defined]
    if desk is None and not request.path.startswith(OPEN) and request.path != "/api/openapi.json":
        if request.path.startswith("/api/"):
            return None  # the calls answer for themselves
        return redirect("enter")
    return None


def wait(request: HttpRequest, busy: Busy) -> HttpResponse:
    """Ask to wait until another house is made: a page that looks again by itself."""
    if request.path == "/live":
        return HttpResponse("retry: 1000\n\n", content_type="text/event-stream")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    status = 503 if request.path.startswith("/api/") or busy.wrong is not None else 200
    response = render(request, "room/wait.html", {"busy": busy}, status=status)
    if busy.wrong is None:
        response["Retry-After"] = "1"
        response["Refresh"] = f"1; url={request.path if request.method == 'GET' else '/'}"
    return response


def _private(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
