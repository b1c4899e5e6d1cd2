"""A league of nodes for the examples in help: everything that they name lies there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity.core.bodies import Adopt, Alert, Propose
from comity.core.strict import spelled
from comity.node import bundle
from comity.node.drafts import OfferForm, begin, write_offer
from comity.node.folder import create_folder
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST, new_keys, write_keys
from comity.node.node import Node

PASSPHRASE = b"seven quiet herons cross the weir"


class Clock:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def proposal(node: Node, title: str, *, hours: float = 24) -> Propose:
    """Return a text put to a silence in the council."""
    charter = node.under.charter
    expires = node.now() + timedelta(hours=hours)
    return Propose(
        title,
        Adopt(("The league buys one radio for each member.",)),
        node.under.charter_hash,
        "double-majority",
        "silence",
        expires.date().isoformat(),
        charter.roster("council", expires.date()),
        spelled(expires),
    )


def lay_out(here: Path) -> None:
    """Put a league of nodes, keys, drafts and a passphrase into a folder."""
    passphrase = here / "pass.txt"
    passphrase.write_bytes(PASSPHRASE + b"\n")
    passphrase.chmod(0o600)
    charter = (here / "examples/larch-league.toml").read_bytes()
    path, now = here / "league", datetime.now(UTC).replace(microsecond=0)
    clock = Clock(now)
    four = ("Arden", "Brill", "Corve", "Dorn")
    found_all(path, charter, PASSPHRASE, exercise=True, members=four, cost=LEAST, now=clock)
    with Hall.open(path, PASSPHRASE, now=clock) as hall:
        arden = hall.nodes["Arden"]
        arden.propose("council", proposal(arden, "The radio"))
        clock.at = now - timedelta(days=3)
        arden.propose("council", proposal(arden, "The ambulance"))
        hall.deliver()
        clock.at = now
        alert = Alert("The bridge is closed", "No vehicle can pass.", "moderate", case="bridge")
        arden.say("council", alert)
        hall.deliver()
        raised = next(arden.record.acts(kind="alert"))
        (path / "alert.json").write_bytes(arden.delivery(raised.id))
        (path / "brill.comity").write_bytes(bundle.export(arden, "Brill")[0])
    _new(here / "new", charter)


def _new(path: Path, charter: bytes) -> None:
    path.mkdir()
    folder = create_folder(path / "arden")
    keys = new_keys("Arden", ("office",), made_at="2026-01-01T00:00:00Z")
    write_keys(folder.keys, keys, PASSPHRASE, cost=LEAST)
    offer = OfferForm(1, tuple(key.held for key in keys.offices))
    (path / "Arden.offer.json").write_bytes(write_offer(offer))
    draft = begin(charter, [offer], "0" * 32, exercise=True)
    (path / "draft.json").write_bytes(draft.to_bytes())
    signed = draft.signed_with([keys.signing().seed.reveal()])
    (path / "signed.json").write_bytes(signed.to_bytes())
