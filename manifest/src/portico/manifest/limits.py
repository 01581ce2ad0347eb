"""How much a team may send at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one upload, in bytes unless said otherwise.

    ``ratio`` is how many times larger than the upload its content may be, once it is larger than ``ratio_from``: code
    and text shrink five- to tenfold, a bomb a thousandfold.
    """

    upload: int = 128 << 20
    unpacked: int = 512 << 20
    file: int = 64 << 20
    files: int = 5_000
    ratio: int = 100
    ratio_from: int = 8 << 20
