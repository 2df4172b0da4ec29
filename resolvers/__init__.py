"""How each field resolves, as data: the declarations that schema, SQL, decision and documentation follow from."""
