"""The constitution: under which founding and charter a member speaks, as one hash.

Every header names it, so that nobody can slip a decision in under other rules
than the ones its author was in. In this version it is that of the founding:
changes of the charter, of standings and of keys are not carried out yet, and
an act that names another constitution is without effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from comity.core.charter import Charter
from comity.core.founding import Founding
from comity.core.reading import read_charter
from comity.core.strict import write_json
from comity.errors import ActError


@dataclass(frozen=True, slots=True)
class Constitution:
    """A founding with its charter, read.

    Parameters
    ----------
    id
        SHA-256 over the coalition's id and the settled changes, none so far.
    text
        The charter's file, byte for byte.
    """

    id: str
    founding: Founding
    charter: Charter
    text: bytes


def constitution(founding: Founding, text: bytes) -> Constitution:
    """Join a founding and the file of the charter that it names.

    Raises
    ------
    ActError
        ``another-charter`` or ``stranger-key``.
    CharterError
        If the file is no charter.
    """
    if sha256(text).hexdigest() != founding.charter:
        raise ActError(
            "the charter is not the one that was founded",
            hint=f"look for the file whose SHA-256 begins with {founding.charter[:16]}",
            refusal="another-charter",
        )
    charter = read_charter(text)
    for held in founding.keys:
        if held.member not in charter.order:
            raise ActError(
                f"the founding gives a key to {held.member}, whom the charter does not name",
                hint="found the coalition anew with keys for those the charter names",
                refusal="stranger-key",
            )
    ident = sha256(write_json({"changes": [], "coalition": founding.id})).hexdigest()
    return Constitution(ident, founding, charter, text)
