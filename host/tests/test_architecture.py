"""What the folders promise: one namespace, and a platform that does not know the reference application."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = ("host", "manifest", "bffs/kit")
# The reference application's own words. `order` alone is also what a sort has, so its business forms are listed.
BUSINESS_WORDS = re.compile(
    r"\b(menus?|carts?|baskets?|restaurants?|dish(es)?|kitchens?|checkout[._-]bff|couriers?|ratings?|food)\b"
    r"|\b(my.?orders?|place.?order|submit.?order|order[_.]?(id|submitted|line)s?)\b",
    re.IGNORECASE,
)
SOURCES = {".py", ".ts", ".css", ".j2", ".svg"}


def tracked(folder: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.mark.parametrize("source", ["host/src", "manifest/src", "bffs/kit/src"])
def test_the_namespace_has_no_init_module(source: str) -> None:
    assert not (ROOT / source / "portico" / "__init__.py").exists()


@pytest.mark.parametrize("folder", PLATFORM)
def test_no_platform_source_knows_the_reference_application(folder: str) -> None:
    sources = [path for path in tracked(folder) if path.suffix in SOURCES and "tests" not in path.parts]
    assert sources
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if BUSINESS_WORDS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["the menu", "myOrders", "order.submitted", "orderId", "a Restaurant", "place_order"])
def test_the_search_for_business_words_finds_them(line: str) -> None:
    assert BUSINESS_WORDS.search(line)


@pytest.mark.parametrize("line", ["in order to", "order=10", "ordered", "ORDER BY", "most specific order"])
def test_the_search_for_business_words_leaves_sorting_alone(line: str) -> None:
    assert not BUSINESS_WORDS.search(line)


def test_no_lock_file_names_a_registry() -> None:
    hosts = re.compile("|".join(["py" + r"pi\.org", "python" + "hosted", r"registry\.npm" + "js"]))
    for name in ("requirements.lock", "requirements-node.lock", "package-lock.json"):
        assert not hosts.search((ROOT / name).read_text()), name
