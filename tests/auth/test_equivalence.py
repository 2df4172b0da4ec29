"""Cedar, the table made from it, and rules written by hand say the same: every field, every action, every caller.

``TONGCHA_EXHAUSTIVE=1`` asks Cedar itself about every caller too: over a million decisions, in minutes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence

import cedarpy

from auth.cedar import Rules
from auth.classes import Action, DataClass
from auth.facts import FactKind, Facts
from auth.groups import Groups, parse_groups
from auth.policy import SHIPPED, PolicySet, read_texts
from auth.purpose import PROOFS, Standing
from gateway.facts import facts_of, shipped
from resolvers.schema import catalog
from tests.auth.rulebook import STRICTER, caller_of, evaluate
from tests.auth.rulebook_standings import CANONICAL, FINANCE, POLICE, every_standing

EXHAUSTIVE = bool(os.environ.get("TONGCHA_EXHAUSTIVE"))
FACTS = tuple(facts_of(catalog))
TEXTS = read_texts(SHIPPED)
Place = tuple[str, DataClass]


def places() -> Mapping[Place, Sequence[Facts]]:
    """The facts of each coordinate in each class that it is asked about in."""
    found: dict[Place, list[Facts]] = {}
    for fact in FACTS:
        found.setdefault((fact.coordinate, fact.data_class), []).append(fact)
    return found


def tell(what: str, count: int, started: float) -> None:
    print(f"\n{what}: {count:,} decisions in {time.monotonic() - started:.1f} s, no disagreement")  # noqa: T201


def test_the_table_and_the_rules_by_hand_agree() -> None:
    started, count = time.monotonic(), 0
    policies: PolicySet = shipped(FACTS)
    known = places()
    by_hand: dict[object, dict[tuple[Place, Action], str]] = {}
    for standing in every_standing((0, 1, 2, 3) if EXHAUSTIVE else (1, 2)):
        caller = caller_of(standing)
        if caller not in by_hand:
            by_hand[caller] = {
                (place, action): evaluate(caller, facts, action) for place, facts in known.items() for action in Action
            }
        for (place, action), outcome in by_hand[caller].items():
            decision = policies.decide(standing, *place, action)
            assert decision.outcome.value == outcome, (standing, place, action, decision)
            count += 1
    tell("table and rules by hand", count, started)


def test_cedar_and_the_rules_by_hand_agree() -> None:
    started, count = time.monotonic(), 0
    standings = list(every_standing()) if EXHAUSTIVE else [*CANONICAL.values(), FINANCE, POLICE]
    known = places()
    asked = Cedar(parse_groups(TEXTS["groups.toml"]), standings, known)
    for number, standing in enumerate(standings):
        outcomes = asked.outcomes(number)
        caller = caller_of(standing)
        for place, facts in known.items():
            for action in Action:
                assert outcomes[place, action] == evaluate(caller, facts, action), (standing, place, action)
                count += 1
    tell("Cedar and rules by hand", count, started)


class Cedar:
    """The policies as they are written, all of them, asked about every column of every field by its own name."""

    def __init__(self, groups: Groups, standings: Sequence[Standing], known: Mapping[Place, Sequence[Facts]]) -> None:
        policies = {name: text for name, text in TEXTS.items() if name != "groups.toml"}
        self.schema = Rules(policies, groups).schema
        self.policies = cedarpy.PolicySet.from_str("\n".join(policies.values()))
        self.known = known
        self.names: dict[tuple[Facts, str], str] = {}
        entities = [self.caller(f"{number}", standing) for number, standing in enumerate(standings)]
        for fact in FACTS:
            for column in sorted(fact.columns) or [""]:
                if (fact, column) not in self.names:
                    self.names[fact, column] = f"{fact.coordinate} {column} {len(self.names)}"
                    entities.append(self.resource(self.names[fact, column], fact, column, groups))
        self.entities = cedarpy.Entities.from_json_str(json.dumps(entities), self.schema)

    def caller(self, name: str, standing: Standing) -> dict[str, object]:
        parents = [{"type": "Kind", "id": standing.kind.value}]
        if standing.granted and standing.purpose and (standing.kind, standing.purpose) in PROOFS:
            parents.append({"type": "Purpose", "id": standing.purpose.value})
        attributes = {"assurance": standing.assurance, "own": standing.own, "fullNames": standing.full_names}
        return {"uid": {"type": "Caller", "id": name}, "attrs": attributes, "parents": parents}

    def resource(self, name: str, fact: Facts, column: str, groups: Groups) -> dict[str, object]:
        link = fact.kind is FactKind.LINK
        sets = groups.links if link else groups.columns
        parents = [{"type": "Class", "id": fact.data_class.value}]
        parents += [
            {"type": "Door" if link else "Group", "id": group} for group in sets if column in sets[group].members
        ]
        attributes = {"database": fact.database}
        if fact.mask is not None and not link:
            attributes["mask"] = fact.mask
        return {"uid": {"type": "Link" if link else "Field", "id": name}, "attrs": attributes, "parents": parents}

    def outcomes(self, number: int) -> dict[tuple[Place, Action], str]:
        """What Cedar says to one caller of every place, put together as the words of the design have it."""
        questions = [*self.questions()]
        requests = [
            {
                "principal": {"type": "Caller", "id": f"{number}"},
                "action": {"type": "Action", "id": action},
                "resource": {"type": "Link" if fact.kind is FactKind.LINK else "Field", "id": self.names[fact, column]},
            }
            for fact, column, action in questions
        ]
        results = cedarpy.is_authorized_batch(requests, self.policies, self.entities, schema=self.schema)
        assert not any(result.diagnostics.errors for result in results)
        allowed = {
            question: result.decision is cedarpy.Decision.Allow
            for question, result in zip(questions, results, strict=True)
        }
        return {
            (place, action): put_together(facts, action, allowed)
            for place, facts in self.known.items()
            for action in Action
        }

    def questions(self) -> Iterator[tuple[Facts, str, str]]:
        for fact, column in self.names:
            yield fact, column, "know"
            if fact.kind is FactKind.LINK:
                yield fact, column, "follow"
            elif fact.kind is FactKind.KEY:
                yield fact, column, "filter"
            else:
                yield fact, column, "readMasked"
                yield from ((fact, column, action.value) for action in Action)


def put_together(facts: Sequence[Facts], action: Action, allowed: Mapping[tuple[Facts, str, str], bool]) -> str:
    outcomes = ["withheld"] if all(fact.kind in (FactKind.LINK, FactKind.KEY) for fact in facts) else []
    if action is Action.READ:
        outcomes = []
    for fact in facts:
        for column in sorted(fact.columns) or [""]:
            if not allowed[fact, column, "know"]:
                outcomes.append("absent")
            elif fact.kind in (FactKind.LINK, FactKind.KEY):
                name = "follow" if fact.kind is FactKind.LINK else "filter"
                if action is Action.READ:
                    outcomes.append("clear" if allowed[fact, column, name] else "withheld")
            elif allowed[fact, column, action.value]:
                outcomes.append("clear")
            elif action is Action.READ and allowed[fact, column, "readMasked"]:
                outcomes.append("masked")
            else:
                outcomes.append("withheld")
    return max(outcomes, key=STRICTER.index)
