"""People and how they come in. Nothing of the coalition is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Person(models.Model):
    """Somebody who works in the room.

    Parameters
    ----------
    anywhere
        Whether this person may sit at any member's desk: in a rehearsal, or
        where one office runs all nodes.
    """

    name = models.CharField(max_length=80, unique=True)
    anywhere = models.BooleanField(default=False)
    appointments: RelatedManager[Appointment]

    def __str__(self) -> str:
        return str(self.name)


class Appointment(models.Model):
    """An office that a person holds: a member, and the organs it sees and acts in.

    Without an appointment, and without `anywhere`, a person sees nothing.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments")
    member = models.CharField(max_length=32)
    office = models.CharField(max_length=64)

    class Meta:
        """One appointment to an office is enough."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("person", "member", "office"), name="one_appointment_to_an_office"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.member}, {self.office}"


class Link(models.Model):
    """A one-time link by which a person signs in; only a hash of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"a link for {self.person} until {self.until}"


class Token(models.Model):
    """A token by which a program of a person calls from one desk; only a hash of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80)
    member = models.CharField(max_length=32)
    office = models.CharField(max_length=64)
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.label}: {self.person}, {self.member}, {self.office}"
