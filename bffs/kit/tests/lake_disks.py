"""Disks that die: the process at a step, or the power with all that was not synced."""

import os
import signal
from pathlib import Path

from portico.lake.storage import Disk


class PowerCut(BaseException):
    """The machine is off."""


class SteppedDisk(Disk):
    """Counts its steps and dies before the one numbered ``last``; 0: never."""

    def __init__(self, last: int = 0) -> None:
        self.last = last
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            self.die()

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def write(self, path: Path, data: bytes) -> None:
        self.step()
        super().write(path, data)

    def sync_file(self, path: Path) -> None:
        self.step()
        super().sync_file(path)

    def replace(self, source: Path, target: Path) -> None:
        self.step()
        super().replace(source, target)

    def link(self, source: Path, target: Path) -> None:
        self.step()
        super().link(source, target)

    def unlink(self, path: Path) -> None:
        self.step()
        super().unlink(path)

    def make_folder(self, path: Path, mode: int) -> None:
        self.step()
        super().make_folder(path, mode)

    def sync_folder(self, path: Path) -> None:
        self.step()
        super().sync_folder(path)


class CutDisk(SteppedDisk):
    """Knows what a power cut leaves: contents that were synced, and names in folders that were synced."""

    def __init__(self, last: int = 0) -> None:
        super().__init__(last)
        self.contents: dict[int, bytes] = {}  # synced, by inode
        self.names: dict[Path, dict[str, int]] = {}  # synced, by folder; 0 is a folder

    def die(self) -> None:
        raise PowerCut

    def sync_file(self, path: Path) -> None:
        super().sync_file(path)
        self.contents[path.stat().st_ino] = path.read_bytes()

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self.names[path] = self._names(path)

    def left(self, folder: Path, target: Path, *, names_kept: bool) -> None:
        """Put into ``target`` what is found after the cut. A file system may keep names that nobody synced, or not;
        a name whose content was not synced is an empty file."""
        target.mkdir()
        names = self._names(folder) if names_kept else self.names.get(folder, {})
        for name, inode in names.items():
            if inode:
                (target / name).write_bytes(self.contents.get(inode, b""))
            else:
                self.left(folder / name, target / name, names_kept=names_kept)

    @staticmethod
    def _names(path: Path) -> dict[str, int]:
        return {one.name: 0 if one.is_dir() else one.stat().st_ino for one in path.iterdir()} if path.is_dir() else {}
