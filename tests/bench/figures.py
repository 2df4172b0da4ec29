"""Figures as a run leaves them, made up."""

from __future__ import annotations

from typing import Any

from bench.measure import Sample
from bench.operations import MIXED, OPERATIONS
from bench.results import to_figures
from bench.servers import SERVERS


def sample(server: str = "tongcha", operation: str = "lookup", **figures: Any) -> Sample:
    """One sample; `figures` stand in for the usual ones."""
    usual: dict[str, Any] = {"size": "S", "connections": 32, "requests": 1_000, "cpu": 0.1, "database_cpu": 0.2}
    usual |= {
        "statements": 2.0,
        "per_second": 9_000.0,
        "p50": 3.0,
        "p99": 9.0,
        "megabytes": 120.0,
        "busy": 0.9,
        "load": 0.2,
    }
    return Sample(server=server, operation=operation, **{**usual, **figures})


def results() -> dict[str, Any]:
    """Of a run of everything."""
    samples = [
        sample(server.name, operation, connections=connections)
        for server in SERVERS.values()
        for operation in (*OPERATIONS, MIXED)
        if server.answers(operation)
        for connections in (1, 8, 32, 128)
    ]
    growth = [
        {"size": size, "connections": connections, "cpu": 0.1, "database_cpu": 0.1, "p50": 1.0, "p99": 2.0}
        for size in ("S", "M", "L")
        for connections in (1, 32, 64)
    ]
    parts = {
        "runs S": to_figures(samples),
        "growth": growth,
        "added": {
            "size": "S",
            "callers": 32,
            "every": 0.05,
            "p50": {"neither": 2.0, "no-access": 2.3, "no-audit": 2.1, "tongcha": 2.4},
        },
        "cold": {
            "size": "L",
            "operation": "list",
            "questions": 200,
            "cold": {"first": 100.0, "p50": 2.5, "p99": 30.0, "statements": 5.0},
            "warm": {"first": 3.0, "p50": 2.4, "p99": 5.0, "statements": 5.0},
        },
        "profile": {
            "size": "S",
            "connections": 32,
            "operations": {
                name: {"cpu": 0.5, "parts": [["the driver", 0.6], ["rows to JSON", 0.4]], "top": [["f (a.py)", 0.1]]}
                for name in ("lookup", "list")
            },
        },
        "fair": {"size": "S", "others": 16, "hogs": 4, "alone": 2.0, "beside": 5.0},
        "subscribers": {
            "size": "S",
            "changes": 20,
            "runs": [{"subscribers": 1_000, "kilobytes": 40.0, "p50": 200.0, "p99": 400.0}],
        },
        "endurance": {
            "size": "S",
            "callers": 32,
            "faults": {"connections reset": 2, "Redis gone": 2},
            "columns": ["minute", "megabytes", "descriptors", "lag", "faults", "whole", "lost"],
            "readings": [
                [0, 110.0, 40, 0.0, 0, 0, 0],
                [1, 120.0, 50, 4.0, 2, 1_000, 0],
                [2, 121.0, 50, 4.5, 2, 1_000, 0],
            ],
        },
        "soak": {"size": "S", "connections": 32, "readings": [[0, 110.0], [500, 120.0], [1_000, 121.0]]},
    }
    return {
        name: {
            "when": "2026-11-05",
            "command": "scripts/bench",
            "commit": "0000000",
            "where": {"Python": "3.11"},
            "figures": figures,
        }
        for name, figures in parts.items()
    }
