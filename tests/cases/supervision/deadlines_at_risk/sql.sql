field by field: Query.deadlineRisks has a resolver of its own
