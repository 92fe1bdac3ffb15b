"""When things happen at the sample partner, in seconds since the start. Pure arithmetic.

The story goes in rounds of six steps. One article comes out at the end of each step, the sources
taking turns; at the second step of a round the RSS source corrects an article, during the fourth
it fails once, and at the fourth step the Atom source withdraws one. The opening rounds are quick,
so that everything is seen within two minutes and once more with other articles; later ones are
slow, so that a demo left running does not drown its reader.
"""

from __future__ import annotations

STEPS = 6
OPENING_ROUNDS = 2
QUICK_STEP = 20
SLOW_STEP = 600

CORRECTED_AT = 2
FAILING_FROM = 3
FAILING_UNTIL = 4
WITHDRAWN_AT = 4
# An article is changed only after it has stood for this many steps, so that readers had time to see it.
SETTLED_AFTER = 1.5


def step_of(number: int) -> int:
    """Return the length of one step of the round with this number (from 0)."""
    return QUICK_STEP if number < OPENING_ROUNDS else SLOW_STEP


def start_of(number: int) -> int:
    """Return when a round starts."""
    quick = min(number, OPENING_ROUNDS)
    return STEPS * (quick * QUICK_STEP + (number - quick) * SLOW_STEP)


def round_at(elapsed: float) -> int:
    """Return the round that is going on; 0 also before the start."""
    opening = start_of(OPENING_ROUNDS)
    if elapsed < opening:
        return max(0, int(elapsed // (STEPS * QUICK_STEP)))
    return OPENING_ROUNDS + int((elapsed - opening) // (STEPS * SLOW_STEP))


def released(elapsed: float) -> int:
    """Return how many articles have come out since the start."""
    number = round_at(elapsed)
    return STEPS * number + max(0, int((elapsed - start_of(number)) // step_of(number)))


def released_at(index: int) -> int:
    """Return when the article with this index (from 0, over all sources) comes out."""
    number, place = divmod(index, STEPS)
    return start_of(number) + (place + 1) * step_of(number)


def failure_at(elapsed: float) -> int | None:
    """Return the number of the failure that is due now, one for each round; None when all is well."""
    number = round_at(elapsed)
    into = (elapsed - start_of(number)) / step_of(number)
    return number if FAILING_FROM <= into < FAILING_UNTIL else None
