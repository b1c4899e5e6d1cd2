"""The door of the API: who calls, may it be read, and every refusal as JSON.

A token is the only key: cookies open nothing here, so that no page of a
stranger can call with somebody's session. What is not for a desk's eyes is
answered byte for byte as what does not exist.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from comity.core.strict import read_json
from comity.errors import ActError, ComityError
from comity.web.api.calls import CALLS, Call
from comity.web.api.shapes import ErrorTold
from comity.web.api.spec import document
from comity.web.desk import Desk
from comity.web.tokens import desk_of

View = Callable[..., HttpResponse]
_PARTS = {"id": re.compile(r"[0-9a-f]{8,64}"), "name": re.compile(r"[a-z][a-z0-9-]{0,63}")}
_LOG = logging.getLogger("comity.web.api")


class _RefusedError(Exception):
    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def views() -> dict[str, tuple[str, View]]:
    """Return the view of each address, with the name of its first call."""
    by_path: dict[str, dict[str, Call]] = {}
    for call in CALLS:
        by_path.setdefault(call.path, {})[call.method] = call
    return {
        path: (f"api-{next(iter(calls.values())).name}", _view(calls))
        for path, calls in by_path.items()
    }


def _view(calls: dict[str, Call]) -> View:
    @csrf_exempt
    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        call = calls.get("GET" if request.method == "HEAD" else request.method or "")
        if call is None:
            return not_by(*calls)
        try:
            return _done(request, call, parts)
        except _RefusedError as refused:
            return refused.response
        except Http404:
            return not_there()
        except ComityError as wrong:
            return _json(503 if wrong.code == "store" else 422, wrong.to_json())
        except Exception:
            _LOG.exception("a call failed: %s %s", call.method, call.path)
            return _told(
                500,
                "broken",
                _("something failed in this room"),
                _("what was acknowledged before is kept; see its log"),
            )

    return view


def _done(request: HttpRequest, call: Call, parts: dict[str, str]) -> HttpResponse:
    desk = _desk(request)
    if call.method == "GET":
        asked = _parameters(request, call)
    else:
        if request.GET:
            raise _RefusedError(_unread(_("the call takes no parameters")))
        asked = _body(request, call)
    for part, told in parts.items():
        if not _PARTS[part].fullmatch(told):
            raise Http404("there is no such thing")
    answer = call.work(desk, *parts.values(), asked)
    if isinstance(answer, bytes):
        return HttpResponse(answer, content_type="application/json")
    return _json(200, answer)


def _desk(request: HttpRequest) -> Desk:
    desk = desk_of(request.headers.get("Authorization", ""))
    if desk is None:
        raise _RefusedError(no_token())
    return desk


def _parameters(request: HttpRequest, call: Call) -> object:
    twice = [name for name, values in request.GET.lists() if len(values) > 1]
    if twice:
        raise _RefusedError(_unread(_("a parameter is given twice")))
    try:
        return msgspec.convert(request.GET.dict(), call.takes, strict=False)
    except msgspec.ValidationError as wrong:
        told = _("the parameters cannot be: %(why)s") % {"why": wrong}
        raise _RefusedError(_unread(told)) from None


def _body(request: HttpRequest, call: Call) -> object:
    if request.content_type != "application/json":
        wrong = _told(
            415,
            "media",
            _("the body is not JSON by its own word"),
            _("send it with Content-Type: application/json"),
        )
        raise _RefusedError(wrong)
    length = request.headers.get("Content-Length", "0")
    if length.isdigit() and int(length) > call.limit:
        raise _RefusedError(_too_large(call))
    data = request.body
    if len(data) > call.limit:
        raise _RefusedError(_too_large(call))
    try:
        return read_json(data, call.takes, limit=call.limit, what=_("the body"))
    except ActError as wrong:
        raise _RefusedError(_unread(wrong.what, wrong.refusal)) from None


def no_token() -> HttpResponse:
    """Say that a token is needed."""
    response = _told(
        401,
        "token",
        _("no token, or one that is good no more"),
        _("make one at a desk, under Tokens, and send it: Authorization: Bearer comity-..."),
    )
    response["WWW-Authenticate"] = 'Bearer realm="comity"'
    return response


def not_there() -> HttpResponse:
    """Say that there is no such thing, or none for these eyes: the same bytes for both."""
    return _told(
        404,
        "not-there",
        _("there is no such thing at this desk"),
        _("it may be at another desk or office, or the id may be wrong"),
    )


def not_by(*methods: str) -> HttpResponse:
    """Say by which methods a call is made."""
    allowed = ", ".join(sorted({*methods, *(("HEAD",) if "GET" in methods else ())}))
    response = _told(
        405, "method", _("not by this method"), _("use: %(methods)s") % {"methods": allowed}
    )
    response["Allow"] = allowed
    return response


@csrf_exempt
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer for every address that is no call."""
    if desk_of(request.headers.get("Authorization", "")) is None:
        return no_token()
    return not_there()


@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI document: to everybody, it says nothing of a coalition."""
    if request.method not in ("GET", "HEAD"):
        return not_by("GET")
    return _json(200, document())


def _too_large(call: Call) -> HttpResponse:
    return _told(
        413,
        "request",
        _("the body has more than %(most)s bytes") % {"most": f"{call.limit:,}"},
        _("send less at once"),
        "too-large",
    )


def _unread(what: str, refusal: str | None = None) -> HttpResponse:
    hint = _("/api/openapi.json says what each call takes; nothing was signed")
    return _told(400, "request", what, hint, refusal)


def _told(
    status: int, code: str, error: str, hint: str, refusal: str | None = None
) -> HttpResponse:
    return _json(status, ErrorTold(code, error, hint, refusal))


def _json(status: int, value: Any) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")
