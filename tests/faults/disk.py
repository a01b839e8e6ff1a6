"""A file system of fixed size, so that it can be filled without harm to the machine."""

import os
import shutil
import subprocess
from pathlib import Path

BALLAST = "ballast"
LEFT = 64 * 1024


class SmallDisk:
    """A tmpfs; only root may mount one. Without it the directory is an ordinary one and cannot be filled."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        self._megabytes = megabytes
        self.is_small = False

    def mount(self) -> None:
        self.path.mkdir(parents=True)
        if os.geteuid() != 0:
            return
        words = ["mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m,mode=711", "tmpfs", str(self.path)]
        self.is_small = subprocess.run(words, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        if self.is_small:
            subprocess.run(["umount", "-l", str(self.path)], capture_output=True, check=False)

    def fill(self) -> None:
        """Nothing more can be written, but for what lies in blocks that are already there."""
        with (self.path / BALLAST).open("ab") as ballast:
            while (free := shutil.disk_usage(self.path).free) > LEFT:
                os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), min(free - LEFT // 2, 256 * 2**20))

    def make_room(self) -> None:
        (self.path / BALLAST).unlink(missing_ok=True)
