"""Print each family: how many of its histories are contradicted with the mend and without it.

python -m tests.property.breaks
"""

from __future__ import annotations

from tests.property.breaks import families as of
from tests.property.test_record_laws import OneLess, OneLessRefutes


def table():
    """Yield a name, and two pairs of wrong and total: with the mend, and without."""
    yield "rosters pinned / taken at expiry", of.rosters(pinned=True), of.rosters(pinned=False)
    extended = of.extensions(lever=False)
    yield "extending in the count / a lever", extended, of.extensions(lever=True)
    yield "withdrawing in the count / a lever", *(of.withdrawals(lever=w) for w in (False, True))
    mended = of.words(4, 1, 0)
    yield "w closings to establish / w - 1", mended, of.words(4, 1, 0, kind=OneLess)
    yield "N - n to refute / one less", mended, of.words(4, 1, 0, kind=OneLessRefutes)
    with of.removed("_last_word", of.the_first_established):
        plain = of.words(4, 1, 0)
    yield "successors and rivals refuted / not looked at", mended, plain
    with of.removed("_last_word", of.nothing_unnamed):
        plain = of.words(4, 1, 0)
    yield "what nobody named refuted too / not", mended, plain
    mended = of.words(4, 1, 0, stances_too=True)
    with of.removed("_known", of.any_entry_is_heard):
        plain = of.words(4, 1, 0, stances_too=True)
    yield "entries not at hand say nothing / say silence", mended, plain
    mended = of.words(4, 1, 1)
    undone = of.undone(4, 1, 1), of.undone(4, 1, 1, of.one_closing_each)
    yield "all closings of a member / the first: undone", *undone
    yield "no proxies / one proxy", mended, of.words(4, 1, 1, kept=of.with_proxy)
    for rule in of.UNEVEN:
        name = f"completions / two ends: {rule}"
        yield name, *(of.completions(rule, mended=m) for m in (True, False))


if __name__ == "__main__":
    for name, mended, plain in table():
        print(f"{name:52} {mended[0]:4} of {mended[1]:4}   {plain[0]:4} of {plain[1]:4}")
