"""Plan → bound plan: the decision, made once per kind of caller for (concrete type, column).

What may not be seen is not in the bound plan, so it can be in no statement. A condition or an order
is a read of the columns it names: those without leave are noted with the link, and a request that
gives one is refused with NOT_FILTERABLE before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import select

from auth.classes import DataClass
from auth.policy import Action, Decision, Outcome
from gateway.conditions import forbidden_conditions
from gateway.drafts import (
    COUNTS,
    CURSORS,
    Draft,
    Found,
    RowsSeen,
    is_under_case,
    one_row,
    own_arguments,
    roles_of,
    rows_cut,
)
from gateway.masking import masked_column
from gateway.pace import Pieces
from gateway.plan import (
    BoundPlan,
    BranchCell,
    BranchPlan,
    Cell,
    Decided,
    EmbedCell,
    EmbedNode,
    Given,
    LeafCell,
    LeafNode,
    LinkCell,
    LinkNode,
    MadeNode,
    Node,
    NullCell,
    Plan,
    Shape,
    Slot,
    Step,
    TypenameCell,
    TypenameNode,
    Withheld,
    view_path,
)
from gateway.thirds import NamingOf, absent_unless_named, named_only, naming_of_record, of_thirds, with_third
from resolvers.catalog import Catalog
from resolvers.sources import Branch, Column, Hop, Link, Order, PageRole, Record

Decide = Callable[[str, DataClass, Action], Decision]
Guarded = Callable[[Any], Any]
Path = tuple[str, ...]

NODES = 50
STEPS = 20
"""Nodes, and steps, of one piece: about two milliseconds."""


def bind(
    catalog: Catalog,
    plan: Plan,
    decide: Decide,
    rows_seen: RowsSeen,
    guarded: Guarded,
    naming_of: NamingOf,
    count_limit: int | None,
    beside: Callable[[Hop], bool] = lambda _: True,
) -> Pieces[BoundPlan]:
    """The bound plan for the kind of caller that `decide` speaks for, who sees the rows that `rows_seen` leaves.

    `guarded` gives the condition under which they see in a row what is above PUBLIC, `naming_of` says what is left of
    subjects that the caller's task does not name, `count_limit` how far lists are counted,
    `beside` which hops may be read with the row of their parent.
    """
    return (yield from _Binder(catalog, decide, rows_seen, guarded, naming_of, count_limit, beside).bind(plan))


class _Binder:
    def __init__(
        self,
        catalog: Catalog,
        decide: Decide,
        rows_seen: RowsSeen,
        guarded: Guarded,
        naming_of: NamingOf,
        count_limit: int | None,
        beside: Callable[[Hop], bool],
    ) -> None:
        self.catalog = catalog
        self.decide = decide
        self.rows_seen = rows_seen
        self.guarded = guarded
        self.naming_of = naming_of
        self.count_limit = count_limit
        self.beside = beside
        self.drafts: list[Draft] = []
        self.rows: dict[Hashable, Draft] = {}
        self.slots: list[Slot] = []
        self.withheld: list[Withheld] = []
        self.masked: list[Path] = []
        self.decided: list[Decided] = []
        self.nodes = 0

    def bind(self, plan: Plan) -> Pieces[BoundPlan]:
        cells = yield from self._cells(None, plan.nodes, ())
        steps: list[Step] = []
        for draft in self.drafts:
            if draft.finish is not None:
                steps.append(draft.finish())
                if not len(steps) % STEPS:
                    yield
        return BoundPlan(
            cells=cells,
            steps=tuple(steps),
            slots=tuple(self.slots),
            withheld=tuple(sorted(self.withheld, key=lambda entry: entry.path)),
            masked=tuple(sorted(set(self.masked))),
            decided=tuple(self.decided),
        )

    def _cells(self, draft: Draft | None, nodes: Iterable[Node], path: Path) -> Pieces[tuple[Cell, ...]]:
        cells: list[Cell] = []
        for node in nodes:
            here = (*path, node.key)
            self.nodes += 1
            if not self.nodes % NODES:
                yield
            if isinstance(node, TypenameNode):
                cells.append(TypenameCell(key=node.key, name=node.name))
            elif isinstance(node, EmbedNode):
                inner = yield from self._cells(draft, node.nodes, here)
                cells.append(EmbedCell(key=node.key, required=node.required, cells=inner))
            elif isinstance(node, MadeNode):
                made = self.decide(node.coordinate, node.decided.data_class, node.decided.action)
                if made.outcome is Outcome.CLEAR:  # else nothing is made, and it is said of the field itself
                    inner = yield from self._cells(None, node.nodes, here)
                    cells.append(EmbedCell(key=node.key, required=False, cells=inner))
            elif isinstance(node, LeafNode):
                assert draft is not None
                cells.append(self._leaf(draft, node, here))
            else:
                cells.append((yield from self._link(draft, node, here)))
        return tuple(cells)

    # --- columns ---------------------------------------------------------------------------------

    def _leaf(self, draft: Draft, node: LeafNode, path: Path) -> Cell:
        decision = self._read(node.coordinate, node.source.data_class, path)
        inputs = (node.source,) if isinstance(node.source, Column) else node.source.inputs
        hidden = masked_column(inputs[0]) if decision.outcome is Outcome.MASKED and len(inputs) == 1 else None
        if decision.outcome.shown and node.source.data_class is not DataClass.PUBLIC:
            draft.guarded = True
        if hidden is not None:
            self.masked.append(path)
            place = draft.read((id(inputs[0]), Outcome.MASKED), hidden, node.source.data_class)
            return LeafCell(key=node.key, node=node, positions=(place,))
        if decision.outcome is not Outcome.CLEAR:
            return self._null(node.key, node.coordinate, path, decision.code or "FORBIDDEN", decision.needs)
        outcome = of_thirds(inputs, draft.naming)
        if outcome is Outcome.MASKED:
            self.masked.append(path)
        draft.tell(node.coordinate, outcome)
        positions = tuple(draft.place_column(column, outcome, node.source.data_class) for column in inputs)
        return LeafCell(key=node.key, node=node, positions=positions)

    def _read(self, coordinate: str, data_class: DataClass, path: Path) -> Decision:
        decision = self.decide(coordinate, data_class, Action.READ)
        self.decided.append(
            Decided(path=path, coordinate=coordinate, outcome=decision.outcome.value, policy=decision.policy)
        )
        return decision

    def _null(self, key: str, coordinate: str, path: Path, code: Any, needs: Any) -> NullCell:
        self.withheld.append(Withheld(coordinate=coordinate, path=path, code=str(code), needs=tuple(needs or ())))
        return NullCell(key=key)

    # --- links -----------------------------------------------------------------------------------

    def _link(self, draft: Draft | None, node: LinkNode, path: Path) -> Pieces[Cell]:
        decision = self._read(node.coordinate, node.link.data_class, path)
        if decision.outcome is not Outcome.CLEAR:
            return self._null(node.key, node.coordinate, path, decision.code, decision.needs)
        shown = node.shown
        if shown is not None:
            decision = self.decide(node.coordinate, shown.source.data_class, Action.READ)
            if not decision.outcome.shown:
                return self._null(node.key, node.coordinate, path, decision.code or "FORBIDDEN", decision.needs)
        slot = len(self.slots)
        forbidden = forbidden_conditions(self.catalog, self.decide, node.link, self.guarded)
        self.slots.append(Slot(path=path, node=node, forbidden=forbidden))
        parent, positions, by = self._parent(draft, node)
        hop = None
        if node.link.through is not None and draft is not None and self._beside(draft, node.link.through):
            positions = self._folded(draft, node.link.through, node.link)
        elif node.link.through is not None:
            found = Found(node=node, parent=parent, positions=positions, by=by, slot=slot)
            parent, positions = self._hop(found, node.link.through)
            hop, by = parent.index, ()
        found = Found(node=node, parent=parent, positions=positions, by=by, slot=slot)
        branches: list[BranchCell] = []
        for plan in node.branches:
            branch = yield from self._branch(found, plan, path)
            branches.append(branch)
        shown_cell = None
        if shown is not None:
            (first,) = branches[0].views
            shown_cell = first[0] if isinstance(first[0], LeafCell) else None
        return LinkCell(key=node.key, node=node, slot=slot, hop=hop, branches=tuple(branches), shown=shown_cell)

    def _parent(self, draft: Draft | None, node: LinkNode) -> tuple[Draft | None, tuple[int, ...], Path]:
        if draft is None:
            return None, (), node.link.by
        draft.tell(node.coordinate, Outcome.WITHHELD if draft.severs(node.link) else Outcome.CLEAR)
        return draft, tuple(draft.place_key(id(column), column, node.link) for column in node.link.key), ()

    def _beside(self, draft: Draft, hop: Hop) -> bool:
        """Whether the hop can be read with the parent's row: one row, in the parent's database."""
        if not hop.one or hop.arguments or not self.beside(hop):
            return False
        return self.catalog.database_of(hop.table) == draft.database

    def _folded(self, draft: Draft, hop: Hop, link: Link) -> tuple[int, ...]:
        """The hop's columns as columns of the parent's row."""
        order = hop.order or Order(columns=())
        marks = self.rows_seen(hop.table, True, False)
        matched = [expression == value for expression, value in zip(hop.match, link.key, strict=True)]

        def first(column: Any) -> Any:
            query = select(column).select_from(hop.table).where(*matched, *hop.where, *marks)
            query = query.order_by(*(by.desc() if order.descending else by for by in order.columns))
            return query.limit(1).correlate_except(hop.table).scalar_subquery()

        return tuple(draft.place_key((id(hop), index), first(column), link) for index, column in enumerate(hop.columns))

    def _hop(self, found: Found, hop: Hop) -> tuple[Draft, tuple[int, ...]]:
        """The step of the hop, and where its columns stand in its row."""
        arguments = own_arguments(found.node.arguments, hop.arguments)
        draft = self._draft(found, hop, None, arguments)
        if draft.finish is None:
            draft.finish = partial(self._step, draft, found, hop, None, arguments, Shape.LIST, ())
        return draft, tuple(draft.place(id(column), column) for column in hop.columns)

    def _branch(self, found: Found, plan: BranchPlan, path: Path) -> Pieces[BranchCell]:
        node = found.node
        arguments = own_arguments(node.arguments, node.link.arguments)
        draft = self._draft(found, plan.record, plan.branch, arguments)
        naming = naming_of_record(self.naming_of, plan.record)
        cut = absent_unless_named(naming, direct=found.parent is None)
        draft.naming = None if cut else naming
        if node.link.data_class is not DataClass.PUBLIC and node.shape is not Shape.SCALAR:
            draft.guarded = True  # that there is such a record says something of its subject
        views: list[tuple[Cell, ...]] = []
        for index, view in enumerate(plan.views):
            cells = yield from self._cells(draft, view, (*path, *view_path(node.page, index)))
            views.append(cells)
        if draft.finish is None:
            roles = tuple(roles_of(node.page))
            draft.finish = partial(self._step, draft, found, plan.record, plan.branch, arguments, node.shape, roles)
        return BranchCell(step=draft.index, views=tuple(views))

    def _step(
        self,
        draft: Draft,
        found: Found,
        target: Record | Hop,
        branch: Branch | None,
        arguments: tuple[Given, ...],
        shape: Shape,
        roles: tuple[PageRole, ...],
    ) -> Step:
        merged = branch is not None and found.node.link.merge is not None
        counts = COUNTS.intersection(roles)
        subject = None
        if draft.guarded and isinstance(target, Record) and branch is not None:
            key = tuple(draft.read(id(column), column, DataClass.INTERNAL) for column in target.key)
            subject = (branch.target, key)
        place = own = 0
        hides = branch is not None and isinstance(target, Record) and draft.hides
        if hides and isinstance(target, Record):
            place = draft.place(id(target.named_by[0]), target.named_by[0])
            own = draft.place(id(target.key[0]), target.key[0])
        step = Step(
            index=draft.index,
            database=draft.database,
            target=target,
            branch=branch,
            columns=tuple(draft.columns),
            parent=found.parent.index if found.parent else None,
            key_positions=found.positions,
            by=found.by,
            arguments=arguments,
            cut=self._cut(found, target, branch),
            slot=found.slot,
            shape=shape,
            rows_wanted=shape is not Shape.PAGE or not counts or counts != set(roles),
            total_wanted=bool(counts),
            count_limit=self.count_limit,
            cursor_wanted=merged or found.node.link.cursor is not None or not CURSORS.isdisjoint(roles),
            children=tuple(draft.children),
            subject=subject,
        )
        if not hides or branch is None:
            return step
        return with_third(step, f"{found.node.coordinate} {branch.target}", draft.of_thirds, place, own, draft.told)

    def _cut(self, found: Found, target: Record | Hop, branch: Branch | None) -> tuple[Any, ...]:
        """The conditions of the rules: whose rows, and of persons who are asked for directly, whom the task names."""
        open_link = found.node.link.data_class is DataClass.PUBLIC
        cut = rows_cut(self.rows_seen, target, branch, is_under_case(found, branch), open_link)
        if isinstance(target, Hop):
            return cut
        naming = naming_of_record(self.naming_of, target)
        return (*cut, named_only(target)) if absent_unless_named(naming, direct=found.parent is None) else cut

    def _draft(self, found: Found, target: Record | Hop, branch: Branch | None, arguments: tuple[Given, ...]) -> Draft:
        """A step to gather columns for: the one that already reads the same row, or a new one."""
        same = None if arguments else one_row(found, target, branch)
        own = None if isinstance(target, Hop) else self.guarded(target.table)
        if own is not None:  # a public link leads to other rows than one that is not
            same = None
        draft = self.rows.get(same) if same is not None else None
        if draft is None:
            database = self.catalog.database_of(target.table)
            draft = Draft(index=len(self.drafts), database=database, table=target.table, own=own)
            self.drafts.append(draft)
            if found.parent is not None:
                found.parent.children.append(draft.index)
            if same is not None:
                self.rows[same] = draft
        return draft
