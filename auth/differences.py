"""What changes for whom between two sets of policies over the same facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auth.classes import Action
from auth.decision import Outcome
from auth.facts import Profile, profiles
from auth.policy import PolicySet

_ORDER = tuple(Outcome)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One action on one coordinate that comes out otherwise for some profiles."""

    coordinate: str
    action: Action
    before: Outcome
    after: Outcome
    profiles: tuple[Profile, ...]

    @property
    def gains(self) -> bool:
        """Whether these callers see or may do more than before."""
        return _ORDER.index(self.after) < _ORDER.index(self.before)


def differences(old: PolicySet, new: PolicySet) -> Iterator[Difference]:
    """Every difference, in the order of the facts. Raises ValueError when the sets are not over the same facts."""
    if old.facts != new.facts:
        raise ValueError("the sets are over different facts")
    places = {(fact.coordinate, fact.data_class): fact for fact in old.facts}
    for fact in places.values():
        for action in Action:
            changed: dict[tuple[Outcome, Outcome], list[Profile]] = {}
            for profile in profiles():
                pair = old.outcome(profile, fact, action), new.outcome(profile, fact, action)
                if pair[0] is not pair[1]:
                    changed.setdefault(pair, []).append(profile)
            for (before, after), whom in changed.items():
                yield Difference(
                    coordinate=fact.coordinate, action=action, before=before, after=after, profiles=tuple(whom)
                )
