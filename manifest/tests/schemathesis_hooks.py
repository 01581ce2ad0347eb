"""What schemathesis cannot guess: archives that are built apps, beside any bytes at all."""

import os
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import strategies as st

from manifest.tests.manifest_world import app_files, library_files, tar_gz

_versions = st.builds("{}.{}.{}".format, *(st.integers(0, 3) for _ in range(3)))
_apps = st.builds(lambda version, source: tar_gz(app_files(version=version, source=source)), _versions, st.text())
_libraries = st.builds(lambda version: tar_gz(library_files(version)), _versions)

schemathesis.openapi.media_type("application/gzip", st.one_of(_apps, _libraries, st.binary(max_size=300)))

OWN_TOKEN = "FUZZ_TOKEN_ID"
"""The environment variable with the id of the deploy token that the requests are sent with."""
KNOWN = {"app": ("shop", "libs"), "channel": ("live",)}


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Let half of the requests meet what is there; which half, their own values decide."""
    for name, there in KNOWN.items():
        if path_parameters and isinstance(value := path_parameters.get(name), str):
            chosen = crc32(value.encode("utf-8", "surrogatepass")) % (2 * len(there))
            path_parameters[name] = there[chosen] if chosen < len(there) else value
    return path_parameters


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """None ends the token that all of them have, also where an answer's link led to it."""
    if case.path_parameters.get("token") == os.environ[OWN_TOKEN]:
        case.path_parameters["token"] = "0" * 16
