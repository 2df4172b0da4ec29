"""What the log asks of the file system. Tests put one in its place that fails, or that forgets what was not synced."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "darwin":
    import fcntl


class Files:
    """Descriptors and paths, as the operating system has them. Every method raises OSError."""

    def create(self, path: Path) -> int:
        """A new file, open for writing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)

    def open(self, path: Path) -> int:
        """A file that is there, open for writing at its beginning."""
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Writes at the file's position; how many bytes were taken."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Returns when what was written is on the disk."""
        if sys.platform == "darwin":
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync leaves it in the drive's cache there
        else:
            os.fdatasync(descriptor)

    def close(self, descriptor: int) -> None:
        """Closes it."""
        os.close(descriptor)

    def allocate(self, descriptor: int, size: int) -> None:
        """Makes sure that `size` bytes, read as zeros, can be written over without asking for space."""
        if sys.platform == "darwin":
            os.write(descriptor, bytes(size))
        else:
            os.posix_fallocate(descriptor, 0, size)

    def truncate(self, path: Path, size: int) -> None:
        """Cuts a file."""
        os.truncate(path, size)

    def rename(self, path: Path, to: Path) -> None:
        """Gives a file another name; what had the name is gone."""
        path.rename(to)

    def remove(self, path: Path) -> None:
        """Removes a file that may be there."""
        path.unlink(missing_ok=True)

    def sync_directory(self, path: Path) -> None:
        """Returns when the names in a directory are on the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
