"""The document: a receipt as PDF, which says the same in the same bytes however often it is made."""

import atexit
import functools
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import fpdf
import pymupdf_fonts
from fontTools.ttLib import TTFont
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from archive_bff.order import FinishedOrder, Money

_FONT: Final = "FiraGO"
"""Latin, Greek, Cyrillic, Arabic, Hebrew, Georgian, Thai and Devanagari. What it cannot write is left out."""

Style = Literal["", "B"]
_FILES: Final[dict[Style, str]] = {"": "figo", "B": "figbo"}

_REASONS: Final = {
    "payment-failed": "the payment failed",
    "rejected": "the restaurant could not take it",
    "expired": "the restaurant did not answer in time",
}
_NO_DECIMALS: Final = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF"})


def receipt_pdf(order: FinishedOrder, closed_at: datetime) -> bytes:
    """Make the receipt of an order that ended at ``closed_at``, in English; names are in their own script."""
    pdf = _Page(order, closed_at)
    pdf.head()
    pdf.parties()
    pdf.amounts()
    return bytes(pdf.output())


class _Page(fpdf.FPDF):
    """One receipt on A4."""

    def __init__(self, order: FinishedOrder, closed_at: datetime) -> None:
        super().__init__()
        self._order = order
        self._closed_at = closed_at
        self.set_creation_date(closed_at)
        self.set_title(f"Receipt {order.id}")
        self.set_lang("en")
        for style in _FILES:
            self.add_font(_FONT, style, fname=_font(style))
        self.set_text_shaping(True)
        self.set_margin(20)
        self.add_page()

    def head(self) -> None:
        """What it is, of what, and how it ended."""
        order = self._order
        self.set_font(_FONT, "B", 20)
        self._line(order.restaurant_name, height=11)
        self.set_font(_FONT, "", 10)
        self._line(f"Receipt for order {order.id}")
        self._line(f"Placed {_time(order.placed_at)}")
        if order.status == "cancelled":
            reason = _REASONS.get(order.reason or "", "it could not be carried out")
            self.set_font(_FONT, "B", 10)
            self._line(f"Cancelled {_time(self._closed_at)}: {reason}.")
            self._line("Nothing is owed; what was paid has been given back.")
        else:
            self._line(f"Delivered {_time(self._closed_at)}")

    def parties(self) -> None:
        """To whom it went."""
        address = self._order.address
        self.ln(6)
        self.set_font(_FONT, "B", 10)
        self._line("Delivered to" if self._order.status == "completed" else "For")
        self.set_font(_FONT, "", 10)
        for line in (address.name, address.street, f"{address.postal_code} {address.city}"):
            self._line(line)

    def amounts(self) -> None:
        """The dishes and what they came to."""
        self.ln(6)
        order = self._order
        rows = [(line.name, str(line.quantity), line.unit_price.times(line.quantity)) for line in order.lines]
        sums = (("Dishes", order.subtotal), ("Delivery", order.delivery), ("Total", order.total))
        bold = FontFace(emphasis="BOLD")
        align = ("LEFT", "RIGHT", "RIGHT")
        with self.table(
            col_widths=(110, 20, 40), text_align=align, borders_layout="HORIZONTAL_LINES", headings_style=bold
        ) as table:
            table.row(("Dish", "Portions", "Amount"))
            for name, quantity, amount in rows:
                table.row((_writable(name), quantity, _amount(amount)))
            for name, amount in sums:
                table.row((name, "", _amount(amount)), style=bold if name == "Total" else None)

    def _line(self, text: str, height: float = 6) -> None:
        self.multi_cell(0, height, _writable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _writable(text: str) -> str:
    """The text without what the font has no picture of: a box would say less."""
    known = _characters()
    kept = " ".join("".join(one for one in text if one.isspace() or ord(one) in known).split())
    return kept or "-"


@functools.cache
def _fonts() -> TemporaryDirectory[str]:
    """The fonts as files, as the library wants them; for as long as the process runs."""
    folder = TemporaryDirectory(prefix="archive-fonts-")
    atexit.register(folder.cleanup)
    for name in _FILES.values():
        Path(folder.name, f"{name}.ttf").write_bytes(pymupdf_fonts.myfont(name))
    return folder


def _font(style: Style) -> Path:
    return Path(_fonts().name, f"{_FILES[style]}.ttf")


@functools.cache
def _characters() -> frozenset[int]:
    with TTFont(_font("")) as font:
        return frozenset(font.getBestCmap())


def _amount(money: Money) -> str:
    if money.currency in _NO_DECIMALS:
        return f"{money.minor} {money.currency}"
    return f"{money.minor // 100}.{money.minor % 100:02} {money.currency}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
