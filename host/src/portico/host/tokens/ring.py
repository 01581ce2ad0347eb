"""The host's signing keys over time: each is published before it signs, and for as long as what it signed lives. Pure.

So no verifier meets a key it cannot know: BFFs look for new keys every ten minutes at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portico.host.tokens.keys import private_key

AHEAD_S = 1200
"""A key is published this long before it signs: the ten minutes of BFFs, five of HTTP caches, and some."""
AFTER_S = 600
"""A key is published this long after its last signature: a token's five minutes, leeway, and clocks that differ."""
_TIMES = ("made_at", "signs_from")


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key; times are seconds since the epoch. It signs from `signs_from` until the next one does."""

    key: ECKey
    made_at: int = 0
    signs_from: int = 0


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys in the order in which they sign. Never empty."""

    keys: tuple[RingKey, ...]

    def signer(self, now: float) -> RingKey:
        """The key to sign with."""
        return next((one for one in reversed(self.keys) if one.signs_from <= now), self.keys[0])

    def is_due(self, now: float, age: float) -> bool:
        """Whether it is time to make the next key, so that none signs for longer than `age` seconds."""
        return now >= self.keys[-1].signs_from + age - AHEAD_S

    def with_next(self, key: ECKey, now: float) -> KeyRing:
        """This ring with a key that signs once every verifier has had time to see it; without those that are spent."""
        signs_from = max(int(now) + AHEAD_S, self.keys[-1].signs_from + 1)
        return KeyRing((*self.without_spent(now).keys, RingKey(key, int(now), signs_from)))

    def without_spent(self, now: float) -> KeyRing:
        """Only the keys that sign, will sign, or have signed something that may still live."""
        spent = [later.signs_from + AFTER_S <= now for later in self.keys[1:]]
        return KeyRing(tuple(one for one, is_spent in zip(self.keys, [*spent, False], strict=True) if not is_spent))

    @classmethod
    def of_one(cls, key: ECKey, now: float) -> KeyRing:
        """A ring whose only key signs at once."""
        return cls((RingKey(key, int(now), int(now)),))

    @classmethod
    def read(cls, content: bytes) -> KeyRing:
        """The ring in a JWK Set with private parts, `made_at` and `signs_from`; raises ValueError.

        Without these times the first key signs, as it did before there were any.
        """
        try:
            found = [_read_key(data) for data in msgspec.json.decode(content)["keys"]]
        except (msgspec.DecodeError, JoseError, KeyError, TypeError) as error:
            raise ValueError("not a set of private ES256 keys") from error
        if not found or len({str(one.key.kid) for one in found}) != len(found):
            raise ValueError("a ring needs a key, and no key twice")
        found.reverse()  # the sort is stable: the first of equals comes last, and signs
        return cls(tuple(sorted(found, key=lambda one: one.signs_from)))

    def write(self) -> bytes:
        """As `read` takes it. Readers must know the times: the order says nothing to others."""
        keys = [
            {**one.key.as_dict(private=True), "made_at": one.made_at, "signs_from": one.signs_from} for one in self.keys
        ]
        return msgspec.json.encode({"keys": keys})


def _read_key(data: dict[str, Any]) -> RingKey:
    times = [data.get(name, 0) for name in _TIMES]
    if not all(type(moment) is int and 0 <= moment < 2**53 for moment in times):
        raise ValueError("a key's times are whole seconds")
    return RingKey(private_key({name: value for name, value in data.items() if name not in _TIMES}), *times)
