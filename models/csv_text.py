"""Rows as CSV that every spreadsheet opens, and none takes for more than text."""

import csv
import io
import re
from collections.abc import Sequence


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines of CSV, each cell without a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([[without_formula(cell) for cell in row] for row in rows])
    return text.getvalue()


def without_formula(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    if _AMOUNT.fullmatch(text):
        return text
    # Blanks before it do not keep a spreadsheet from reading it; nor does the wide form of the sign.
    return f"'{text}" if text.lstrip()[:1] in _BEGINS_FORMULA or (text[:1] in "\t\r" and text) else text


_BEGINS_FORMULA = frozenset("=+-@＝＋－＠")  # noqa: RUF001  (wide forms on purpose)
_AMOUNT = re.compile(r"-?\d+(\.\d+)?( [A-Z]{3})?")
