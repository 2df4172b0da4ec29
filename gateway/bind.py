"""Plan → bound plan: the decision, made once per kind of caller for (concrete type, column).

What may not be seen is not in the bound plan, so it can be in no statement. A condition or an order
that a caller wrote is a read of the columns it names: without leave to filter by them the whole field
is withheld, with the code NOT_FILTERABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from auth.classes import DataClass
from auth.policy import Action, Decision, Outcome
from gateway.masking import masked_column
from gateway.plan import (
    BoundPlan,
    BranchCell,
    BranchPlan,
    Cell,
    EmbedCell,
    EmbedNode,
    Given,
    LeafCell,
    LeafNode,
    LinkCell,
    LinkNode,
    Node,
    NullCell,
    Plan,
    Shape,
    Step,
    TypenameCell,
    TypenameNode,
    Withheld,
    view_path,
)
from resolvers.catalog import Catalog
from resolvers.sources import Argument, Column, Hop, Order, PageRole, Role

Decide = Callable[[str, DataClass, Action], Decision]
Path = tuple[str, ...]


@dataclass
class _Draft:
    """A step while its columns are still being gathered."""

    index: int
    database: str
    columns: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)
    finish: Callable[[], Step] | None = None

    def place(self, identity: Any, expression: Any) -> int:
        """The position of an expression in the row; asked for twice, it stands once."""
        if identity not in self.places:
            self.places[identity] = len(self.columns)
            self.columns.append(expression)
        return self.places[identity]


def bind(catalog: Catalog, plan: Plan, decide: Decide) -> BoundPlan:
    """The bound plan for the kind of caller that `decide` speaks for."""
    return _Binder(catalog, decide).bind(plan)


class _Binder:
    def __init__(self, catalog: Catalog, decide: Decide) -> None:
        self.catalog = catalog
        self.decide = decide
        self.drafts: list[_Draft] = []
        self.slots: list[tuple[Path, LinkNode]] = []
        self.withheld: list[Withheld] = []
        self.masked: list[Path] = []

    def bind(self, plan: Plan) -> BoundPlan:
        cells = tuple(self._cells(None, plan.nodes, ()))
        return BoundPlan(
            cells=cells,
            steps=tuple(draft.finish() for draft in self.drafts if draft.finish is not None),
            slots=tuple(self.slots),
            withheld=tuple(sorted(self.withheld, key=lambda entry: entry.path)),
            masked=tuple(sorted(self.masked)),
        )

    def _cells(self, draft: _Draft | None, nodes: Iterable[Node], path: Path) -> Iterable[Cell]:
        for node in nodes:
            here = (*path, node.key)
            if isinstance(node, TypenameNode):
                yield TypenameCell(key=node.key, name=node.name)
            elif isinstance(node, EmbedNode):
                yield EmbedCell(key=node.key, required=node.required, cells=tuple(self._cells(draft, node.nodes, here)))
            elif isinstance(node, LeafNode):
                assert draft is not None
                yield self._leaf(draft, node, here)
            else:
                yield self._link(draft, node, here)

    # --- columns ---------------------------------------------------------------------------------

    def _leaf(self, draft: _Draft, node: LeafNode, path: Path) -> Cell:
        decision = self.decide(node.coordinate, node.source.data_class, Action.READ)
        inputs = (node.source,) if isinstance(node.source, Column) else node.source.inputs
        hidden = masked_column(inputs[0]) if decision.outcome is Outcome.MASKED and len(inputs) == 1 else None
        if hidden is not None:
            self.masked.append(path)
            place = draft.place((id(inputs[0]), Outcome.MASKED), hidden)
            return LeafCell(key=node.key, node=node, positions=(place,))
        if decision.outcome is not Outcome.CLEAR:
            return self._null(node.key, node.coordinate, path, decision.code or "FORBIDDEN", decision.needs)
        positions = tuple(draft.place(id(column.expression), column.expression) for column in inputs)
        return LeafCell(key=node.key, node=node, positions=positions)

    def _null(self, key: str, coordinate: str, path: Path, code: Any, needs: Any) -> NullCell:
        self.withheld.append(Withheld(coordinate=coordinate, path=path, code=str(code), needs=tuple(needs or ())))
        return NullCell(key=key)

    # --- links -----------------------------------------------------------------------------------

    def _link(self, draft: _Draft | None, node: LinkNode, path: Path) -> Cell:
        decision = self.decide(node.coordinate, node.link.data_class, Action.READ)
        if decision.outcome is not Outcome.CLEAR:
            return self._null(node.key, node.coordinate, path, decision.code, decision.needs)
        refused = self._refused(node)
        if refused is not None:
            return self._null(node.key, node.coordinate, path, "NOT_FILTERABLE", refused)
        shown = node.shown
        if shown is not None:
            decision = self.decide(node.coordinate, shown.source.data_class, Action.READ)
            if decision.outcome is Outcome.WITHHELD:
                return self._null(node.key, node.coordinate, path, decision.code or "FORBIDDEN", decision.needs)
        slot = len(self.slots)
        self.slots.append((path, node))
        parent, positions, by = self._parent(draft, node)
        hop = None
        if node.link.through is not None and draft is not None and self._beside(draft, node.link.through):
            positions = self._folded(draft, node.link.through, node.link.key)
        elif node.link.through is not None:
            hop_draft = self._hop(node, parent, positions, by, slot)
            hop = hop_draft.index
            parent, by = hop_draft, ()
            positions = tuple(range(len(node.link.through.columns)))
        branches = tuple(self._branch(node, plan, parent, positions, by, slot, path) for plan in node.branches)
        shown_cell = None
        if shown is not None:
            (first,) = branches[0].views
            shown_cell = first[0] if isinstance(first[0], LeafCell) else None
        return LinkCell(key=node.key, node=node, slot=slot, hop=hop, branches=branches, shown=shown_cell)

    def _parent(self, draft: _Draft | None, node: LinkNode) -> tuple[_Draft | None, tuple[int, ...], Path]:
        if draft is None:
            return None, (), node.link.by
        return draft, tuple(draft.place(id(column), column) for column in node.link.key), ()

    def _refused(self, node: LinkNode) -> list[str] | None:
        """The arguments that read a column which this caller may not filter or order by."""
        refused = [given.argument.name for given in node.arguments if given.written and self._forbidden(given)]
        return refused or None

    def _forbidden(self, given: Given) -> bool:
        for member in (given.argument, *given.argument.members):
            if member.where is not None and not self._clear(member.where, Action.FILTER):
                return True
        orders = given.argument.orders or {}
        return given.argument.role is Role.ORDER and not all(
            self._clear(order, Action.ORDER) for order in orders.values()
        )

    def _clear(self, reads: Any, action: Action) -> bool:
        return all(
            self.decide(reader.coordinate, reader.data_class, action).outcome is Outcome.CLEAR
            for reader in self.catalog.readers(reads)
        )

    def _beside(self, draft: _Draft, hop: Hop) -> bool:
        """Whether the hop can be read with the parent's row: one row, in the parent's database."""
        return hop.one and not hop.arguments and self.catalog.database_of(hop.table) == draft.database

    def _folded(self, draft: _Draft, hop: Hop, key: tuple[Any, ...]) -> tuple[int, ...]:
        """The hop's columns as columns of the parent's row."""
        order = hop.order or Order(columns=())
        matched = [expression == value for expression, value in zip(hop.match, key, strict=True)]

        def first(column: Any) -> Any:
            query = select(column).select_from(hop.table).where(*matched, *hop.where)
            query = query.order_by(*(by.desc() if order.descending else by for by in order.columns))
            return query.limit(1).correlate_except(hop.table).scalar_subquery()

        return tuple(draft.place((id(hop), index), first(column)) for index, column in enumerate(hop.columns))

    def _hop(self, node: LinkNode, parent: _Draft | None, positions: tuple[int, ...], by: Path, slot: int) -> _Draft:
        hop = node.link.through
        assert hop is not None
        draft = self._draft(parent, hop.table)
        for column in hop.columns:
            draft.place(id(column), column)
        draft.finish = lambda: Step(
            index=draft.index,
            database=self.catalog.database_of(hop.table),
            target=hop,
            branch=None,
            columns=tuple(draft.columns),
            parent=parent.index if parent else None,
            key_positions=positions,
            by=by,
            arguments=_own(node.arguments, hop.arguments),
            slot=slot,
            shape=Shape.LIST,
            rows_wanted=True,
            total_wanted=False,
            cursor_wanted=False,
            children=tuple(draft.children),
        )
        return draft

    def _branch(
        self,
        node: LinkNode,
        plan: BranchPlan,
        parent: _Draft | None,
        positions: tuple[int, ...],
        by: Path,
        slot: int,
        path: Path,
    ) -> BranchCell:
        draft = self._draft(parent, plan.record.table)
        views = tuple(
            tuple(self._cells(draft, view, (*path, *view_path(node.page, index))))
            for index, view in enumerate(plan.views)
        )
        roles = set(_roles(node.page))
        draft.finish = lambda: Step(
            index=draft.index,
            database=self.catalog.database_of(plan.record.table),
            target=plan.record,
            branch=plan.branch,
            columns=tuple(draft.columns),
            parent=parent.index if parent else None,
            key_positions=positions,
            by=by,
            arguments=_own(node.arguments, node.link.arguments),
            slot=slot,
            shape=node.shape,
            rows_wanted=node.shape is not Shape.PAGE or roles != {PageRole.TOTAL},
            total_wanted=PageRole.TOTAL in roles,
            cursor_wanted=bool(roles & {PageRole.END_CURSOR, PageRole.NEXT_CURSOR, PageRole.EDGE_CURSOR})
            or node.link.merge is not None,
            children=tuple(draft.children),
        )
        return BranchCell(step=draft.index, views=views)

    def _draft(self, parent: _Draft | None, table: Any) -> _Draft:
        draft = _Draft(index=len(self.drafts), database=self.catalog.database_of(table))
        self.drafts.append(draft)
        if parent is not None:
            parent.children.append(draft.index)
        return draft


def _own(given: tuple[Given, ...], declared: tuple[Argument, ...]) -> tuple[Given, ...]:
    """The arguments of one step: a hop's are its own, the link's are the target's."""
    return tuple(one for one in given if any(one.argument is argument for argument in declared))


def _roles(page: tuple[Any, ...]) -> Iterable[PageRole]:
    for node in page:
        if node.role is not None:
            yield node.role
        yield from _roles(node.members)
