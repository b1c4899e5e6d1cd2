"""Messages of the exchange: four kinds, each about one organ, each bounded.

spec/exchange.md is the authority.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from comity.core.acts import ActForm
from comity.core.beacons import MAX_CHAINS, Chains, Instant, Place
from comity.core.envelope import EnvelopeForm
from comity.core.founding import Code, Hash, Name
from comity.core.strict import instant, read_json, write_json
from comity.errors import ActError

MAX_MESSAGE = 1_048_576
MAX_ACTS = 256
MAX_BATCH = 786_432
MAX_RANGES = 64
MAX_IDS = 64

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    comity: Literal[1]
    coalition: Hash
    organ: Name


class Heads(_Message, frozen=True, tag="heads"):
    """Where the sender's chains end, and of when its latest beacons are."""

    chains: Chains
    beacons: Annotated[dict[Code, Instant], Meta(max_length=MAX_CHAINS)]


class BeaconTold(_Message, frozen=True, tag="beacon"):
    """A beacon, of the sender or of another."""

    beacon: EnvelopeForm


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some places of a member's chain, both ends included."""

    member: Code
    first: Place
    last: Place


class Request(_Message, frozen=True, tag="request"):
    """What the sender lacks: places of chains, and ids."""

    ask: Number
    ranges: Annotated[tuple[Range, ...], Meta(max_length=MAX_RANGES)]
    ids: Annotated[tuple[Hash, ...], Meta(max_length=MAX_IDS)]


class Acts(_Message, frozen=True, tag="acts", omit_defaults=True):
    """Some acts: an answer to the request of number `ask`, or without being asked.

    `cut` says that there is more than fits.
    """

    acts: Annotated[tuple[ActForm, ...], Meta(max_length=MAX_ACTS)]
    ask: Number | None = None
    cut: bool = False


Message: TypeAlias = Heads | BeaconTold | Request | Acts


def read_message(data: bytes, coalition: str) -> Message:
    """Read a message of a coalition; nothing in it is verified yet.

    Raises
    ------
    ActError
        With the first refusal in the order of spec/exchange.md 5.
    """
    message: Message = read_json(data, Message, limit=MAX_MESSAGE, what="the message")  # type: ignore[arg-type]
    if message.coalition != coalition:
        raise ActError(
            f"the message belongs to another coalition or run: {message.coalition[:16]}",
            hint=f"this one is {coalition[:16]}",
            refusal="another-coalition",
        )
    if isinstance(message, Heads):
        for text in message.beacons.values():
            instant(text, "the instant of a beacon")
    elif isinstance(message, Request):
        for asked in message.ranges:
            if asked.first > asked.last:
                raise ActError(
                    f"there are no places from {asked.first} to {asked.last}",
                    hint="name the lower first",
                    refusal="range",
                )
    return message


def write_acts(
    coalition: str,
    organ: str,
    written: Iterable[bytes],
    *,
    ask: int | None = None,
    cut: bool = False,
) -> bytes:
    """Write a message of acts that are written already."""
    whole = msgspec.to_builtins(Acts(1, coalition, organ, (), ask, cut))
    return write_json(whole | {"acts": [msgspec.Raw(one) for one in written]})


def batches(written: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Part acts that are written already into as many as one message may have."""
    batch: list[bytes] = []
    size = 0
    for one in written:
        if batch and (len(batch) == MAX_ACTS or size + len(one) > MAX_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one)
    if batch:
        yield batch
