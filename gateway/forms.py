"""How a stored value is shown: forms of columns, codes as objects, and what is selected of a value object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from gateway.errors import ErrorCode
from gateway.plan import LeafCell, Projection
from gateway.rows import Row, RunState
from gateway.shaping import Bubble, Read, Shaping, Trail
from resolvers.sources import Coded, Column, Computed, Mapped, Named, Plain, Referred, Sealed


def is_plain(cell: LeafCell) -> bool:
    """Whether a leaf is shown as it is stored."""
    return show_of(cell) is None and not cell.node.items_required


def missing(key: str) -> Callable[[Trail, Shaping], NoReturn]:
    """What a null does where there must be none: a DATA_ERROR, and the null moves up."""

    def fail(trail: Trail, shaping: Shaping) -> NoReturn:
        shaping.fail(ErrorCode.DATA_ERROR, (trail, key))
        raise Bubble

    return fail


def leaf_reader(cell: LeafCell) -> Read:
    """Reads a leaf from a row; a value that cannot be shown is null and a DATA_ERROR."""
    show = show_of(cell)
    absent = missing(cell.key)
    key, required, items_required = cell.key, cell.node.required, cell.node.items_required
    position = cell.positions[0]
    if show is None and not required and not items_required:
        return lambda row, trail, shaping: row[position]

    def read(row: Row, trail: Trail, shaping: Shaping) -> Any:
        try:
            value = row[position] if show is None else show(row, shaping)
        except ValueError:
            shaping.fail(ErrorCode.DATA_ERROR, (trail, key))
            if required:
                raise Bubble from None
            return None
        if items_required and value is not None and None in value:
            shaping.fail(ErrorCode.DATA_ERROR, ((trail, key), value.index(None)))
            value = None
            if required:
                raise Bubble
        elif value is None and required:
            absent(trail, shaping)
        return value

    return read


def show_of(cell: LeafCell) -> Callable[[Row, Shaping], Any] | None:
    source = cell.node.source
    projection = cell.node.projection
    position = cell.positions[0]
    if isinstance(source, Computed):
        positions = cell.positions
        function = source.function

        def derived(row: Row, shaping: Shaping) -> Any:
            found = function(*(row[place] for place in positions), today=shaping.run.today)
            return project(found, projection)

        return derived
    show = shown_by(source, cell.node.coordinate)
    if show is None:
        return None if projection is None else lambda row, shaping: project(row[position], projection)
    if isinstance(source.form, Coded) and projection is not None:
        return _coded(source.form, projection, position)
    return lambda row, shaping: project(show(row[position], shaping.run), projection)


def _coded(form: Coded, projection: Projection, position: int) -> Callable[[Row, Shaping], Any]:
    """A code's object is the same for every row: made once per selection and code of the list, when it is met."""
    made: dict[str, Any] = {}

    def one(code: str) -> Any:
        found = made.get(code)
        if found is None:
            found = project(code_value(form, code), projection)
            if code in form.labels:  # else the owners' data would say how much is kept
                made[code] = found
        return found

    if form.many:
        return lambda row, shaping: None if row[position] is None else [one(code) for code in row[position]]
    return lambda row, shaping: None if row[position] is None else one(row[position])


def code_value(form: Coded, code: str) -> dict[str, str]:
    """``{list code label}``; a code outside its list is its own label, as the owner sent it."""
    return {"list": form.list_name, "code": code, "label": form.labels.get(code, code)}


def shown_by(source: Column, coordinate: str) -> Callable[[Any, RunState], Any] | None:
    """How a database value is shown; None when it is shown as it is. ValueError: it cannot be."""
    form = source.form
    if isinstance(form, Plain):
        return None
    if isinstance(form, Mapped):
        mapped = form.show
        return lambda value, run: None if value is None else mapped(value)
    if isinstance(form, Named):
        names = form.names

        def name(value: Any, _: RunState) -> Any:
            if value is None:
                return None
            if value not in names:
                raise ValueError("not a member")
            return names[value]

        return name
    if isinstance(form, Sealed):
        type_name = coordinate.partition(".")[0]
        return lambda value, run: None if value is None else run.seal.close("id", "", [type_name, value])
    if isinstance(form, Referred):
        referred = form.show
        return lambda value, run: None if value is None else run.reference(referred(value))
    coded = form
    if coded.many:
        return lambda value, run: None if value is None else [code_value(coded, code) for code in value]
    return lambda value, run: None if value is None else code_value(coded, value)


def project(value: Any, projection: Projection | None) -> Any:
    """What is selected of a JSON value."""
    if projection is None or value is None:
        return value
    if isinstance(value, list):
        return [project(item, projection) for item in value]
    return {
        key: projection.type_name if member is None else _member(value[member], inner, required)
        for key, member, inner, required in projection.members
    }


def _member(value: Any, projection: Projection | None, required: bool) -> Any:
    if value is None and required:
        raise ValueError("a member is missing")
    return project(value, projection)
