"""The host's keys: made once, kept safe, published without their private parts."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from portico.host.errors import ConfigurationError
from portico.host.tokens import HostKeys


def test_the_first_start_makes_a_key_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "host.json"
    HostKeys.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["host.json"]


def test_a_second_start_signs_with_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    assert HostKeys.open(path).public_jwks() == HostKeys.open(path).public_jwks()


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    with ThreadPoolExecutor(8) as pool:
        kids = {keys.kid for keys in pool.map(lambda _: HostKeys.open(path), range(16))}
    assert len(kids) == 1


def test_what_is_published_verifies_and_holds_no_private_part() -> None:
    keys = HostKeys.generate()
    published = keys.public_jwks()
    assert [set(key) for key in published["keys"]] == [{"kty", "crv", "x", "y", "kid", "alg", "use"}]
    token = jwt.decode(
        keys.sign({"sub": "ada"}, typ="at+jwt"),
        KeySet.import_key_set({"keys": published["keys"]}),
        algorithms=["ES256"],
    )
    assert token.header == {"alg": "ES256", "typ": "at+jwt", "kid": keys.kid}


def test_of_several_keys_the_first_signs_and_all_are_published(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    pair = [ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)]
    path.write_text(json.dumps({"keys": [key.as_dict(private=True) for key in pair]}))
    path.chmod(0o600)
    keys = HostKeys.open(path)
    assert keys.kid == pair[0].kid
    assert [key["kid"] for key in keys.public_jwks()["keys"]] == [key.kid for key in pair]


def test_a_key_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    HostKeys.open(path)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        HostKeys.open(path)


PUBLIC_ONLY = json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]})
OTHER_CURVE = json.dumps({"keys": [ECKey.generate_key("P-384").as_dict(private=True)]})


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "oct"}]}', PUBLIC_ONLY, OTHER_CURVE]
)
def test_a_file_without_usable_keys_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "host.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        HostKeys.open(path)
