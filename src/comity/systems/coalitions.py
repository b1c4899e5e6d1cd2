"""Who can carry a rule with nobody to spare, and who can stop it.

A minimal winning coalition is a path set, a minimal blocking coalition a cut set. There can be
millions, so they come as families ("any 18 of these 35"), smallest first, up to a limit; the
answer says whether it is whole. The work is bounded: a search that meets its bound says so.
"""

from __future__ import annotations

from comity.errors import UsageError
from comity.systems.counting import Counts
from comity.systems.families import Coalitions, Family, Groups
from comity.systems.game import Game, dual
from comity.systems.grouping import GRID, grid_size
from comity.systems.power import count
from comity.systems.reduction import Reduced, reduce
from comity.systems.weights import single_quota

WORK = 200_000
QUICK = 24  # free players up to which counting all coalitions is a matter of a moment
ROOM = 50_000_000


def minimal_winning(game: Game, *, limit: int = 1000, work: int = WORK) -> Coalitions:
    """List the coalitions that win and would lose with any one member fewer.

    Parameters
    ----------
    game
        Players and rule.
    limit
        Families to list at most.
    work
        Steps of the search at most, where the game is too large to look at as a whole.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> league = Game(("Arden", "Brill", "Corve"), Threshold((3, 1, 1), 4))
    >>> found = minimal_winning(league)
    >>> print(found.families[0], found.count, found.complete)
    Arden and any 1 of Brill, Corve 2 True
    """
    return _minimal(game, limit, work, smallest_only=False)


def minimal_blocking(game: Game, *, limit: int = 1000, work: int = WORK) -> Coalitions:
    """List the coalitions without which the rule cannot be met, with nobody to spare.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> league = Game(("Arden", "Brill", "Corve"), Threshold((3, 1, 1), 4))
    >>> [str(family) for family in minimal_blocking(league).families]
    ['Arden', 'Brill, Corve']
    """
    return _minimal(dual(game), limit, work, smallest_only=False)


def smallest_blocking(game: Game, *, limit: int = 1000, work: int = WORK) -> Coalitions:
    """List the blocking coalitions with the fewest members, and only those.

    Examples
    --------
    >>> from comity.systems.game import at_least
    >>> council = Game(tuple("ABCDEFGHIJ"), at_least(10, 7))
    >>> found = smallest_blocking(council)
    >>> found.smallest, found.count, str(found.families[0])
    (4, 210, 'any 4 of A, B, C, D, E, F, G, H, I, J')
    """
    return _minimal(dual(game), limit, work, smallest_only=True)


def vetoers(game: Game) -> tuple[str, ...]:
    """Return the players without whom nothing passes.

    Of a rule that can never be met, that is nobody.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> vetoers(Game(("Arden", "Brill", "Corve"), Threshold((3, 1, 1), 4)))
    ('Arden',)
    """
    return tuple(game.players[i] for i in reduce(game).vetoers)


def dictator(game: Game) -> str | None:
    """Return the player who alone carries and alone stops everything, if there is one."""
    found = [p for p in vetoers(game) if game.wins({p})]
    return found[0] if found and not game.wins(()) else None


def dummies(game: Game) -> tuple[str, ...]:
    """Return the players who never make a difference.

    Raises
    ------
    UsageError
        If the game is too large to be sure.

    Examples
    --------
    >>> from comity.systems.game import Threshold
    >>> dummies(Game(("Arden", "Brill", "Corve"), Threshold((4, 4, 1), 8)))
    ('Corve',)
    """
    reduced = reduce(game)
    quota = single_quota(reduced)
    weights = [min(int(w), quota or 0) for row in reduced.vectors[:1] for w in row]
    if quota is not None and sum(weights) <= ROOM:
        heaviest = _heaviest_dummy(weights, quota)
        idle = {i for i, w in zip(reduced.free, weights) if w <= heaviest} | {*reduced.idle}
        return tuple(p for i, p in enumerate(game.players) if i in idle)
    try:
        found = count(game)
    except UsageError:
        raise UsageError(
            "this game is too large to be sure who never makes a difference",
            hint="group members, or look at power(), whose error is stated",
        ) from None
    return tuple(p for p, swings in zip(game.players, found.swings()) if swings == 0)


def _heaviest_dummy(weights: list[int], quota: int) -> int:
    """Return the greatest weight with which a player never makes a difference, or 0.

    Under one threshold whoever weighs less than a dummy is one too.
    """
    kinds = sorted(set(weights))
    low, high = 0, len(kinds)
    while low < high:
        middle = (low + high) // 2
        others = weights.copy()
        others.remove(kinds[middle])
        reached = 1  # bit t: some of the others weigh t together
        for w in others:
            reached |= reached << w
        window = reached >> max(quota - kinds[middle], 0)
        if window & ((1 << min(kinds[middle], quota)) - 1):
            high = middle
        else:
            low = middle + 1
    return kinds[low - 1] if low else 0


def _minimal(game: Game, limit: int, work: int, *, smallest_only: bool) -> Coalitions:
    reduced = reduce(game)
    always = tuple(game.players[i] for i in reduced.vetoers)
    must = ((len(always), always),) if always else ()
    if reduced.node is False:
        return Coalitions((), 0, True, True, None, len(game.players) + 1)
    if reduced.node is True:
        return Coalitions((Family(must),), 1, True, True, len(always), len(always))
    groups = Groups(game, reduced, must)
    if grid_size(reduced) <= GRID:
        return groups.look(limit, smallest_only=smallest_only)
    return groups.search(limit, work, _exact_counts(game, reduced), smallest_only=smallest_only)


def _exact_counts(game: Game, reduced: Reduced) -> Counts | None:
    try:
        if len(reduced.free) > QUICK:
            for method in ("types", "halves"):
                try:
                    return count(game, method=method)
                except UsageError:
                    continue
            return None
        return count(game)
    except UsageError:
        return None
