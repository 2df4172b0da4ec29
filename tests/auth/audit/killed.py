"""The process that test_killed kills: appends without end and says on stdout what it has receipts for."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from tests.auth.audit.samples import entry

WAITERS = 16


async def main(directory: Path) -> None:
    log = AuditLog(directory, limits=Limits(segment_bytes=100_000, reserve_bytes=100_000))

    async def client(number: int) -> None:
        while True:
            receipt = await log.append(entry(number))
            os.write(1, b"%d %b\n" % (receipt.sequence, receipt.hash.encode()))

    await asyncio.gather(*(client(number) for number in range(WAITERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
