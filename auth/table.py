"""From policies to tables: everything that can be asked is asked of Cedar once, when a set is loaded.

A decision can depend on class, database, mask and groups, not on a name: coordinates that are alike in these share a place in
the table. A coordinate that reads several columns is decided column by column, and the strictest outcome counts: so a derived
value is never more open than what it is derived from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from auth.cedar import Answer, Atom, Oracle, PolicyRefused, Rules
from auth.classes import Action, DataClass
from auth.decision import DEFAULT_DENY, FORBIDDEN, STEP_UP_NEEDS, STEP_UP_REQUIRED, Decision, Opens, Outcome
from auth.facts import FactKind, Facts, Profile, profiles
from auth.groups import Groups, GroupsInvalid, parse_groups

GROUPS = "groups.toml"

Part: TypeAlias = tuple[FactKind, Atom]
Row: TypeAlias = Mapping[Action, Decision]
Entry: TypeAlias = tuple[Decision, Opens]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """(coordinate, class) → place; profile → for each place, what is decided and what would open it."""

    places: Mapping[tuple[str, DataClass], int]
    by_profile: Mapping[Profile, Sequence[Mapping[Action, Entry]]]


def compile_tables(texts: Mapping[str, str], facts: Iterable[Facts]) -> tuple[tuple[str, ...], Tables]:
    """The ids of the policies in `texts` (file name → text), and the tables. Raises PolicyRefused."""
    try:
        groups = parse_groups(texts.get(GROUPS, ""))
    except GroupsInvalid as error:
        raise PolicyRefused([str(error)]) from None
    rules = Rules({name: text for name, text in texts.items() if name != GROUPS}, groups)
    places, shapes = _places(facts, groups, rules)
    parts = sorted({part for shape in shapes for part in shape}, key=_order)
    known = tuple(profiles())
    told_apart = sorted({rules.alike(profile) for profile in known}, key=str)
    oracle = Oracle(rules, told_apart, dict.fromkeys(atom for _, atom in parts))
    plain: dict[Profile, Sequence[Row]] = {}
    for profile in told_apart:
        rows = _ask(oracle, profile, parts)
        plain[profile] = [_strictest([rows[part] for part in shape]) for shape in shapes]
    made = {profile: [_entries(plain, profile, place) for place in range(len(shapes))] for profile in plain}
    return rules.ids, Tables(places=places, by_profile={profile: made[rules.alike(profile)] for profile in known})


def _order(part: Part) -> tuple[object, ...]:
    kind, atom = part
    return kind.value, atom.data_class.value, atom.database, atom.mask or "", sorted(atom.groups)


def _places(
    facts: Iterable[Facts], groups: Groups, rules: Rules
) -> tuple[Mapping[tuple[str, DataClass], int], Sequence[frozenset[Part]]]:
    """Where each coordinate is in the tables, and what each place is made of."""
    made: dict[tuple[str, DataClass], set[Part]] = {}
    for fact in facts:
        parts = ((fact.kind, rules.reduced(atom)) for atom in _atoms(fact, groups))
        made.setdefault((fact.coordinate, fact.data_class), set()).update(parts)
    shapes: dict[frozenset[Part], int] = {}
    places = {key: shapes.setdefault(frozenset(parts), len(shapes)) for key, parts in made.items()}
    return places, list(shapes)


def _atoms(fact: Facts, groups: Groups) -> Iterable[Atom]:
    """One for each column that is read, alike ones once; one without groups where none is."""
    link = fact.kind is FactKind.LINK
    grouped = groups.of_link if link else groups.of_column
    for names in {grouped(column) for column in fact.columns} or {frozenset[str]()}:
        yield Atom(data_class=fact.data_class, database=fact.database, groups=names, mask=fact.mask, link=link)


# --- asking --------------------------------------------------------------------------------------


class _Answers:
    """What Cedar says to one profile, each question asked once."""

    def __init__(self, oracle: Oracle, profile: Profile) -> None:
        self._oracle = oracle
        self._profile = profile
        self._found: dict[tuple[str, Atom], Answer] = {}

    def ask(self, action: str, atoms: Iterable[Atom]) -> None:
        new = [atom for atom in dict.fromkeys(atoms) if (action, atom) not in self._found]
        for atom, answer in zip(new, self._oracle.ask(self._profile, action, new), strict=True):
            self._found[action, atom] = answer

    def allowed(self, action: str, atom: Atom) -> bool:
        return self._found[action, atom].allowed

    def decision(self, action: str, atom: Atom, opened: Outcome = Outcome.CLEAR) -> Decision:
        answer = self._found[action, atom]
        policy = ", ".join(answer.policies) or DEFAULT_DENY
        if answer.allowed:
            return Decision(outcome=opened, policy=policy)
        outcome = Outcome.WITHHELD if self.allowed("know", atom) else Outcome.ABSENT
        return Decision(outcome=outcome, policy=policy, code=FORBIDDEN)


def _ask(oracle: Oracle, profile: Profile, parts: Sequence[Part]) -> Mapping[Part, Row]:
    """The decisions on every part, for one profile."""
    answers = _Answers(oracle, profile)
    values = [atom for kind, atom in parts if kind in (FactKind.COLUMN, FactKind.HIDDEN)]
    answers.ask("know", (atom for _, atom in parts))
    answers.ask("follow", (atom for kind, atom in parts if kind is FactKind.LINK))
    answers.ask(Action.FILTER.value, (atom for kind, atom in parts if kind is FactKind.KEY))
    for action in Action:
        answers.ask(action.value, values)
    answers.ask("readMasked", (atom for atom in values if not answers.allowed("read", atom)))
    return {part: _row(profile, part, answers) for part in parts}


def _row(profile: Profile, part: Part, answers: _Answers) -> Row:
    kind, atom = part
    if kind is FactKind.LINK:
        return {Action.READ: answers.decision("follow", atom)}
    if kind is FactKind.KEY:
        return {Action.READ: answers.decision(Action.FILTER.value, atom)}
    row = {action: answers.decision(action.value, atom) for action in Action}
    if not answers.allowed("read", atom) and answers.allowed("readMasked", atom):
        open_ = [action.value for action in Action if row[action].outcome is Outcome.CLEAR]
        row[Action.READ] = answers.decision("readMasked", atom, Outcome.MASKED)
        if open_:  # the value could be guessed by asking for it
            policy = row[Action.READ].policy
            raise PolicyRefused([f"{policy} masks for {profile} what others let it {' and '.join(open_)}"])
    return row


_STRICTNESS = {outcome: rank for rank, outcome in enumerate(Outcome)}


def _strictest(rows: Sequence[Row]) -> Row:
    """The decisions on what is made of several parts. Nothing is filtered, ordered or counted by a link."""
    found = {Action.READ: _max([row[Action.READ] for row in rows])}
    read = found[Action.READ]
    closed = Outcome.ABSENT if read.outcome is Outcome.ABSENT else Outcome.WITHHELD
    for action in Action:
        decisions = [row[action] for row in rows if action in row]
        none = Decision(outcome=closed, policy=DEFAULT_DENY, code=FORBIDDEN)
        found[action] = _max(decisions) if decisions else none
    return found


def _max(decisions: Sequence[Decision]) -> Decision:
    return max(decisions, key=lambda decision: (_STRICTNESS[decision.outcome], decision.policy))


def _entries(plain: Mapping[Profile, Sequence[Row]], profile: Profile, place: int) -> Mapping[Action, Entry]:
    """The decisions on one place, each with what would open it."""
    others = [other for other in plain if other.kind == profile.kind]
    stepped = [
        other
        for other in others
        if dataclasses.replace(other, assurance=profile.assurance) == profile and other.assurance > profile.assurance
    ]

    def entry(action: Action, decision: Decision) -> Entry:
        if decision.outcome.shown:
            return decision, Opens.IS_OPEN
        if any(plain[other][place][action].outcome.shown for other in stepped):
            code, needs = STEP_UP_REQUIRED, STEP_UP_NEEDS
            made = Decision(outcome=decision.outcome, policy=decision.policy, code=code, needs=needs)
            return made, Opens.BY_STEP_UP
        if any(plain[other][place][action].outcome.shown for other in others):
            return decision, Opens.BY_PURPOSE
        return decision, Opens.NEVER

    return {action: entry(action, decision) for action, decision in plain[profile][place].items()}
