"""Where rows come from: the tables, the databases that hold them, the embedded PostgreSQL of demo and tests."""
