"""PORTICO_RELEASE_ORIGINS: what is read, what is refused, and that the host fetches from nowhere else."""

from __future__ import annotations

import pytest

from portico.host.config import release_origins
from portico.host.errors import ConfigurationError


def test_origins_are_separated_by_spaces() -> None:
    text = "https://cdn.example http://127.0.0.1:8081/  https://files.example:8443"
    allowed = {"https://cdn.example", "http://127.0.0.1:8081", "https://files.example:8443"}
    assert release_origins({"PORTICO_RELEASE_ORIGINS": text}) == allowed
    assert release_origins({}) == frozenset()


@pytest.mark.parametrize(
    "text",
    ["cdn.example", "http://cdn.example", "https://cdn.example/files", "https://*", "http://localhost:*", "ftp://a"],
)
def test_what_is_no_origin_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"PORTICO_RELEASE_ORIGINS has .*; write origins like"):
        release_origins({"PORTICO_RELEASE_ORIGINS": text})
