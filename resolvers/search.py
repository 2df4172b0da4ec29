"""Search of subjects by name: one list over two databases, ordered by how well the name fits.

Found is what carries the text: persons by the name, its beginning or end, its pinyin or the initials (张伟: ``zhang
wei``, ``zw``), organisations by any part of the name. ``pg_trgm`` serves it: of a text of two characters only a
beginning or an end can be looked up in the index, and every part of two characters of a Chinese name is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Float,
    Integer,
    String,
    and_,
    any_,
    case,
    func,
    literal_column,
    or_,
)

from datasources.tables.legal_entity import entity
from datasources.tables.population import person
from resolvers import checks
from resolvers.args import arg, first_arg
from resolvers.conditions import argument, stored
from resolvers.fields import PER, root
from resolvers.legal_entity import KIND_OF_SUBJECT
from resolvers.sources import Argument, Branch, Order, Where
from resolvers.subject import Subject, SubjectType
from resolvers.types import value

TEXT = argument("text", String())
DIVISION = argument("division", String())
KINDS = argument("kinds", ARRAY(String()))

_PERSON = literal_column("'1'", String())
_ANY, _NOTHING = literal_column("'%'", String()), literal_column("''", String())


def _escaped(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """The text as a LIKE pattern that matches itself."""
    for character in ("\\", "%", "_"):
        text = func.replace(
            text,
            literal_column(f"'{character}'", String()),
            literal_column(f"'\\{character}'", String()),
            type_=String(),
        )
    return text


def _like(column: ColumnElement[Any], *pattern: ColumnElement[Any]) -> ColumnElement[bool]:
    joined = pattern[0]
    for piece in pattern[1:]:
        joined = joined.concat(piece)
    return column.ilike(joined, escape="\\")


BEGINS, ENDS, HOLDS = (_escaped(TEXT), _ANY), (_ANY, _escaped(TEXT)), (_ANY, _escaped(TEXT), _ANY)
WORD_BEGINS = (literal_column("'% '", String()), _escaped(TEXT), _ANY)


def _within(division_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """The division of the record begins with the one asked for; none asked for: everywhere."""
    return func.starts_with(func.coalesce(division_code, _NOTHING), DIVISION, type_=Boolean())


def _rank(name: ColumnElement[Any]) -> ColumnElement[Any]:
    """How well a name fits: 3 the whole, 2 its beginning, 1 a part, 0 the pinyin; and how much of it is the text."""
    lower, text = func.lower(name), func.lower(TEXT)
    step = case(
        (lower == text, literal_column("3")),
        (func.starts_with(lower, text, type_=Boolean()), literal_column("2")),
        (func.strpos(lower, text) > literal_column("0", Integer()), literal_column("1")),
        else_=literal_column("0"),
    )
    return (step + func.similarity(name, TEXT, type_=Float())).cast(Float(53))


def _best_first(name: ColumnElement[Any], key: ColumnElement[Any]) -> Order:
    return Order(columns=(_rank(name), key), descending=True)


PERSONS = Branch(
    target="Person",
    where=(
        any_(KINDS) == _PERSON,
        _within(person.c.res_division_code),
        or_(
            _like(person.c.name, *BEGINS),
            _like(person.c.name, *ENDS),
            and_(func.length(TEXT) > literal_column("2", Integer()), _like(person.c.name, *HOLDS)),
            _like(person.c.name_pinyin, *BEGINS),
            _like(person.c.name_pinyin, *WORD_BEGINS),
        ),
    ),
    order=_best_first(person.c.name, person.c.person_id),
)

ENTITIES = Branch(
    target="LegalEntity",
    where=(any_(KINDS) == KIND_OF_SUBJECT, _within(entity.c.division_code), _like(entity.c.name, *HOLDS)),
    order=_best_first(entity.c.name, entity.c.entity_id),
)


def _read(type_: Any, *columns: ColumnElement[Any], encode: Any = None) -> Where:
    """Binds an argument that the branches use in their own conditions; `columns` are those that it reads."""
    return Where(columns=columns, bind=type_, build=lambda value: value.is_not(None), encode=encode)


def _kinds(given: Sequence[SubjectType]) -> Sequence[SubjectType]:
    if not given:
        raise ValueError("no kind of subject")
    return given


ARGUMENTS: tuple[Argument, ...] = (
    arg(
        "text",
        str,
        "名称关键字",
        _read(String(), person.c.name, person.c.name_pinyin, entity.c.name),
        check=checks.keyword,
    ),
    arg(
        "kinds",
        list[SubjectType],
        "主体类型",
        _read(ARRAY(String()), entity.c.uscc, encode=stored),
        default=list(SubjectType),
        check=_kinds,
    ),
    arg(
        "division",
        str,
        "区划前缀",
        _read(String(), person.c.res_division_code, entity.c.division_code),
        default="",
        check=lambda given: checks.code(given) if given else "",
    ),
    first_arg(20, 50),
)


@value("主体检索")
class SearchQuery:
    """Subjects by name."""

    search_subjects: list[Subject] | None = root(
        PER,
        "按名称检索主体",
        to=(PERSONS, ENTITIES),
        merge=True,
        args=ARGUMENTS,
        doc="Persons and organisations whose name fits a text of at least two characters, the best first",
    )
