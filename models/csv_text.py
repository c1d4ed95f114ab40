"""Rows as CSV that every spreadsheet opens, and none takes for more than text."""

import csv
import io
from collections.abc import Sequence


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines of CSV, each cell without a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([[without_formula(cell) for cell in row] for row in rows])
    return text.getvalue()


def without_formula(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
