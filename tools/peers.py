"""Programs of others that tests and benchmarks run beside ours: installed into .build/peers when first needed."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LOCK_FOLDER = ROOT / "benchmarks" / "peers"
_INSTALLED = ROOT / ".build" / "peers"
_FILES = ("package.json", "package-lock.json")
_LIMIT_S = 300


def import_map_deployer() -> Path:
    """Return the folder of npm's import-map-deployer, the version that benchmarks/peers/package-lock.json says."""
    return _installed() / "node_modules" / "import-map-deployer"


def _installed() -> Path:
    """Install what the lock file says, once, whoever asks first; npm checks the integrity of every package."""
    wanted = hashlib.sha256(b"".join((_LOCK_FOLDER / name).read_bytes() for name in _FILES)).hexdigest()
    ready = _INSTALLED / ".ready"
    _INSTALLED.parent.mkdir(exist_ok=True)
    with (_INSTALLED.parent / "peers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file() or ready.read_text() != wanted:
            shutil.rmtree(_INSTALLED, ignore_errors=True)
            _INSTALLED.mkdir()
            for name in _FILES:
                shutil.copy(_LOCK_FOLDER / name, _INSTALLED)
            command = [
                str(ROOT / "tools" / "with-node"),
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-progress",
                "--loglevel=error",
            ]
            subprocess.run(command, cwd=_INSTALLED, check=True, timeout=_LIMIT_S)
            ready.write_text(wanted)
    return _INSTALLED
