field by field: Mutation.submitCriminalTransfer has a resolver of its own
