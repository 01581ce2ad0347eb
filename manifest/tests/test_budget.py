"""Size budgets: what a browser must load before an app can mount, measured and held to."""

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from manifest.tests.manifest_world import ManifestWorld, app_files, manifest_world
from portico.manifest.budget import gzip_size


def noise(size: int) -> bytes:
    """A module that gzip cannot make smaller than about three quarters."""
    drawn = random.Random(size)
    return (
        b"export const noise = '"
        + bytes(drawn.choices(b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", k=size))
        + b"';"
    )


def shop(budget: int | None, **chunks: bytes) -> dict[str, bytes]:
    source = "import './static.js'; export const later = () => import('./dynamic.js');"
    members: dict[str, Any] = {} if budget is None else {"budget": {"entryKb": budget}}
    files = {f"{name}.js": content for name, content in chunks.items()}
    return app_files(source=source, **members) | {"static.js": b"", "dynamic.js": b""} | files


async def test_what_the_entry_imports_statically_counts_and_what_it_loads_later_does_not(world: ManifestWorld) -> None:
    assert (await world.publish(shop(10, dynamic=noise(50_000)))).status_code == 201
    refused = await world.publish(shop(10, static=b"import './deeper.js'", deeper=noise(50_000)))
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"].endswith("budget-exceeded")
    (error,) = problem["errors"]
    assert error["pointer"] == "/budget/entryKb"
    assert "3 modules" in error["detail"]
    assert "10 kB" in error["detail"]
    assert "deeper.js" in error["detail"]


async def test_nothing_is_kept_of_a_release_that_is_too_large(world: ManifestWorld) -> None:
    await world.publish(shop(10))
    before = await world.everything()
    assert (await world.publish(shop(10, static=noise(50_000)))).status_code == 422
    assert await world.everything() == before


@pytest.mark.parametrize(("budget", "status"), [(None, 422), (100, 201)])
async def test_an_app_without_a_budget_has_the_operators(budget: int | None, status: int, tmp_path: Path) -> None:
    async with manifest_world(tmp_path, entry_budget_kb=20) as world:
        response = await world.publish(shop(budget, static=noise(50_000)))
        assert response.status_code == status
        if status == 422:
            assert response.json()["errors"][0]["pointer"] == "/entry"


async def test_modules_that_import_each_other_count_once(world: ManifestWorld) -> None:
    files = shop(
        30, static=b"import './shop.js'; import './other.js'; export {}", other=b"import './static.js';" + noise(20_000)
    )
    assert (await world.publish(files)).status_code == 201


def test_a_files_size_is_what_gzip_makes_of_it(tmp_path: Path) -> None:
    content = noise(700_000)
    (tmp_path / "m.js").write_bytes(content)
    assert abs(gzip_size(tmp_path / "m.js") - len(gzip.compress(content, 6))) < 64
