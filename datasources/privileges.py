"""What a role may do in a database, asked of the database itself: more than the gateway needs is a hole, less is an answer that
cannot be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData

from datasources.database import Database

ATTRIBUTES = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")
"""Of a role that only reads what is shared with it none is needed."""

_ROLE = """
SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user
"""
_MEMBER = """
SELECT rolname::text FROM pg_roles
WHERE rolname <> current_user AND pg_has_role(current_user, oid, 'MEMBER')
  AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolname ~ '^pg_')
ORDER BY rolname
"""
_RELATIONS = """
SELECT n.nspname::text, c.relname::text, pg_has_role(c.relowner, 'USAGE'),
       has_any_column_privilege(c.oid, 'SELECT'),
       has_any_column_privilege(c.oid, 'INSERT') OR has_any_column_privilege(c.oid, 'UPDATE')
           OR has_table_privilege(c.oid, 'DELETE'),
       has_table_privilege(c.oid, 'TRUNCATE') OR has_table_privilege(c.oid, 'TRIGGER')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND has_schema_privilege(n.oid, 'USAGE')
  AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY 1, 2
"""
_CREATES = """
SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE') ORDER BY 1
"""
_MISSING = """
SELECT format('%s.%s.%s', w.s, w.t, w.c)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(s, t, c, place)
LEFT JOIN pg_namespace n ON n.nspname = w.s
LEFT JOIN pg_class r ON r.relnamespace = n.oid AND r.relname = w.t
LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = w.c AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.attnum IS NULL OR NOT has_schema_privilege(n.oid, 'USAGE') OR NOT has_column_privilege(r.oid, a.attnum, 'SELECT')
ORDER BY w.place
"""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What a role may do besides, or may not: names of attributes, roles, tables, schemas and columns."""

    attributes: Sequence[str] = ()
    roles: Sequence[str] = ()
    """Those whose rights it may take that are more than a reader's."""
    owned: Sequence[str] = ()
    written: Sequence[str] = ()
    """Tables that it may write to and need not, or may empty at a stroke."""
    read: Sequence[str] = ()
    """Tables that it may read and that are not shared."""
    creates: Sequence[str] = ()
    """Schemas in which it may make tables."""
    missing: Sequence[str] = ()
    """Columns that are not there, or that it may not read."""


async def rights_in(database: Database, shared: MetaData, *, writes: bool) -> Rights:
    """What the role of the database's connections may do. `shared` are the tables that are shared with it; `writes` says that it
    is to write to them. Raises SourceError.
    """
    columns = [(table.schema, table.name, column.name) for table in shared.sorted_tables for column in table.columns]
    known = {(schema, name) for schema, name, _ in columns}
    ((*flags,),) = await database.rows(_ROLE, ())
    relations = await database.rows(_RELATIONS, ())
    schemas, tables, names = zip(*columns, strict=True)
    return Rights(
        attributes=[name for name, held in zip(ATTRIBUTES, flags, strict=True) if held],
        roles=[name for (name,) in await database.rows(_MEMBER, ())],
        owned=[f"{schema}.{name}" for schema, name, owns, *_ in relations if owns],
        written=[
            f"{schema}.{name}"
            for schema, name, _, _, changed, emptied in relations
            if emptied or (changed and not (writes and (schema, name) in known))
        ],
        read=[f"{schema}.{name}" for schema, name, _, read, *_ in relations if read and (schema, name) not in known],
        creates=[name for (name,) in await database.rows(_CREATES, ())],
        missing=[name for (name,) in await database.rows(_MISSING, (list(schemas), list(tables), list(names)))],
    )
