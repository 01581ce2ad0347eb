"""What can go wrong between the hub and the lake. Choose by ``code``; never read the words."""

from typing import ClassVar


class LakeError(Exception):
    """Base of everything this package raises on purpose."""

    code: ClassVar[str] = "lake"


class UnsupportedLake(LakeError):
    """The settings name no place, key store or schema that can be used; the message says which, and what would do."""

    code = "unsupported-lake"


class LakeUnavailable(LakeError):
    """The folder, bucket or hub does not answer as it should. Nothing of what was begun is in the lake; try again."""

    code = "lake-unavailable"


class NothingToKeep(LakeUnavailable):
    """The hub is there and has no stream: no service has said anything yet, as after the first start."""


class LakeDamaged(LakeError):
    """A file of the lake is missing or cannot be read; the message names it. Restore it from a copy."""

    code = "lake-damaged"


class LakeContended(LakeError):
    """Another keeper committed first. Nothing of this commit is in the lake; read the lake again and go on."""

    code = "lake-contended"


class NotAnEvent(LakeError):
    """A message that no service of ours can have sent; the message says why."""

    code = "not-an-event"


class QueryRefused(LakeError):
    """The query is not one SELECT, is wrong, or asks for what it may not have; the message is the engine's."""

    code = "query-refused"


class QueryTooLong(LakeError):
    """The query took longer, or more memory, than it may. Ask for fewer days or columns."""

    code = "query-too-long"
