"""Text from elsewhere for a terminal: a reason or a name must not move the cursor or look like another row."""


def plain(text: str) -> str:
    r"""Return the text with what is not printable (escapes, line ends, marks that turn the direction) as ``\x1b``."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "replace").decode() for one in text)
