"""The servers that test_killed kills: what takes long to start is done once, and each server is a fork of it.

On stdin a line asks for a server; on stdout come its process id and then, for each, ``ready`` once it takes requests.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from types import MappingProxyType

from auth.audit.record import Pseudonyms
from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from gateway.app import create_app
from gateway.commands.serving import run
from gateway.facts import facts_of, shipped
from gateway.identity import Identity
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.settings import Settings
from resolvers.schema import catalog

LIMITS = Limits(segment_bytes=1 << 20, reserve_bytes=1 << 20)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def serve(directory: Path, databases: dict[str, str], listener: socket.socket) -> None:
    """One server, until it is killed."""
    settings = Settings(databases=MappingProxyType(databases), seal_key=b"s" * 64)
    recorder = LogRecorder(AuditLog.claim(directory / "audit", limits=LIMITS), Pseudonyms(b"k" * 64))
    identity = Identity(TokenVerifier(DemoIssuer.open(directory).trusted()))
    run(create_app(settings, Pipeline.open, identity, recorder), listener, lambda: say("ready"))


def main(directory: Path, databases: dict[str, str], listener: socket.socket) -> None:
    shipped(tuple(facts_of(catalog)))
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(directory, databases, listener)
            os._exit(0)
        say(str(child))
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), socket.socket(fileno=int(sys.argv[3])))
