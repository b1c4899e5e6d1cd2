"""Addresses of the room: each page's file says what is at its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from comity.web.views import (
    alerts,
    api,
    cases,
    changes,
    communique,
    door,
    examine,
    exercise,
    exercise_report,
    live,
    now,
    on_record,
    organs,
    pledges,
    proposal,
    proposals,
    record,
    talk,
    texts,
    verify,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("live", live.live, name="live"),
    *door.urls,
    *now.urls,
    *examine.urls,
    *alerts.urls,
    *cases.urls,
    *proposals.urls,
    *proposal.urls,
    *communique.urls,
    *texts.urls,
    *talk.urls,
    *on_record.urls,
    *pledges.urls,
    *record.urls,
    *organs.urls,
    *changes.urls,
    *verify.urls,
    *exercise.urls,
    *exercise_report.urls,
    *api.urls,
]

handler400 = "comity.web.views.errors.not_understood"
handler403 = "comity.web.views.errors.forbidden"
handler404 = "comity.web.views.errors.not_there"
handler500 = "comity.web.views.errors.broken"
