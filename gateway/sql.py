"""Step → statement text: plans in, SQL out; no caller, no connection in sight.

Four forms, by what the step asks:

    root        SELECT … WHERE … ORDER BY … LIMIT
    by key      SELECT … WHERE match = ANY($keys)
    per parent  unnest($keys) CROSS JOIN LATERAL (… ORDER BY … LIMIT): the first n of each parent
    counted     the same with a LATERAL count beside the page, which ends at the first item beyond its limit

SQLAlchemy builds the statement once; asyncpg runs the text as a prepared statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from auth.masks import MASK_KEY
from gateway.dialect import DIALECT
from gateway.plan import Shape, Statement, Step
from resolvers.sources import Argument, Order, Record


def write(step: Step, *, present: frozenset[str], order: Order | None, after: bool, limited: bool) -> Statement:
    """The statement of a step when the arguments named in `present` are given.

    `order` is the one that the caller chose, `after` says whether there is a cursor, `limited`
    whether there is a number of items per parent.
    """
    return _Writer(step, present, order, after, limited).statement()


def wide(type_: Any) -> Any:
    """The type without its length or scale: a parameter cast to VARCHAR(18) would be cut, and match what it is not."""
    if isinstance(type_, ARRAY):
        return ARRAY(wide(type_.item_type))
    if isinstance(type_, Numeric):
        return Numeric()
    return String() if isinstance(type_, String) else type_


class _Writer:
    def __init__(self, step: Step, present: frozenset[str], order: Order | None, after: bool, limited: bool) -> None:
        self.step = step
        self.target = step.target
        self.branch = step.branch
        self.after = after
        self.limited = limited
        self.present = present
        self.order = self._order(order)
        self.shown = [expression.label(f"c{index}") for index, expression in enumerate(step.columns)]
        sorts = self.order.columns if step.cursor_wanted and self.order else ()
        self.sorts = [self._sort(expression).label(f"s{index}") for index, expression in enumerate(sorts)]

    def _order(self, chosen: Order | None) -> Order | None:
        if chosen is not None:
            return Order(columns=(*chosen.columns, *self._key()), descending=chosen.descending)
        if self.branch is not None and self.branch.order is not None:
            return self.branch.order
        return self.target.order

    def _key(self) -> tuple[ColumnElement[Any], ...]:
        return self.target.key if isinstance(self.target, Record) else ()

    def _sort(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        merged = self.step.shape is Shape.LIST
        return expression if merged else cast(expression, Text)

    # --- the parts -------------------------------------------------------------------------------

    def _from(self) -> FromClause:
        source: FromClause = self.target.table
        for table, on in self.branch.join if self.branch else ():
            source = source.join(table, on)
        return source

    def _conditions(self) -> list[ColumnElement[bool]]:
        conditions = [*self.target.where, *(self.branch.where if self.branch else ()), *self.step.cut]
        for given in self.step.arguments:
            for member in (given.argument, *given.argument.members):
                conditions.extend(self._condition(member))
        return conditions

    def _condition(self, argument: Argument) -> list[ColumnElement[bool]]:
        where = argument.where
        if where is None or argument.name not in self.present:
            return []
        return [
            where.build(
                bindparam(f"argument_{argument.name}", type_=wide(where.bind) if where.bind is not None else Integer())
            )
        ]

    def _beyond(self) -> list[ColumnElement[bool]]:
        """Keyset: only what comes after the cursor's row."""
        if not self.after or self.order is None:
            return []
        columns = list(self.order.columns)
        cursor = [
            cast(bindparam(f"after{index}", type_=String()), wide(expression.type))
            for index, expression in enumerate(columns)
        ]
        if len(columns) == 1:
            return [columns[0] < cursor[0] if self.order.descending else columns[0] > cursor[0]]
        left, right = tuple_(*columns), tuple_(*cursor)
        return [left < right if self.order.descending else left > right]

    def _alone(self) -> bool:
        """Whether a key has one row at the most: there is nothing to order, and no column is read to do it."""
        branch, target = self.branch, self.target
        return (
            branch is not None
            and isinstance(target, Record)
            and not branch.join
            and branch.condition is None
            and len(branch.match) == len(target.key)
            and set(branch.match) == set(target.key)
        )

    def _sorted(self, query: Select[Any]) -> Select[Any]:
        if self.order is None or self._alone():
            return query
        return query.order_by(
            *(expression.desc() if self.order.descending else expression for expression in self.order.columns)
        )

    def _page(self, conditions: Sequence[ColumnElement[bool]], extra: Sequence[Any] = ()) -> Select[Any]:
        query = select(*self.shown, *self.sorts, *extra).select_from(self._from())
        query = self._sorted(query.where(*conditions, *self._beyond()))
        return query.limit(bindparam("limit", type_=Integer())) if self.limited else query

    def _count(self, conditions: Sequence[ColumnElement[bool]], keys: FromClause | None = None) -> Select[Any]:
        total, limit = func.count().label("total"), self.step.count_limit
        if limit is None:
            return select(total).select_from(self._from()).where(*conditions)
        some: Select[Any] = (
            select(literal_column("1").label("item")).select_from(self._from()).where(*conditions).limit(limit + 1)
        )
        return select(total).select_from((some if keys is None else some.correlate(keys)).subquery("items"))

    # --- the forms -------------------------------------------------------------------------------

    def statement(self) -> Statement:
        """The text of the form that fits the step."""
        if not self.step.keyed:
            return self._text(self._root(), 0)
        branch = self.branch if self.branch is not None else self.target
        assert not isinstance(branch, Record)
        width = len(self.step.key_positions or self.step.by)
        match = branch.match
        simple = branch.condition is None and len(match) == 1 and not self.limited and not self.step.total_wanted
        if simple:
            keys = bindparam("key0", type_=ARRAY(wide(match[0].type)))
            return self._text(self._page([*self._conditions(), match[0] == any_(keys)], [match[0].label("k0")]), 1)
        key_width = len(match) or (1 if getattr(branch, "key", None) else width)
        return self._text(self._per_parent(branch, key_width), key_width)

    def _root(self) -> Select[Any]:
        conditions = self._conditions()
        if not self.step.total_wanted:
            return self._page(conditions)
        counted = self._count(conditions).subquery("counted")
        if not self.step.rows_wanted:
            return select(counted.c.total)
        page = self._page(conditions, [literal_column("true").label("present")]).subquery("page")
        return select(*self._taken(page), counted.c.total, page.c.present).select_from(counted.outerjoin(page, true()))

    def _per_parent(self, branch: Any, width: int) -> Select[Any]:
        types = [wide(expression.type) for expression in branch.match] or [String()] * width
        names = [f"k{index}" for index in range(width)]
        arrays = [bindparam(f"key{index}", type_=ARRAY(type_)) for index, type_ in enumerate(types)]
        keys = (
            func.unnest(*arrays)
            .table_valued(*(column(name, type_) for name, type_ in zip(names, types, strict=True)))
            .render_derived(name="keys")
        )
        given = [keys.c[name] for name in names]
        matched = (
            branch.condition(*given)
            if branch.condition is not None
            else and_(*(expression == key for expression, key in zip(branch.match, given, strict=True)))
        )
        conditions = [*self._conditions(), matched]
        source: FromClause = keys
        shown: list[Any] = []
        if self.step.total_wanted:
            counted = self._count(conditions, keys).lateral("counted")
            source = source.join(counted, true())
        if self.step.rows_wanted:
            page = self._page(conditions, [literal_column("true").label("present")]).lateral("page")
            source = source.outerjoin(page, true()) if self.step.total_wanted else source.join(page, true())
            shown = self._taken(page)
        else:
            page = None
        extra = [counted.c.total] if self.step.total_wanted else []
        if self.step.total_wanted and page is not None:
            extra.append(page.c.present)
        return select(*shown, *given, *extra).select_from(source)

    def _taken(self, page: Any) -> list[Any]:
        return [page.c[label.name] for label in (*self.shown, *self.sorts)]

    def _text(self, query: Select[Any], key_width: int) -> Statement:
        compiled = query.compile(dialect=DIALECT)
        names = tuple(compiled.positiontup or ())
        dynamic = ("key", "argument_", "after", "today", "limit", "scope_", MASK_KEY)
        constants: Mapping[str, Any] = {name: compiled.params[name] for name in names if not name.startswith(dynamic)}
        rows = self.step.rows_wanted
        return Statement(
            database=self.step.database,
            text=str(compiled),
            parameters=names,
            constants=constants,
            columns=len(self.shown) if rows else 0,
            sort_width=len(self.sorts) if rows else 0,
            key_width=key_width,
            counted=self.step.total_wanted,
            rows=rows,
        )
