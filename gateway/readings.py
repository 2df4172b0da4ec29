"""How each part of a process stands, as places of the board with what is to stand there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from auth.audit.terms import State
from datasources.cache import FAILURES
from datasources.database import Database
from gateway.families import PLACES
from gateway.identity import Identity
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.subscriptions import Subscriptions

Read: TypeAlias = Iterator[tuple[int, float]]

EPOCH_DIGITS = 12
"""Hexadecimal digits of a digest that a number of Prometheus holds exactly."""


def _at(name: str, *labels: str) -> int:
    return PLACES[name][labels]


def of_databases(databases: Mapping[str, Database]) -> Read:
    """Connections, what waits, whether a database is left alone, how old its rows may be."""
    for name, database in databases.items():
        standing = database.standing()
        yield _at("tongcha_database_breaker_open", name), standing["breaker"] != "closed"
        yield _at("tongcha_database_connections", name), standing["connections"]
        yield _at("tongcha_database_connections_idle", name), standing["idle"]
        yield _at("tongcha_database_waiting", name), sum(standing["waiting"].values())
        yield _at("tongcha_database_behind_seconds", name), standing["behind"]


def counted_by_databases(databases: Mapping[str, Database]) -> Read:
    """Connections that were made."""
    for name, database in databases.items():
        yield _at("tongcha_database_connects_total", name), database.standing()["connects"]


def of_pipeline(pipeline: Pipeline) -> Read:
    """Which policies are in force."""
    yield _at("tongcha_policies_epoch"), int(pipeline.policies.current.epoch[:EPOCH_DIGITS], 16)


def counted_by_pipeline(pipeline: Pipeline) -> Read:
    """Requests whose plan was there, and all others."""
    yield _at("tongcha_plans_kept_total"), pipeline.plans.kept
    yield _at("tongcha_plans_made_total"), pipeline.plans.made


def of_identity(identity: Identity) -> Read:
    """How old keys are, and whether revocations are heard."""
    yield _at("tongcha_keys_age_seconds"), identity.keys_age()
    yield _at("tongcha_revocations_stale"), not identity.verifier.revocations.fresh
    yield _at("tongcha_revocations_begun_anew"), identity.verifier.revocations.begun_anew


def of_log(standing: Mapping[str, Any]) -> Read:
    """The access log, as its keeper says that it stands."""
    for state in State:
        yield _at("tongcha_log_state", state.value), standing["state"] == state.value
    yield _at("tongcha_log_disk_used_ratio"), standing["disk"]
    unshipped = standing.get("unshipped", {"records": 0, "seconds": 0.0})
    yield _at("tongcha_log_unshipped_records"), unshipped["records"]
    yield _at("tongcha_log_unshipped_seconds"), unshipped["seconds"]
    yield _at("tongcha_log_unwitnessed_seconds"), max(standing.get("witnesses", {}).values(), default=0.0)


def counted_by_log(recorder: LogRecorder) -> Read:
    """Records on the disk, from the log's beginning on."""
    yield _at("tongcha_log_records_total"), recorder.log.snapshot.head.sequence


def of_subscriptions(subscriptions: Subscriptions) -> Read:
    """Streams that are open."""
    yield _at("tongcha_subscriptions"), len(subscriptions)


def counted_by_redis() -> Read:
    """Commands that failed."""
    yield _at("tongcha_redis_failures_total"), sum(FAILURES.values())
