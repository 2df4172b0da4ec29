"""A supervisor of workers that serve nobody: each says its number and its process id, and waits.

    python -m tests.gateway.commands.supervised COUNT FILE SECONDS

A worker cannot start while FILE is there, and asks for another one in its place at SIGUSR2. It has SECONDS to make room. With a
fourth argument the last one outlives the others.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from pathlib import Path

from gateway.commands.workers import Line, Supervisor


def main(count: int, obstacle: Path, end_seconds: float, *, last: bool) -> int:
    def work(number: int, line: Line) -> None:
        if obstacle.exists():
            raise SystemExit(f"worker {number} cannot")
        signal.signal(signal.SIGUSR2, lambda *_: line.ask_for_another())
        line.say_ready()
        sys.stdout.write(f"{number} {os.getpid()}\n")
        sys.stdout.flush()
        select.select([line.alone], [], [])

    listener = socket.create_server(("127.0.0.1", 0))
    return Supervisor(listener, count, work, last=last, end_seconds=end_seconds).run()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), last=len(sys.argv) > 4))
