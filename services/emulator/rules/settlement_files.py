"""Settlement files: comma-separated transactions, an empty row, and a footer of names and values.

Columns and footer rows are known by their names, not by their places.
Source: https://docs.mangopay.com/api-reference/settlements/settlement-file

Chosen: a file must name ExternalProviderReference, ExternalTransactionType, Amount and Currency, and in its footer a
total; of the date, 19-06-2025 and 2025-06-19 are understood.
"""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.emulator.engine.store import Entity

COLUMNS = ("ExternalProviderReference", "ExternalTransactionType", "Amount", "Currency")
TRANSACTION_TYPES = ("PAYMENT", "REFUND", "DISPUTE")
# The total was called TotalSettlementAmount before.
TOTALS = ("TotalNetSettlementAmount", "TotalSettlementAmount")
FEES = "TotalSettlementFeesAmount"
LONGEST_NUMBER = 15
DATE_FORMATS = ("%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class Line:
    reference: str
    type: str
    amount: int
    currency: str


@dataclass(slots=True)
class SettlementFile:
    """What a file says, and what is wrong with it; with errors of the footer it says nothing that counts."""

    lines: list[Line] = field(default_factory=list)
    provider: str | None = None
    currency: str | None = None
    date: int | None = None
    total: int = 0
    fees: int = 0
    footer_errors: list[Entity] = field(default_factory=list)
    line_errors: list[Entity] = field(default_factory=list)


def parse(content: bytes) -> SettlementFile:
    file = SettlementFile()
    rows = _read_rows(file, content.decode("utf-8-sig", "replace").replace("\0", ""))
    end = next((at for at, row in enumerate(rows) if not any(cell.strip() for cell in row)), len(rows))
    header = [cell.strip() for cell in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in header]
    for name in missing:
        file.footer_errors.append(footer_error(name, "MISSING_COLUMN", f"The column {name} is missing."))
    _read_footer(file, {row[0].strip(): row[1].strip() for row in rows[end + 1 :] if len(row) > 1})
    if not missing:
        for row in rows[1:end]:
            _read_line(file, dict(zip(header, (cell.strip() for cell in row), strict=False)))
    return file


def _read_rows(file: SettlementFile, text: str) -> list[list[str]]:
    """Return the rows of a file, as far as it can be read: the csv module gives up at a field of 128 kB."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(text.splitlines()))
    except csv.Error:
        message = "The file is no comma-separated text, or has a field that is too long."
        file.footer_errors.append(footer_error("File", "INVALID_FORMAT", message))
    return rows


def footer_error(name: str, code: str, description: str) -> Entity:
    return {"FooterName": name, "Code": code, "Description": description}


def line_error(reference: str, type_: str, code: str, description: str) -> Entity:
    """Return an error of a line; clients read it flat or among its details."""
    return {
        "ExternalProviderReference": reference,
        "ExternalTransactionType": type_,
        "Code": code,
        "Description": description,
        "Details": [{"Code": code, "Description": description}],
    }


def _read_line(file: SettlementFile, row: dict[str, str]) -> None:
    reference, type_ = row.get("ExternalProviderReference", ""), row.get("ExternalTransactionType", "").upper()
    amount, currency = _number(row.get("Amount", "")), row.get("Currency", "")
    problem = None
    if not reference or not currency:
        problem = "A mandatory field of the line is empty"
    elif type_ not in TRANSACTION_TYPES:
        problem = f"The ExternalTransactionType {type_} is not one of {', '.join(TRANSACTION_TYPES)}"
    elif amount is None:
        problem = "The Amount is not a whole number"
    if problem is not None or amount is None:
        file.line_errors.append(line_error(reference, type_, "INVALID_FORMAT", str(problem)))
    else:
        file.lines.append(Line(reference, type_, abs(amount), currency))


def _read_footer(file: SettlementFile, footer: dict[str, str]) -> None:
    name = next((name for name in TOTALS if footer.get(name)), TOTALS[0])
    total, fees = _number(footer.get(name, "")), _number(footer.get(FEES) or "0")
    for key, value in ((name, total), (FEES, fees)):
        if value is None:
            file.footer_errors.append(footer_error(key, "INVALID_FORMAT", f"{key} must be a whole number."))
    file.total, file.fees = total or 0, fees or 0
    file.provider = footer.get("ExternalProviderName") or None
    file.currency = footer.get("SettlementCurrency") or None
    file.date = _date(footer.get("SettlementDate", ""))


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER else None


def _date(text: str) -> int | None:
    for known in DATE_FORMATS:
        try:
            return int(datetime.strptime(text, known).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return None
