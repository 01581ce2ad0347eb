"""One JSON text for one value: what digests, ETags and comparisons are made of."""

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as UTF-8 JSON with sorted keys and no spaces: equal values, equal bytes.

    ``<``, U+2028 and U+2029 are written as escapes, so the bytes may stand inside a ``script`` element as they are.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return safe.encode("utf-8")
