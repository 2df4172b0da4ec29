field by field: Query.enforcementStats has a resolver of its own
