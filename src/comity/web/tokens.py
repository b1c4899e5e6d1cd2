"""Tokens: how a program calls from one desk, and no other. Shown once, kept as a hash."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.errors import UsageError
from comity.web.desk import Desk, desk_for, with_appointments
from comity.web.house import the_house
from comity.web.models import Token

MOST = 20
"""How many tokens of one person at one desk are good at the same time."""
_TOLD = re.compile(r"[Bb]earer +(comity-[A-Za-z0-9_-]{20,100})")
_NOTED = timedelta(minutes=1)


def make(desk: Desk, label: str) -> str:
    """Make a token for a desk and return it: it is kept nowhere.

    Raises
    ------
    UsageError
        If the person has too many at this desk.
    """
    token = f"comity-{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        if sum(one.revoked is None for one in own(desk)) >= MOST:
            raise UsageError(
                _("you have %(most)d tokens at this desk already") % {"most": MOST},
                hint=_("revoke one that is not used any more; nothing was made"),
            )
        Token.objects.create(
            person=desk.person,
            token_hash=_hash(token),
            label=label,
            member=desk.member,
            office=desk.office,
            created=timezone.now(),
        )
    return token


def own(desk: Desk) -> list[Token]:
    """Return a person's tokens at a desk, the newest first."""
    return list(
        Token.objects.filter(person=desk.person, member=desk.member, office=desk.office).order_by(
            "-pk"
        )
    )


def revoke(desk: Desk, number: str) -> None:
    """Let a token be good no more; doing so twice is no harm.

    Raises
    ------
    Http404
        If this person has no such token at this desk.
    """
    found = next((one for one in own(desk) if str(one.pk) == number), None)
    if found is None:
        raise Http404("there is no such token")
    Token.objects.filter(pk=found.pk, revoked=None).update(revoked=timezone.now())


def desk_of(told: str) -> Desk | None:
    """Return the desk that a header ``Bearer comity-...`` speaks for; None where it does for none.

    A person who may sit there no more has no token there either.
    """
    match = _TOLD.fullmatch(told)
    if match is None:
        return None
    token = (
        Token.objects.select_related("person")
        .filter(token_hash=_hash(match[1]), revoked=None)
        .first()
    )
    if token is None:
        return None
    person = with_appointments(token.person)
    desk = desk_for(the_house(), person, token.member, token.office)
    now = timezone.now()
    if desk is not None and (token.last_used is None or now - token.last_used > _NOTED):
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return desk


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
