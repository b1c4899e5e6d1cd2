"""Chance of an exercise: streams of bytes, each grown from the seed and from its own names."""

from __future__ import annotations

from hashlib import sha256


class Stream:
    """Bytes that look like chance and are the same in every run with these names.

    Whoever knows the seed knows them all: nothing that must stay secret is drawn here.

    Examples
    --------
    >>> one, again = Stream(7, "salts", "DNK"), Stream(7, "salts", "DNK")
    >>> one(4) == again(4), one(4) == again(32)[:4]
    (True, True)
    >>> Stream(7, "salts", "NOR")(4) == Stream(7, "salts", "DNK")(4)
    False
    """

    def __init__(self, *names: str | int) -> None:
        spelled = "\0".join(f"{len(str(name))}:{name}" for name in names)
        self._key = sha256(b"comity exercise stream v1\0" + spelled.encode()).digest()
        self._drawn = 0

    def __call__(self, count: int) -> bytes:
        """Draw so many bytes; each call goes on in a new block."""
        blocks = bytearray()
        while len(blocks) < count:
            self._drawn += 1
            blocks += sha256(self._key + self._drawn.to_bytes(8, "big")).digest()
        return bytes(blocks[:count])


def of_founding(seed: int, number: int) -> Stream:
    """Return where a run's keys and its name come from; each run, each going back, has its own."""
    return Stream(seed, number, "founding")


def of_place(seed: int, number: int, place: tuple[str, str, int]) -> Stream:
    """Return where the salt of an act comes from, by organ, member and number.

    An attempt that is refused changes nothing of what is said later in other
    places. An epoch's key comes from the place of the act that tells of it,
    after its salt.
    """
    return Stream(seed, number, "place", *place)


def of_boxes(seed: int, number: int, member: str) -> Stream:
    """Return where a member's nonces and the key pairs of its boxes come from."""
    return Stream(seed, number, "boxes", member)
