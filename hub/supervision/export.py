"""Tables for spreadsheets: CSV that opens with the right characters and runs no formula, and XLSX with real numbers."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import xlsxwriter

from kiosk.clock import CHINA

Cell = str | int | float | date | datetime | None
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BAD_IN_SHEET_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what could begin one."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else cell


def to_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """One table as CSV: UTF-8 with a mark at its beginning, lines end in CR LF (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(each) for each in header])
    writer.writerows([[_plain(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_xlsx(sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Cell]]]], made: datetime) -> bytes:
    """Several tables as one workbook.

    Args:
        sheets: Name, header and rows of each.
        made: When, for the properties.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": made.astimezone(CHINA).replace(tzinfo=None)})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, header, rows in sheets:
            sheet = book.add_worksheet(name.translate(_BAD_IN_SHEET_NAMES)[:31])
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
                sheet.set_column(column, column, 16)
            for place, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(place, column, cell.astimezone(CHINA).replace(tzinfo=None), moment)
                    elif isinstance(cell, date):
                        sheet.write_datetime(place, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(place, column, cell)
                    elif cell is not None:
                        sheet.write_number(place, column, cell)
    return out.getvalue()
