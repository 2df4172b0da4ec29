field by field: Query.supervisionFindings has a resolver of its own
