"""From what an operator wrote to the asset store that it names."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from portico.manifest.assets import AssetStore, FolderAssets
from portico.manifest.errors import UnsupportedAssets


def open_assets(place: Path | str, environment: Mapping[str, str]) -> AssetStore:
    """Return the asset store at ``place``: a folder, or ``s3://bucket/prefix``.

    The bucket's region, endpoint and credentials are those of ``AWS_*`` in the process's environment, as for Amazon's
    own tools. Raises ``UnsupportedAssets``.
    """
    text = str(place)
    if "://" not in text:
        return FolderAssets(Path(place).absolute())
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise UnsupportedAssets("assets are kept in a folder or in s3://bucket/prefix")
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or ""
    from portico.manifest.s3_assets import S3Assets  # noqa: PLC0415 (with a folder, start without its client)

    return S3Assets(parts.netloc, parts.path.strip("/"), plain=endpoint.startswith("http://"))
