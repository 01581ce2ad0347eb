"""Programs of others that tests and benchmarks run beside ours: installed into .build when first needed."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FILES = ("package.json", "package-lock.json")
_LIMIT_S = 300


def import_map_deployer() -> Path:
    """Return the folder of npm's import-map-deployer, the version that benchmarks/peers/package-lock.json says."""
    return peer("import-map-deployer")


def peer(name: str) -> Path:
    """Return the folder of an npm package that benchmarks/peers/package-lock.json names."""
    return _installed("peers") / "node_modules" / name


def lighthouse() -> Path:
    """Return the folder that Lighthouse is installed in, as benchmarks/lighthouse/package-lock.json says."""
    return _installed("lighthouse")


def _installed(group: str) -> Path:
    """Install what benchmarks/<group> locks, once, whoever asks first; npm checks the integrity of every package."""
    locked, target = ROOT / "benchmarks" / group, ROOT / ".build" / group
    wanted = hashlib.sha256(b"".join((locked / name).read_bytes() for name in _FILES)).hexdigest()
    ready = target / ".ready"
    target.parent.mkdir(exist_ok=True)
    with target.with_name(f"{group}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file() or ready.read_text() != wanted:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            for name in _FILES:
                shutil.copy(locked / name, target)
            command = [
                str(ROOT / "tools" / "with-node"),
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-progress",
                "--loglevel=error",
            ]
            subprocess.run(command, cwd=target, check=True, timeout=_LIMIT_S)
            ready.write_text(wanted)
    return target
