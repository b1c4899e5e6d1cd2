"""A house of the Larch League with real nodes, its clock in the test's hand, and clients at desks.

Everything in a process shares the one house: name what a test makes so that it
finds it again, and count nothing that others could add to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from comity.web.house import House, install
from comity.web.server import prepare

CHARTER = Path(__file__).parents[2] / "examples" / "larch-league.toml"


class Clock:
    """The time of the house: it passes as the test says."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def forward(self, **span: float) -> None:
        """Let time pass: ``forward(hours=2)``."""
        self.passed += timedelta(**span)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[House]:
    """The league's house, its clock not running: tests call `tick` themselves."""
    data = tmp_path_factory.mktemp("house")
    opened = House.open(data, CHARTER.read_bytes(), now=clock)
    install(opened)
    prepare(data, hosts=("testserver",))
    yield opened
    opened.close()


@pytest.fixture
def at(house: House) -> Callable[..., Client]:
    """Sit down: ``at("Arden")`` is a client at the whole desk, ``at("Arden", "watch")`` in one."""
    from comity.web.desk import WHOLE
    from comity.web.models import Appointment, Person
    from comity.web.views.door import new_link

    def sit(member: str, office: str = WHOLE) -> Client:
        person, _ = Person.objects.get_or_create(name=f"{member}, {office}")
        Appointment.objects.get_or_create(person=person, member=member, office=office)
        client = Client()
        client.post(f"/enter/{new_link(person)}")
        return client

    return sit
