"""A coalition to ask questions of, in a notebook or a script; every answer is a finding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from comity.core.charter import Charter
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.evidence import Evidence
    from comity.examine.finding import Finding


@dataclass(frozen=True, slots=True)
class Coalition:
    """A charter, a day, and who is taken out; asked with methods, never changed by them.

    Parameters
    ----------
    charter
        What the coalition has agreed.
    on
        The day of rosters and weights; the charter's date where None.
    known_on
        See only figures that were public on that day; all where None.
    lost
        Members taken out, as if they had left.
    folder
        Folder of the user's own figures; the usual one where None.

    Examples
    --------
    >>> import comity as co
    >>> council = co.load("un-security-council")
    >>> council.without("RUS").members[:4]
    ('CHN', 'FRA', 'GBR', 'USA')
    >>> council.cornerstones(rule="procedure").sentence[:44]
    'No single member of United Nations Security '
    """

    charter: Charter
    on: date | None = None
    known_on: date | None = None
    lost: tuple[str, ...] = ()
    folder: Path | None = field(default=None, repr=False)

    @property
    def day(self) -> date:
        """The day of rosters and weights."""
        return self.on or self.charter.dated

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of those who belong on the day and are not taken out, in charter order."""
        return tuple(
            m.code
            for m in self.charter.members.values()
            if m.belongs(self.day) and m.code not in self.lost
        )

    def without(self, *members: str) -> Coalition:
        """Return the coalition after these members have left.

        Raises
        ------
        UsageError
            If one of them does not belong.
        """
        for member in members:
            if member not in self.members:
                raise UsageError(
                    f"{member} is not among the members of {self.charter.name}",
                    hint=f"they are: {', '.join(self.members)}",
                )
        return replace(self, lost=(*self.lost, *members))

    def at(self, on: date) -> Coalition:
        """Return the coalition on another day."""
        return replace(self, on=on)

    def as_known_on(self, day: date) -> Coalition:
        """Return the coalition seen with figures that were public on a day."""
        return replace(self, known_on=day)

    def power(self, organ: str | None = None, rule: str | None = None) -> Finding:
        """Say who decides in a body under a rule; see `comity.examine.power`."""
        from comity.examine.power import voting_power

        gone = self._seated(organ)
        return voting_power(self.charter, organ, rule, on=self.day, without=gone).finding()

    def _seated(self, organ: str | None) -> tuple[str, ...]:
        from comity.examine.power import usual_organ

        seated = self.charter.roster(usual_organ(self.charter, organ).id, self.day)
        return tuple(member for member in self.lost if member in seated)

    def laboratory(self, organ: str | None = None) -> Finding:
        """Lay the rules of a body side by side; see `comity.examine.laboratory`."""
        from comity.examine.laboratory import laboratory
        from comity.examine.power import usual_organ

        self._whole("laboratory")
        chosen = usual_organ(self.charter, organ).id
        return laboratory(self.charter, chosen, on=self.day).finding()

    def cornerstones(
        self, organ: str | None = None, rule: str | None = None, *, pairs: bool = False
    ) -> Finding:
        """Say whose loss alone stops a body; see `comity.examine.cornerstones`."""
        from comity.examine.cornerstones import cornerstones

        self._whole("cornerstones")
        return cornerstones(self.charter, organ, rule, on=self.day, pairs=pairs).finding()

    def guarantees(
        self,
        obligation: str | None = None,
        *,
        parameters: tuple[str, ...] = (),
        pairs: bool = False,
    ) -> Finding:
        """Say whether each guarantee holds without any one; see `comity.examine.guarantee`."""
        from comity.examine.guarantee_report import report

        self._whole("guarantees")
        return report(
            self.charter,
            evidence=self.evidence(),
            obligation=obligation,
            parameters=parameters,
            on=self.day,
            pairs=pairs,
        ).finding()

    def adequacy(self, obligation: str = "") -> Finding:
        """Say whether what an obligation needs is there; see `comity.examine.adequacy`."""
        from comity.examine.adequacy import adequacy

        found = adequacy(
            self.charter, obligation=obligation, evidence=self.evidence(), lost=self.lost
        )
        return found.finding()

    def dependence(self, supplier: str = "") -> Finding:
        """Say on whose equipment and services members hang; see `comity.examine.dependence`."""
        from comity.examine.dependence import dependence

        self._whole("dependence")
        found = dependence(self.charter, evidence=self.evidence(), supplier=supplier, on=self.day)
        return found.finding()

    def burden(self, need: str, organ: str | None = None) -> Finding:
        """Divide a need, such as ``personnel=100000``; see `comity.examine.burden`."""
        from comity.examine.burden import burden

        members, gone = self._states(organ)
        return burden(members, need, evidence=self.evidence(), known_on=self.known_on, without=gone)

    def cohesion(self, organ: str | None = None, *, year: int | None = None) -> Finding:
        """Say how far apart members vote in the UN; see `comity.examine.cohesion`."""
        from comity.examine.cohesion import cohesion

        members, gone = self._states(organ)
        left = [member for member in members if member not in gone]
        return cohesion(left, evidence=self.evidence(), year=year, known_on=self.known_on)

    def _states(self, organ: str | None) -> tuple[tuple[str, ...], list[str]]:
        """Return the codes of all states that are asked about, and of those taken out."""
        members = self.charter.states(self.day, organ)
        codes = {m.code: m.iso for m in self.charter.members.values()}
        return members, [codes[m] for m in self.lost if codes[m] in members]

    def _whole(self, question: str) -> None:
        if self.lost:
            raise UsageError(
                f"{question} looks at every loss itself, and {', '.join(self.lost)} is out already",
                hint=f"ask the whole coalition: comity.load('{self.charter.id}').{question}()",
            )

    def potential(self, organ: str | None = None) -> Finding:
        """Say what the members, or who sits in a body, have with and without those taken out."""
        from comity.examine.potential import potential

        members, gone = self._states(organ)
        return potential(
            members,
            evidence=self.evidence(),
            known_on=self.known_on,
            without=gone,
        )

    def evidence(self) -> Evidence:
        """Return the figures the answers rest on."""
        from comity.evidence import load

        return load(self.folder)


def load(
    name: str, *, on: date | None = None, known_on: date | None = None, folder: Path | None = None
) -> Coalition:
    """Load a coalition: a shipped charter by name, or any charter file by its path.

    Parameters
    ----------
    name
        See `comity.charters.names`.
    on, known_on, folder
        As for `Coalition`.

    Raises
    ------
    UsageError, CharterError
        If there is no such charter, or the file has faults.
    """
    from comity.charters import load as read

    return Coalition(read(name), on, known_on, (), folder)
