"""The policies in Cedar: parsed, validated against a schema made from the facts, and asked. Nothing else speaks to cedarpy.

    PolicyRefused      the set cannot be used, with every reason; whoever has an older one keeps it

Cedar skips a ``forbid`` that errors, and then allows. So: the schema goes with every request, only Allow allows, and a single
diagnostic out of the thousands of questions of a load refuses the whole set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cedarpy

from auth.classes import DataClass
from auth.facts import ASSURANCES, Profile
from auth.groups import Groups
from auth.viewer import CallerKind, Purpose

BATCH = 50
"""Questions that Cedar answers at one go: some 2 ms in which no other thread of Python runs."""

POLICY_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

ACTIONS: Mapping[str, frozenset[str]] = {
    **{name: frozenset({name, "clear", "use"}) for name in ("read", "filter", "order", "search")},
    **{name: frozenset({name, "use"}) for name in ("readMasked", "aggregate", "change")},
    **{name: frozenset({name}) for name in ("follow", "know")},
}
"""Each action with the groups of actions that it is in."""

_SCHEMA = """
{enumerations}
entity Caller in [Kind, Purpose] {{ assurance: Long, own: Bool, fullNames: Bool }};
entity Field in [Class, Group] {{ database: String, mask?: String }};
entity Link in [Class, Door] {{ database: String }};
action use;
action clear in [use];
action read, filter, order, search in [clear] appliesTo {{ principal: Caller, resource: Field }};
action readMasked, aggregate, change in [use] appliesTo {{ principal: Caller, resource: Field }};
action follow appliesTo {{ principal: Caller, resource: Link }};
action know appliesTo {{ principal: Caller, resource: [Field, Link] }};
"""

_SINGLE = re.compile(r'"type": "(Caller|Field|Link)"')
_MASK_READ = re.compile(r'\.\s*mask\b|\[\s*"mask"\s*\]')


class PolicyRefused(Exception):
    """A set of policies that cannot be used. `reasons` are for whoever wrote it: files, policies, what is wrong."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


@dataclass(frozen=True, kw_only=True)
class Atom:
    """What one decision of Cedar can depend on: a column or one end of a link, without its name."""

    data_class: DataClass
    database: str
    groups: frozenset[str]
    mask: str | None = None
    link: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Cedar says to one question, and the ids of the policies that made it say so (none: nothing permits)."""

    allowed: bool
    policies: tuple[str, ...]


class Rules:
    """A validated set of policies: `texts` are the files by name. Raises PolicyRefused."""

    def __init__(self, texts: Mapping[str, str], groups: Groups) -> None:
        for name in sorted(texts):
            _check_file(name, texts[name])
        text = "\n".join(texts[name] for name in sorted(texts))
        self._policies = _by_id(text)
        self.ids = tuple(self._policies)
        self.schema = _schema(groups)
        _validate(text, self.schema, self.ids)
        self._words = {kind.value: self._words_of(kind.value) for kind in CallerKind}
        self._any_database = all('"database"' not in words for words in self._words.values())
        self._any_mask = _MASK_READ.search(text) is None

    def _words_of(self, kind: str) -> str:
        return json.dumps([policy for policy in self._policies.values() if _about_kind(policy, kind)])

    def alike(self, profile: Profile) -> Profile:
        """The profile that no policy tells from this one: what none mentions does not count."""
        words = self._words[profile.kind]
        return Profile(
            kind=profile.kind,
            purpose=profile.purpose if f'"{profile.purpose}"' in words else None,
            assurance=profile.assurance if '"assurance"' in words else ASSURANCES[0],
            own=profile.own and '"own"' in words,
            full_names=profile.full_names and '"fullNames"' in words,
        )

    def reduced(self, atom: Atom) -> Atom:
        """The atom that no policy tells from this one."""
        return replace(
            atom,
            database="" if self._any_database else atom.database,
            mask="any" if self._any_mask and atom.mask is not None else atom.mask,
        )

    def subset(self, kind: str, action: str) -> cedarpy.PolicySet:
        """The policies whose scope does not leave out this kind of caller or this action: the others cannot count."""
        policies = {
            id_: policy
            for id_, policy in self._policies.items()
            if _about_kind(policy, kind) and _about_action(policy, action)
        }
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
        )


class Oracle:
    """Policies together with the callers and fields that they are asked about."""

    def __init__(self, rules: Rules, profiles: Iterable[Profile], atoms: Iterable[Atom]) -> None:
        """Raises PolicyRefused."""
        self._rules = rules
        self._profiles = {profile: f"{index}" for index, profile in enumerate(profiles)}
        self._atoms = {atom: f"{index}" for index, atom in enumerate(atoms)}
        self._subsets: dict[tuple[str, str], cedarpy.PolicySet] = {}
        entities = [_caller(profile, name) for profile, name in self._profiles.items()]
        entities += [_resource(atom, name) for atom, name in self._atoms.items()]
        try:
            self._entities = cedarpy.Entities.from_json_str(json.dumps(entities), rules.schema)
        except ValueError as error:
            raise PolicyRefused([f"entities: {error}"]) from None

    def ask(self, profile: Profile, action: str, atoms: Sequence[Atom]) -> list[Answer]:
        """What the profile may do with each atom. Raises PolicyRefused on any diagnostic."""
        known = (profile.kind, action)
        if known not in self._subsets:
            self._subsets[known] = self._rules.subset(*known)
        principal = {"type": "Caller", "id": self._profiles[profile]}
        requests = [
            {
                "principal": principal,
                "action": {"type": "Action", "id": action},
                "resource": {"type": "Link" if atom.link else "Field", "id": self._atoms[atom]},
            }
            for atom in atoms
        ]
        answers: list[Answer] = []
        for start in range(0, len(requests), BATCH):
            batch = requests[start : start + BATCH]
            answers += map(
                answer_of,
                cedarpy.is_authorized_batch(batch, self._subsets[known], self._entities, schema=self._rules.schema),
            )
        return answers


def answer_of(result: cedarpy.AuthzResult) -> Answer:
    """What a result of Cedar means. Raises PolicyRefused when it has any diagnostic, or is no decision."""
    errors = result.diagnostics.errors
    if errors or result.decision is cedarpy.Decision.NoDecision:
        raise PolicyRefused(sorted(set(errors)) or ["Cedar gave no decision"])
    named = result.diagnostics.id_annotations_by_reason
    return Answer(
        allowed=result.decision is cedarpy.Decision.Allow,
        policies=tuple(sorted(named.get(reason, reason) for reason in result.diagnostics.reasons)),
    )


# --- reading policies ----------------------------------------------------------------------------


def _check_file(name: str, text: str) -> None:
    """Policies, and no templates: those would permit what a link says, which is in no file."""
    try:
        found = cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        raise PolicyRefused([f"{name}: {error}"]) from None
    if found.templates():
        raise PolicyRefused([f"{name}: templates are not used"])


def _by_id(text: str) -> Mapping[str, Mapping[str, Any]]:
    """The policies as data by their ``@id``, in order. Each has one, no two the same, and none names a single caller."""
    found = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    if not found:
        raise PolicyRefused(["there are no policies"])
    policies = [found[f"policy{index}"] for index in range(len(found))]
    ids = [str(policy.get("annotations", {}).get("id")) for policy in policies]
    reasons = [f"policy {index + 1} has no proper @id" for index, id_ in enumerate(ids) if not POLICY_ID.fullmatch(id_)]
    reasons += [f"@id {id_} is there twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    reasons += [
        f"{id_} names a single caller or field"
        for id_, policy in zip(ids, policies, strict=True)
        if _SINGLE.search(json.dumps(policy))
    ]
    if reasons:
        raise PolicyRefused(reasons)
    return dict(zip(ids, policies, strict=True))


def _about_kind(policy: Mapping[str, Any], kind: str) -> bool:
    """Whether the scope leaves room for callers of this kind."""
    scope = policy["principal"]
    named = scope.get("entity", {})
    return not (scope["op"] == "in" and named.get("type") == "Kind") or named["id"] == kind


def _about_action(policy: Mapping[str, Any], action: str) -> bool:
    """Whether the scope leaves room for this action."""
    scope = policy["action"]
    if scope["op"] not in ("==", "in"):
        return True
    named = scope.get("entities") or [scope["entity"]]
    return any(entity["id"] in ACTIONS[action] for entity in named)


def _schema(groups: Groups) -> cedarpy.Schema:
    """The words that policies may use. Kinds, purposes, classes and groups are closed lists: a misspelt one is refused."""
    lists = {
        "Kind": [kind.value for kind in CallerKind],
        "Purpose": [purpose.value for purpose in Purpose],
        "Class": [data_class.value for data_class in DataClass],
        "Group": sorted(groups.columns),
        "Door": sorted(groups.links),
    }
    enumerations = "\n".join(
        f"entity {name} enum {json.dumps(values)};" if values else f"entity {name};" for name, values in lists.items()
    )
    return cedarpy.Schema.from_str(_SCHEMA.format(enumerations=enumerations))


def _validate(text: str, schema: cedarpy.Schema, ids: Sequence[str]) -> None:
    result = cedarpy.validate_policies(text, schema)
    if not result.validation_passed:
        names = {f"policy{index}": id_ for index, id_ in enumerate(ids)}
        raise PolicyRefused(f"{names.get(error.policy_id, error.policy_id)}: {error.error}" for error in result.errors)


# --- entities ------------------------------------------------------------------------------------


def _entity(
    type_: str, name: str, attributes: Mapping[str, Any], parents: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    return {
        "uid": {"type": type_, "id": name},
        "attrs": attributes,
        "parents": [{"type": parent, "id": value} for parent, values in parents.items() for value in sorted(values)],
    }


def _caller(profile: Profile, name: str) -> dict[str, Any]:
    purposes = [profile.purpose] if profile.purpose else []
    attributes = {"assurance": profile.assurance, "own": profile.own, "fullNames": profile.full_names}
    return _entity("Caller", name, attributes, {"Kind": [profile.kind], "Purpose": purposes})


def _resource(atom: Atom, name: str) -> dict[str, Any]:
    classes = [atom.data_class.value]
    attributes = {"database": atom.database}
    if atom.link:
        return _entity("Link", name, attributes, {"Class": classes, "Door": atom.groups})
    if atom.mask is not None:
        attributes["mask"] = atom.mask
    return _entity("Field", name, attributes, {"Class": classes, "Group": atom.groups})
