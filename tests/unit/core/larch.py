"""The Larch League as the tests of the core write it, with room for one more line."""

from fractions import Fraction
from pathlib import Path

from comity.core.fields import Faults, Table
from comity.core.reading import examine
from comity.core.rules import Electorate
from comity.core.source import Source, read

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "larch-league.toml"

HEAD = """comity = 1
[charter]
id = "larch-league"
name = "The Larch League"
edition = "1"
date = 2026-01-01
text = "model"
[members]
Arden = { name = "Arden" }
Brill = { name = "Brill" }
Corve = { name = "Corve" }
Dorn = { name = "Dorn" }
"""

MEMBERS = ("Arden", "Brill", "Corve", "Dorn")
PEOPLE = dict(zip(MEMBERS, map(Fraction, (40, 30, 20, 10))))
LEAGUE = Electorate(
    MEMBERS,
    {"people": PEOPLE},
    {
        "coast": frozenset(("Arden", "Brill")),
        "veto": frozenset(("Arden",)),
        "reef": frozenset(),
    },
    {"people": "persons"},
)


def faults_of(more):
    """What is said of the league with these lines added."""
    return [f"{fault.where}: {fault.what}" for fault in examine(HEAD + more)[1]]


def charter_of(more=""):
    """The league with these lines added."""
    charter, faults = examine(HEAD + more)
    assert not faults, faults
    return charter


def table_of(text):
    """The top table of a file, with its faults still empty."""
    source = read(text)
    faults = Faults(source)
    return Table(source.data, (), faults), faults


def no_faults():
    """An empty collection of faults."""
    return Faults(Source({}, {}))
