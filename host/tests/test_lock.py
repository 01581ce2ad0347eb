"""One platform per data folder; who comes second is told where the first one is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portico.host.errors import ConfigurationError
from portico.host.lock import RUN_FILE, folder_lock


@pytest.mark.parametrize(
    ("said", "where"),
    [
        (None, ""),
        ('{"url": "http://127.0.0.1:8155"}', " at http://127.0.0.1:8155"),
        ('{"pid": 1}', ""),
        ("[]", ""),
        ("{", ""),
    ],
    ids=["starting", "running", "no url", "no object", "no JSON"],
)
def test_a_second_platform_is_refused_with_the_address_and_process_of_the_first(
    tmp_path: Path, said: str | None, where: str
) -> None:
    with folder_lock(tmp_path):
        if said is not None:
            (tmp_path / RUN_FILE).write_text(said)
        with pytest.raises(ConfigurationError) as refused, folder_lock(tmp_path):
            pass
    assert str(refused.value) == (
        f"Portico already runs on {tmp_path}{where} (process {os.getpid()}). Use that one, stop it first, or give this "
        "one another folder: --data-dir."
    )


def test_a_folder_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    with folder_lock(tmp_path):
        pass
    with folder_lock(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
