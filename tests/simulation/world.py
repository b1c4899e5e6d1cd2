"""One run: members, machines and a network, and what they do by chance from one seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity.core.acts import Act
from comity.core.bodies import (
    Admit,
    Adopt,
    Alert,
    Amend,
    Body,
    Leave,
    Propose,
    Receipt,
    Reinstate,
    ReplaceKey,
    Stance,
    Suspend,
)
from comity.core.constitution import CHARTER, COALITION
from comity.core.exchange import Letter
from comity.core.keys import offer_key
from comity.core.proposals import Standing
from comity.core.strict import spelled, write_base64
from comity.errors import ActError, UsageError
from comity.node import duties
from comity.node.bundle import export, take_in
from comity.node.folder import create_folder
from comity.node.node import Node
from comity.node.record import Record
from tests.simulation.league import (
    LEAGUE,
    NEWCOMER,
    OUTSIDER,
    SIZES,
    charter_text,
    league,
)
from tests.simulation.liars import attack, carried
from tests.simulation.machines import Backup, DiedError, Machine
from tests.simulation.network import Network

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
WORDS = ("yes",) * 6 + ("no", "objection", "abstain", "constructive abstention", "ad referendum")
PACES = (timedelta(minutes=4), timedelta(minutes=25), timedelta(hours=1), timedelta(hours=3))


class World:
    """A league on its machines, at some time."""

    def __init__(self, seed: int, root: Path) -> None:
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.league = league(*rng.choice(SIZES))
        self.now = START
        self.history: list[str] = []
        self.count: Counter[str] = Counter()
        self.calm = rng.random() < 0.15
        rough = 0.0 if self.calm else 1.0
        self.network = Network(
            random.Random(f"network {seed}"),
            loss=rough * rng.choice((0.0, 0.05, 0.3)),
            twice=rough * rng.choice((0.0, 0.1)),
            late=rough * rng.choice((0.0, 0.2, 0.5)),
        )
        self.members = LEAGUE[: self.league.members]
        self.machines: dict[str, Machine] = {}
        for member in (*self.members, OUTSIDER, NEWCOMER):
            folder = create_folder(root / member.lower())
            folder.found(self.league.founding, self.league.text)
            self.machines[member] = Machine(
                member,
                folder,
                self.league.keys[member],
                lambda: self.now,
                random.Random(f"{member} {seed}"),
                skew=rough * timedelta(minutes=rng.choice((0, 0, 0, -4, 3, 20))),
            )
        self._choose_roles()
        self.begun = False
        self.proposals: dict[str, str] = {}  # id: who proposed
        self.outcomes: dict[str, tuple[str, str]] = {}  # id: outcome, where it was seen first
        self.readers: dict[str, frozenset[str]] = {}  # by act: who read the organ then
        self.latest = START
        self.say(
            f"{self.league.members} members, n = {self.league.n}, f = {self.league.f}; "
            f"dishonest: {', '.join(sorted(self.liars)) or 'nobody'}; "
            f"away in the end: {', '.join(m for m in self.machines if self.machines[m].away)}; "
            f"the network loses {self.network.loss:.0%}, repeats {self.network.twice:.0%}, "
            f"holds up {self.network.late:.0%}"
        )

    def _choose_roles(self) -> None:
        rng, size = self.rng, self.league
        count = rng.randint(0, size.f)
        if size.f == 0 and rng.random() < 0.2:
            count = 1
        elif rng.random() < 0.1:
            count += 1
        self.liars = frozenset(() if self.calm else rng.sample(self.members, count))
        for member in self.liars:
            self.machines[member].honest = False
        if rng.random() < 0.3:
            for member in rng.sample(self.members, rng.randint(1, size.n)):
                self.machines[member].away = True

    # Telling.

    def say(self, words: str) -> None:
        self.history.append(f"{self.now:%d %H:%M} {words}")

    # The run.

    def run(self) -> None:
        """Play it: trouble first, then a healed network until nothing is left to do."""
        for machine in self.machines.values():
            machine.start()
        for step in range(self.rng.randint(8, 16)):
            self.network.step = step
            self.now += self.rng.choice(PACES)
            if not self.calm:
                self._trouble()
            for _ in range(self.rng.randint(0, 4)):
                self._act()
            for member in self.liars:
                if self._node(member) is not None and self.rng.random() < 0.5:
                    self._misbehave(member)
            self._remind()
            self._forget()
            self._work(everybody=False)
            self.watch(self.rng.choice(self.members))
        self._heal()

    def _misbehave(self, member: str) -> None:
        try:
            attack(self, self.machines[member])
        except DiedError:
            self._died(member)

    def close(self) -> None:
        for machine in self.machines.values():
            if machine.node is not None:
                machine.node.close()

    def _node(self, member: str) -> Node | None:
        return self.machines[member].node

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Yield those that are running."""
        for member, machine in self.machines.items():
            if machine.node is not None:
                yield member, machine.node

    def honest(self) -> Iterator[tuple[str, Node]]:
        """Yield those that are running and honest."""
        for member, node in self.nodes():
            if self.machines[member].honest:
                yield member, node

    def _work(self, *, everybody: bool) -> None:
        """Let nodes do what is due, send what waits, and get what arrives."""
        for member, machine in self.machines.items():
            if machine.node is None:
                continue
            if everybody or self.rng.random() < 0.6:
                self._perform(member)
            if machine.node is not None and not everybody and self.rng.random() < 0.15:
                self.network.post(member, machine.node.beacons())
            if machine.node is not None and (everybody or self.rng.random() < 0.3):
                self.send(member, machine.node.letters())
        self._deliver()

    def _perform(self, member: str) -> None:
        machine = self.machines[member]
        assert machine.node is not None
        was_held = machine.node.record.held_back
        try:
            done = duties.perform(machine.node)
        except DiedError:
            self._died(member)
            return
        if was_held and machine.node.record.held_back is None:
            self.count["lets itself sign again"] += 1
            self.say(f"{member} has its own acts from enough peers, and signs again")
        for act in done:
            self.count[f"act {act.kind}"] += 1
            self.say(f"{member} by itself: {act.kind} {act.id[:8]} {self._about(act.body)}")
            self._remember(machine.node, act)

    def _about(self, body: Body | None) -> str:
        return f"of {body.proposal[:8]}" if hasattr(body, "proposal") else ""

    def send(self, member: str, letters) -> None:
        machine = self.machines[member]
        if not machine.honest:
            letters = carried(self, machine, letters)
        self.network.post(member, letters)

    def _deliver(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            here = self.network.arrived()
            if not here:
                return
            for sender, peer, data in here:
                machine = self.machines[peer]
                if machine.node is None:
                    continue
                try:
                    answers = machine.node.receive(sender, data)
                except DiedError:
                    self._died(peer)
                    continue
                self.send(peer, answers)

    def _remember(self, node: Node, act) -> None:
        self.readers[act.id] = node.readers().get(act.header.organ, frozenset())

    # Trouble.

    def _trouble(self) -> None:
        rng = self.rng
        for member, machine in self.machines.items():
            if machine.node is None and rng.random() < 0.4:
                self._come_back(machine)
            elif machine.node is not None and rng.random() < 0.05:
                machine.back_up()
            elif machine.node is not None and rng.random() < 0.05:
                machine.dies_at = rng.choice(("before", "after", None))
                if machine.dies_at is None:
                    self._died(member)
                self.count["crash"] += 1
        if rng.random() < 0.08:
            parts = {m: rng.randint(0, 1) for m in self.machines}
            self.network.parts = parts
            self.count["partition"] += 1
            ones = ", ".join(m for m in parts if parts[m])
            self.say(f"the network falls apart: {ones or 'nobody'} on one side")
        elif self.network.parts and rng.random() < 0.3:
            self.network.parts = {}
            self.say("the network is whole again")
        if rng.random() < 0.2:
            self.network.replay()

    def _died(self, member: str) -> None:
        self.machines[member].die()
        self.say(f"{member}'s machine dies")

    def _come_back(self, machine: Machine, backup: Backup | None = None) -> None:
        old = [b for b in machine.backups if b.keys.offices == machine.keys.offices]
        if backup is None and old and self.rng.random() < 0.6:
            backup = self.rng.choice(old)
        if backup is not None:
            machine.restore(backup)
            node = machine.start()
            self.count["restore"] += 1
            self.say(f"{machine.member} puts back its copy of {backup.at:%d %H:%M}")
            assert node.record.held_back == "copied"
        else:
            machine.start()
            self.say(f"{machine.member}'s machine starts again")

    # What members do.

    def _act(self) -> None:
        member = self.rng.choice((*self.members, *self.members, OUTSIDER, NEWCOMER))
        node = self._node(member)
        if node is None or not node.organs():
            return
        machine = self.machines[member]
        choices = ["propose"] * 4 + ["answer"] * 8 + ["alert", "receipt", "hold", "rotate", "close"]
        choices += ["change"] * 3 + ["bundle"]
        what = self.rng.choice(choices)
        try:
            act = getattr(self, f"_do_{what}")(machine, node)
        except (UsageError, ActError) as no:
            self.count[f"refused {what}"] += 1
            self.say(f"{member} would {what}: {no.what}")
            return
        except DiedError:
            self._died(member)
            return
        if act is not None:
            self._said(machine, node, act)

    def _said(self, machine: Machine, node: Node, act: Act) -> None:
        self._remember(node, act)
        self.count[f"act {act.kind}"] += 1
        self.send(machine.member, node.letters())

    def _do_propose(self, machine: Machine, node: Node):
        organ = self.rng.choice(("council", "council", "watch"))
        if organ not in node.organs():
            return None
        charter = node.under.charter
        found = charter.organs[organ]
        procedure = self.rng.choice((*found.procedures, found.procedures[0]))
        return self._propose(
            machine,
            node,
            organ,
            Adopt((f"Paragraph {self.rng.randrange(100)}.",)),
            rule=self.rng.choice(tuple(r for r in found.rules if r != "change")),
            procedure=procedure,
        )

    def _propose(self, machine: Machine, node: Node, organ: str, effect, *, rule, procedure):
        signature = procedure == "signature"
        expires = machine.now() + timedelta(hours=self.rng.choice((4, 6, 12, 20)))
        charter = node.under.charter
        where = organ if organ != COALITION else "council"
        body = Propose(
            f"Item {len(self.proposals)}",
            effect,
            node.under.charter_hash,
            rule,
            procedure,
            expires.date().isoformat(),
            charter.roster(where, expires.date()),
            None if signature else spelled(expires),
        )
        act = node.propose(organ, body)
        self.proposals[act.id] = machine.member
        self.latest = max(self.latest, expires + timedelta(hours=2))
        what = type(effect).__name__.lower()
        self.count[f"proposal {what}"] += 1
        self.say(f"{machine.member} proposes {act.id[:8]} in {organ}, {procedure}: {what}")
        return act

    def _do_answer(self, machine: Machine, node: Node):
        mine = [a for a in node.record.unsettled() if a.header.organ in node.organs()]
        if not mine:
            return None
        proposal = self.rng.choice(mine)
        word = self.rng.choice(WORDS)
        forgets = not self.calm and self.rng.random() < 0.12
        if forgets:
            machine.back_up()
        if proposal.member == machine.member and self.rng.random() < 0.15:
            word = "withdraw"
        act = node.answer(proposal.id, word)
        self.count[f"word {word}"] += 1
        assert isinstance(act.body, Stance)
        self.say(f"{machine.member} says {word} to {proposal.id[:8]}, turn {act.body.turn}")
        if forgets:  # the disk is gone, perhaps before anybody heard of it
            if self.rng.random() < 0.5:
                self._said(machine, node, act)
            self._died(machine.member)
            self._come_back(machine, machine.backups[-1])
            machine.forgot = proposal.id
            return None
        return act

    def _do_close(self, machine: Machine, node: Node):
        found = [a for a in node.record.acts(kind="propose") if a.header.organ in node.organs()]
        return node.close_proposal(self.rng.choice(found).id) if found else None

    def _do_alert(self, machine: Machine, node: Node):
        organ = self.rng.choice(node.organs() or (COALITION,))
        act = node.say(organ, Alert("Ice", "The road is closed.", "severe"))
        self.say(f"{machine.member} raises an alert in {organ}")
        return act

    def _do_receipt(self, machine: Machine, node: Node):
        alerts = list(node.record.acts(kind="alert"))
        if not alerts:
            return None
        alert = self.rng.choice(alerts)
        opened = node.opened_at(alert.id)
        assert opened is not None
        return node.say(alert.header.organ, Receipt(alert.id, opened))

    def _do_hold(self, machine: Machine, node: Node):
        for act in node.record.unsettled():
            if self.rng.random() < 0.3:
                back = not duties.is_held(node, act.id)
                duties.hold(node, act.id, back=back)
                self.count["held back"] += back
                self.say(f"{machine.member} {'holds back' if back else 'lets go'} {act.id[:8]}")

    def _do_rotate(self, machine: Machine, node: Node):
        act = node.rotate_key(b"")
        machine.keys = node.keys
        self.say(f"{machine.member} takes a new key")
        return act

    def _do_change(self, machine: Machine, node: Node):
        under = node.under
        other = self.rng.choice(self.members)
        replaces = under.versions.get(other)
        since = (machine.now() + timedelta(days=self.rng.randint(0, 1))).date().isoformat()
        outside = [m for m in self.members if m not in LEAGUE[:3]]  # who sits in the watch stays
        kind = self.rng.choice(
            ("amend", "suspend", "suspend", "reinstate", "admit", "key", "leave")
        )
        if kind == "amend":
            size = self.league
            text = charter_text(size.members, size.n, size.f, str(self.rng.randint(2, 9)))
            effect = Amend(write_base64(text), under.versions.get(CHARTER))
        elif kind == "suspend":
            other = self.rng.choice(outside or self.members)
            effect = Suspend(other, since, under.versions.get(other))
        elif kind == "reinstate":
            effect = Reinstate(other, since, replaces)
        elif kind == "admit":
            keys = self.machines[NEWCOMER].keys.signing()
            offer = offer_key(node.coalition, keys.held, keys.seed.reveal())
            effect = Admit(
                NEWCOMER, "Gale", "member", since, "", (offer,), under.versions.get(NEWCOMER)
            )
        elif kind == "key":
            return self._replace_key(machine, node, other)
        else:
            if self.rng.random() < 0.8:
                return None
            self.say(f"{machine.member} gives notice that it leaves on {since}")
            return node.say(COALITION, Leave(since))
        act = self._propose(machine, node, COALITION, effect, rule="change", procedure="vote")
        self._said(machine, node, act)
        self._support(act)
        return None

    def _forget(self) -> None:
        """Whoever lost its disk after it answered would answer again."""
        for member, machine in self.machines.items():
            if machine.forgot is None or machine.node is None or self.rng.random() < 0.5:
                continue
            self.count["would answer again"] += 1
            try:
                act = machine.node.answer(machine.forgot, self.rng.choice(("yes", "no")))
            except (UsageError, ActError) as no:
                self.say(f"{member} would answer again: {no.what}")
            except DiedError:
                self._died(member)
            else:
                self._said(machine, machine.node, act)

    def _remind(self) -> None:
        """Somebody asks the others once more to answer a change."""
        node = self._node(self.rng.choice(self.members))
        if node is not None and self.rng.random() < 0.5:
            open_changes = list(node.record.unsettled(organ=COALITION))
            if open_changes:
                self._support(self.rng.choice(open_changes))

    def _support(self, change: Act) -> None:
        """Those who hear of a change at once mostly agree to it at once."""
        self._deliver()
        for member, node in list(self.nodes()):
            if node.record.get(change.id) is None or self.rng.random() < 0.3:
                continue
            if any(a.member == member for a in node.record.about(change.id, kind="stance")):
                continue
            try:
                act = node.answer(change.id, "yes")
            except (UsageError, ActError) as no:
                self.say(f"{member} would agree: {no.what}")
            except DiedError:
                self._died(member)
            else:
                self.say(f"{member} says yes to {change.id[:8]}")
                self._said(self.machines[member], node, act)

    def _do_bundle(self, machine: Machine, node: Node) -> None:
        """Carry a bundle to another by hand."""
        to = self.rng.choice([m for m in self.machines if m != machine.member])
        there = self._node(to)
        for data in export(node, to):
            self.count["bundle"] += 1
            self.say(f"{machine.member} writes a bundle for {to}")
            if there is not None:
                try:
                    take_in(there, data)
                except DiedError:
                    self._died(to)
                    return

    def _replace_key(self, machine: Machine, node: Node, other: str):
        """Another member lost its key: it makes a new one, and the others decide on it."""
        theirs = self.machines[other]
        keys = theirs.keys.with_new(
            "office", made_at=spelled(self.now), chance=theirs.chance.randbytes
        )
        new = keys.offices[-1]
        offer = offer_key(node.coalition, new.held, new.seed.reveal())
        effect = ReplaceKey(offer, node.under.versions.get(other))
        act = self._propose(machine, node, COALITION, effect, rule="change", procedure="vote")
        # From now on it can open what is sealed to the new key, and signs with it once decided.
        theirs.keys = keys
        if theirs.node is not None:
            theirs.node.keys = keys
        self._said(machine, node, act)
        self._support(act)
        return

    # Watching.

    def watch(self, member: str) -> None:
        """See that no outcome that was settled once is another one now."""
        node = self._node(member)
        if node is None or not self.machines[member].honest:
            return
        for name in self.proposals:
            standing = node.standing(name)
            if not isinstance(standing, Standing) or not standing.settlement.settled:
                continue
            outcome = standing.settlement.outcome
            known = self.outcomes.setdefault(name, (outcome, f"{member} at {self.now:%d %H:%M}"))
            if known[0] != outcome:
                self.contradicted(name, known, (outcome, f"{member} at {self.now:%d %H:%M}"))

    def contradicted(self, name: str, one: tuple[str, str], other: tuple[str, str]) -> None:
        self.say(f"{name[:8]} is {one[0]} for {one[1]} and {other[0]} for {other[1]}")
        self.count["contradicted"] += 1
        self.contradictions = getattr(self, "contradictions", [])
        self.contradictions.append((name, one, other))

    # The end.

    def _heal(self) -> None:
        self.say("the network heals")
        self.network.heal()
        for machine in self.machines.values():
            machine.dies_at = None
            if machine.away and machine.node is not None:
                self.say(f"{machine.member} stays away")
                machine.die()
            elif not machine.away and machine.node is None:
                self._come_back(machine)
        self._rounds(6)
        self._welcome()
        self.now = max(self.now, self.latest) + timedelta(hours=1)
        self.say("all expiries are past")
        self._rounds(12)
        self._welcome()
        self._last_words()
        self._rounds(8)
        for member, _ in self.honest():
            self.watch(member)

    def _last_words(self) -> None:
        """Whoever may says something more, to whoever reads there by now."""
        for member, node in list(self.nodes()):
            if "council" in node.organs() and self.rng.random() < 0.4:
                try:
                    act = node.say("council", Alert("Thaw", "All is well.", "minor"))
                except (UsageError, ActError) as no:
                    self.say(f"{member} would have a last word: {no.what}")
                else:
                    self._said(self.machines[member], node, act)

    def _welcome(self) -> bool:
        """Whoever was admitted gets a bundle from a member, as it would by hand."""
        gale = self._node(NEWCOMER)
        for member, node in self.honest():
            if gale is None or NEWCOMER not in node.readers().get(COALITION, ()):
                continue
            if member == NEWCOMER:
                return False
            for data in export(node, NEWCOMER):
                take_in(gale, data)
                self.count["bundle"] += 1
            self.say(f"{member} gives {NEWCOMER} a bundle")
            return True
        return False

    def _rounds(self, most: int) -> None:
        """Let everybody work until nothing moves and all readers have the same; or so long."""
        quiet = 0
        for _ in range(most):
            self.network.step += 1
            self.now += timedelta(seconds=31)
            before = self._sizes()
            self._work(everybody=True)
            self._deliver(rounds=50)
            quiet = quiet + 1 if self._sizes() == before else 0
            if quiet == 3 or (quiet == 2 and self._alike()):
                return

    def _alike(self) -> bool:
        """Tell whether all honest readers of each organ have the same ends of all chains."""
        ends: dict[str, set] = {}
        for _, node in self.honest():
            for organ in node.organs():
                ends.setdefault(organ, set()).add(node.record.heads(organ=organ))
        return all(len(found) == 1 for found in ends.values())

    def _sizes(self) -> tuple[tuple[int, str | None], ...]:
        return tuple((node.record.arrived, node.record.held_back) for _, node in self.nodes())


def letters_to(peers, data: bytes) -> list[Letter]:
    return [Letter(peer, data) for peer in peers]


__all__ = ["Record", "World"]
