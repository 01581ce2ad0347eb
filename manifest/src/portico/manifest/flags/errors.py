"""What can go wrong with flags. The codes become problem types; the evaluation's errors are OpenFeature's own."""

from portico.manifest.errors import ManifestError, Refused


class InvalidFlag(Refused):
    """The flag's document does not follow its schema, or contradicts itself."""

    code = "invalid-flag"


class UnknownFlag(ManifestError):
    """There is no flag of this key, or not any more."""

    code = "unknown-flag"


class FlagConflict(ManifestError):
    """The flag moved on: it is at revision ``current``, not at the one that the change was made from."""

    code = "flag-conflict"

    def __init__(self, flag: str, current: int) -> None:
        super().__init__(f"flag {flag} is at revision {current}")
        self.flag = flag
        self.current = current


class NotYourFlag(ManifestError):
    """The flag is another team's than the token's."""

    code = "not-your-flag"


class TargetingKeyMissing(Exception):
    """A share of the people is asked for, and the context does not say which person it is about."""
