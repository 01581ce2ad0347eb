"""What a client of the façade is told when it is refused, before anything has changed."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from portico.manifest.errors import ManifestError


class ImdRefused(ManifestError):
    """Base of what the façade refuses; ``status`` is HTTP's, the message says what is wrong and what to do."""

    code = "imd-request-invalid"
    title: ClassVar[str] = "The request cannot be used"
    status: ClassVar[int] = 400
    headers: ClassVar[Mapping[str, str]] = {}


class ImdRequestInvalid(ImdRefused):
    """The body or a query parameter is not what the call takes; ``pointer`` says where."""

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(_printable(detail))
        self.pointer = _printable(pointer)


class UnknownEnvironment(ImdRefused):
    """No environment of this name is configured."""

    code = "unknown-environment"
    title = "No such environment"
    status = 404


class UrlNotTrusted(ImdRefused):
    """An address is not covered by ``urlSafeList``."""

    code = "url-not-trusted"
    title = "The URL is not trusted"


class UrlNotReachable(ImdRefused):
    """An address could not be fetched within the limits."""

    code = "url-not-reachable"
    title = "The URL cannot be fetched"


class IntegrityMismatch(ImdRefused):
    """What the URL serves has another digest than the map says, or would say."""

    code = "integrity-mismatch"
    title = "The file is not what its integrity says"


class CredentialsNeeded(ImdRefused):
    """The call brings neither the configured user and password nor an operator's deploy token."""

    code = "credentials-needed"
    title = "A user and password are needed"
    status = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Basic realm="portico-imd", charset="UTF-8"'}


class InvalidImdSettings(ManifestError):
    """The file that ``PORTICO_IMD`` names cannot be used; ``faults`` says every reason."""

    code = "invalid-settings"

    def __init__(self, where: str, faults: Sequence[str]) -> None:
        super().__init__(f"{where}: {'; '.join(faults)}")
        self.faults = tuple(faults)


def _printable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no answer can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
