"""Another world for the same eyes: rows that differ from others only in what a caller may not see."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint

from datasources.city.personas import Operations
from datasources.references import parse_reference
from tests.gateway.ownership import BESIDE, GUARDED, KEEPS
from tests.gateway.sight import OF_PUBLISHED, PARTS, SHOWN_OF_PUBLISHED, Sight
from tests.gateway.village import TABLES, Row, Rows

RECORDS = (
    "pop.person", "ent.entity", "rea.unit", "veh.vehicle", "lic.certificate", "cas.case", "cas.disclosure", "cas.payment",
    "cas.party", "rea.right", "ent.entity_person", "veh.ownership",
)  # fmt: skip
"""Tables whose rows can be hidden, parents before what hangs on them."""

MARKED = 0.12
"""Part of the rows of a table that a village gets marked: sealed, under fourteen, protected."""
DROPPED, COPIED, CHANGED = 0.25, 0.08, 0.5
"""Parts of the hidden rows that a world leaves out, of the others that it has a hidden copy of, and of the values that it
has otherwise."""

WHO_ASKS = frozenset({"pop.person", "ent.entity"})
"""What says who a citizen is and for whom they speak: in both worlds they are the same."""
OURS = frozenset(parse_reference(text)[1] for text in (Operations.party_ref, Operations.firm_ref))

OF_PERSONS = ("cas.party", "rea.right", "ent.entity_person", "veh.ownership")
"""Tables whose rows name a person and are no records: nothing but the person's mark hides them."""
LIFTED_MARK: Mapping[str, Row] = {"pop.person": {"protection_flag": 1}} | {
    table: {"subject_mark": 2} for table in (*OF_PERSONS, "lic.certificate")
}
"""What hides a row from those who see sealed records and minors."""
UNNAMED: Mapping[str, tuple[str, int, tuple[str, ...]]] = {
    "ent.entity": ("legal_rep_mark", 2, ("legal_rep_name", "legal_rep_mobile", "contact_name", "contact_phone")),
    "cas.party": ("legal_rep_mark", 2, ("legal_rep_name", "legal_rep_id_no")),
    "cas.payment": ("payer_mark", 1, ("payer_name",)),
}
"""Columns that are shown of no row with such a mark: table → (mark, from which value, columns)."""
CENTURY = datetime.timedelta(days=36_525)
ABROAD = {"org_id": UUID(int=9), "division_code": "440501001000"}
"""A case of nobody here."""


def marked(rows: Rows, dice: random.Random) -> Rows:
    """The rows with some of them sealed, of minors, or protected."""
    made = dict(rows)
    for table in RECORDS:
        if table != "cas.disclosure":
            marks: list[Row] = [] if table in OF_PERSONS else [{"sealed": True}]
            if table == "pop.person":
                marks += [{"is_minor_14": True}, {"protection_flag": 1}]
            if table == "cas.case":
                marks.append({"secret_flag": True})
            if "subject_mark" in TABLES[table].c:
                marks += [{"subject_mark": 1}, {"subject_mark": 2}]
            if table in UNNAMED:
                marks += [{UNNAMED[table][0]: 1}, {UNNAMED[table][0]: 2}]
            made[table] = [
                {**row, **dice.choice(marks)} if dice.random() < MARKED and not _is_ours(row) else row
                for row in rows[table]
            ]
    return made


def _is_ours(row: Row) -> bool:
    """The case whose task the officer states, and the citizen and the enterprise who ask about themselves."""
    case_no, keys = row.get("case_no"), (row.get("person_id"), row.get("entity_id"))
    return case_no == Operations.case_no or any(key in OURS for key in keys)


def varied(sight: Sight, dice: random.Random) -> Rows:
    """A world that the caller of `sight` cannot tell from the one of its rows."""
    return _World(sight, dice).varied()


class _World:
    def __init__(self, sight: Sight, dice: random.Random) -> None:
        self.sight = sight
        self.dice = dice
        self.old = sight.rows
        self.rows = dict(sight.rows)
        self.system = dice.choice(sight.rows["gw.source_batch"])["source_system"]

    def varied(self) -> Rows:
        for table in RECORDS:
            self._records(table)
        for table in OF_THIRDS:
            self._thirds(table)
        for table, (mark, least, unnamed) in UNNAMED.items():
            self._unnamed(table, mark, least, unnamed)
        if self.sight.own is not None:
            self._of_others()
        for table, columns in self.sight.withheld.items():
            self._columns(table, columns)
        for table, columns in self.sight.masked.items():
            self._masked(table, columns)
        return self.rows

    # --- rows ------------------------------------------------------------------------------------

    def _records(self, table: str) -> None:
        kept: list[Row] = []
        gone: set[Any] = set()
        hidden: set[Any] = set()
        key = _key(table)
        for row in self.rows[table]:
            if self.sight.own is not None and table in WHO_ASKS and _is_ours(row):
                kept.append(
                    row
                )  # who speaks for an enterprise does not see their own records, and knows that they live
                continue
            if not self.sight.hides(table, row):
                kept.append(row)
                if self.dice.random() < COPIED and (copy := self._copy(table, row)) is not None:
                    kept.append(copy)
                continue
            listed = table == "cas.case" and self.sight.lists(row)
            if not listed and self.dice.random() < DROPPED:
                gone.add(_key_of(row, key))
                continue
            kept.append(self._changed(table, row, OF_PUBLISHED if listed else frozenset()))
            hidden.add((_key_of(row, key), listed))
        self.rows[table] = kept
        for part, column in PARTS.get(table, ()):
            self._parts(part, column, gone, dict(hidden))

    def _parts(self, table: str, column: str, gone: set[Any], hidden: Mapping[Any, bool]) -> None:
        """What hangs on hidden rows: it goes with them, goes, stays, or is otherwise."""
        kept = []
        for row in self.rows[table]:
            owner = row[column]
            if owner in gone:
                continue
            if owner in hidden and not (hidden[owner] and table in SHOWN_OF_PUBLISHED):
                if self.dice.random() < DROPPED:
                    continue
                row = self._changed(table, row, frozenset({column}))  # noqa: PLW2901
            kept.append(row)
        self.rows[table] = kept

    def _thirds(self, table: str) -> None:
        """Of third persons, what is masked or null becomes otherwise; there are some more, whom no link leads to; and what
        hangs on the others alone goes."""
        columns, others, made, more = OF_THIRDS[table], self.old[table], [], []
        gone: set[Any] = set()
        for row in self.rows[table]:
            if not self.sight.is_third(table, row):
                made.append(row)
                continue
            changes = {
                name: alike(row.get(name), self.dice) if alike else self.dice.choice(others).get(name)
                for name, alike in columns.items()
                if self.dice.random() < CHANGED and (name not in OF_PEOPLE or row["subject_type"] == "1")
            }
            made.append({**row, **changes})
            if table == "pop.person":
                if self.dice.random() < DROPPED:
                    gone.add(row["person_id"])
                if self.dice.random() < COPIED:
                    more.append({**row, "person_id": self._uuid(), "id_no": self._text("9", 18)})
        self.rows[table] = [*made, *more]
        for part in ("pop.id_document", "pop.floating_population"):
            self.rows[part] = [row for row in self.rows[part] if row["person_id"] not in gone]

    def _of_others(self) -> None:
        """What is somebody else's beside the caller's own: other parties, members, owners, and what the register keeps."""
        own = self.sight.own
        assert own is not None
        for table in BESIDE:
            kept = []
            for row in self.rows[table]:
                if own.owns(table, row):
                    kept.append(row)
                elif self.dice.random() >= DROPPED:
                    kept.append(self._changed(table, row, frozenset()))
            self.rows[table] = kept
        for table, columns in GUARDED.items():
            others = self.old[table]
            self.rows[table] = [
                row
                if own.owns(table, row)
                else {**row, **{name: self.dice.choice(others)[name] for name in sorted(columns)}}
                for row in self.rows[table]
            ]

    def _changed(self, table: str, row: Row, fixed: frozenset[str]) -> Row:
        """The row with values of other rows in it; its keys stay, and what hides it."""
        free = set(TABLES[table].c.keys()) - _unique(table) - fixed
        free -= {"sealed", "is_minor_14", "protection_flag", "org_id", "division_code", "case_id", "state"}
        free -= {"published_at", "publish_until", "secret_flag", "subject_mark"}
        free -= KEEPS if self.sight.own is not None else frozenset()
        others = self.old[table]
        changes = {name: self.dice.choice(others).get(name) for name in sorted(free) if self.dice.random() < CHANGED}
        return {**row, **changes}

    def _copy(self, table: str, row: Row) -> Row | None:
        """A hidden row that is like a visible one and stands where it does: the same owner, plate, number or case."""
        makers: Mapping[str, Callable[[Row], Row]] = {
            "pop.person": lambda row: {**row, "person_id": self._uuid(), "id_type": "990"},
            "ent.entity": lambda row: {**row, "entity_id": self._uuid(), "uscc": self._text("91", 18)},
            "rea.unit": lambda row: {**row, "unit_no": self._text("4404", 28)},
            "veh.vehicle": lambda row: {
                **row,
                "vehicle_id": self._uuid(),
                "vin": self._text("L", 17),
                "valid_to": self._day(),
            },
            "lic.certificate": lambda row: {**row, "cert_id": self._text("c.", 30)},
            "cas.party": lambda row: {**row, "party_id": self._uuid()},
            "rea.right": lambda row: {**row, "right_id": self._uuid()},
            "ent.entity_person": lambda row: {**row, "person_ref": self._uuid()},
            "veh.ownership": lambda row: {**row, "valid_from": self._day(), "valid_to": self._day() + CENTURY},
            "cas.payment": lambda row: {**row, "payment_code": self._text("4404", 20)},
            "cas.case": self._case,
        }
        if table not in makers:
            return None
        copy = makers[table](dict(row))
        if table not in OF_PERSONS:
            copy["sealed"] = table != "cas.case" or self.dice.random() < 0.5
        if not self.sight.hides(table, copy):
            copy |= LIFTED_MARK.get(table, {})
        return copy if self.sight.hides(table, copy) else None

    def _case(self, row: Row) -> Row:
        """A case of another agency with the same parties."""
        copy = {**row, **ABROAD, "case_id": self._uuid(), "case_no": self._text("X-", 20), "source_system": self.system}
        own = self.sight.own
        parties = [
            party
            for party in self.old["cas.party"]
            if party["case_id"] == row["case_id"] and (own is None or not own.owns("cas.party", party))
        ]
        self.rows["cas.party"] = [
            *self.rows["cas.party"],
            *({**party, "party_id": self._uuid(), "case_id": copy["case_id"]} for party in parties),
        ]
        return copy

    # --- columns ---------------------------------------------------------------------------------

    def _columns(self, table: str, columns: Iterable[str]) -> None:
        """Withheld values become others; those that may stand once change places."""
        for column in sorted(columns):
            given = [row.get(column) for row in self.rows[table]]
            if frozenset({column}) in _unique_sets(table):
                self._set(table, column, self.dice.sample(given, len(given)))
            elif column not in _unique(table):
                known = [row.get(column) for row in self.old[table]]
                changed = [self.dice.choice(known) if self.dice.random() < CHANGED else value for value in given]
                self._set(table, column, changed)

    def _unnamed(self, table: str, mark: str, least: int, columns: Iterable[str]) -> None:
        """What is shown of no row with such a mark becomes what it is in others."""
        for column in columns:
            known = [row.get(column) for row in self.old[table]]
            values = [
                self.dice.choice(known) if (row.get(mark) or 0) >= least else row.get(column)
                for row in self.rows[table]
            ]
            self._set(table, column, values)

    def _masked(self, table: str, columns: Iterable[str]) -> None:
        """Masked values become others with the same mask."""
        for column in sorted(columns):
            if (table, column) in ALIKE:
                alike = ALIKE[table, column]
                self._set(table, column, [alike(row.get(column), self.dice) for row in self.rows[table]])

    def _set(self, table: str, column: str, values: Iterable[Any]) -> None:
        self.rows[table] = [{**row, column: value} for row, value in zip(self.rows[table], values, strict=True)]

    # --- values ----------------------------------------------------------------------------------

    def _uuid(self) -> UUID:
        return UUID(int=self.dice.getrandbits(48) << 40)

    def _text(self, start: str, length: int) -> str:
        return start + "".join(self.dice.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=length - len(start)))

    def _day(self) -> datetime.date:
        return datetime.date(2000, 1, 1) + datetime.timedelta(days=self.dice.randrange(20_000))


def _given_name(old: Any, dice: random.Random) -> Any:
    """Another given name of one character: 张伟 is 张* like 张芳."""
    if not isinstance(old, str) or len(old) not in (2, 3) or not all("一" <= sign <= "鿿" for sign in old):
        return old
    return old[:-1] + dice.choice("伟芳敏静丽强磊洋艳勇")


def _inner_digits(start: int, end: int) -> Callable[[Any, random.Random], Any]:
    def alike(old: Any, dice: random.Random) -> Any:
        if not isinstance(old, str) or not old[start:end].isdigit() or len(old) not in (11, 18):
            return old
        return old[:start] + "".join(dice.choices("0123456789", k=end - start)) + old[end:]

    return alike


def _same_year(old: Any, dice: random.Random) -> Any:
    return old and datetime.date(old.year, dice.randint(1, 12), dice.randint(1, 28))


ALIKE: Mapping[tuple[str, str], Callable[[Any, random.Random], Any]] = {
    ("pop.person", "name"): _given_name,
    ("pop.person", "birth_date"): _same_year,
    ("off.officer", "birth_date"): _same_year,
    ("off.officer", "mobile"): _inner_digits(3, 7),
    ("off.officer", "id_no"): _inner_digits(6, 14),
    ("cas.party", "id_no"): _inner_digits(6, 14),
    ("cas.party", "name_at_decision"): _given_name,
}
"""Another value with the same mask."""

OF_THIRDS: Mapping[str, Mapping[str, Callable[[Any, random.Random], Any] | None]] = {
    "pop.person": {
        "name": _given_name, "mobile": _inner_digits(3, 7), "birth_date": _same_year, "gender_code": None,
        "nationality_code": None, "photo_ref": None, "death_date": None, "is_minor_18": None,
    },
    "ent.entity": {
        "legal_rep_id_type": None, "legal_rep_id_no": _inner_digits(6, 14), "legal_rep_mobile": _inner_digits(3, 7),
        "contact_name": _given_name, "contact_phone": _inner_digits(3, 7),
    },
    "cas.party": {
        "name_at_decision": _given_name, "id_no": _inner_digits(6, 14), "id_type": None, "legal_rep_id_no": _inner_digits(6, 14),
        "phone": _inner_digits(3, 7),
    },
}  # fmt: skip
"""What an officer does not see of subjects whom the task does not name, and another value with the same mask, if it has one."""
OF_PEOPLE = frozenset({"name_at_decision"})
"""Masked for people alone."""


def _key(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].primary_key.columns)


def _key_of(row: Row, key: tuple[str, ...]) -> Any:
    return row[key[0]] if len(key) == 1 else tuple(row[name] for name in key)


def _unique(table: str) -> frozenset[str]:
    """The columns in which no two rows may be alike, alone or together with others."""
    return frozenset(column for columns in _unique_sets(table) for column in columns)


def _unique_sets(table: str) -> list[frozenset[str]]:
    of = TABLES[table]
    found: list[Iterable[Any]] = [of.primary_key.columns, *([column] for column in of.c if column.unique)]
    found += [index.columns for index in of.indexes if index.unique]
    found += [one.columns for one in of.constraints if isinstance(one, UniqueConstraint)]
    return [frozenset(column.name for column in columns) for columns in found]
