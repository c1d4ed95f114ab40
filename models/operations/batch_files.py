"""A file of operations of one kind, as CSV: read whole, with everything that is wrong in it by line and column.

Columns go by the names of Mangopay's parameters; beside them stand `Currency`, and `Reason` for lines that have one of
their own. Amounts are written in major units, as people write them, and stay as they were typed.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from models.csv_text import csv_text
from models.money import Money
from models.operations.kinds import OperationKind
from models.operations.parameters import Parameter
from models.operations.requests import CURRENCY, amount_of, faults_of

MOST_LINES = 1_000
MOST_COLUMNS = 40
LONGEST_CELL = 1_000
LARGEST_BYTES = 1024 * 1024
REASON = "Reason"
AUTHOR = "AuthorId"
DELIMITERS = ",;\t"
# Stands for an author that is read off the wallet or the pay-in later.
_AUTHOR_TO_COME = "to-come"


@dataclass(frozen=True, slots=True)
class Column:
    """One that a file may have; `options` are the values it takes, if it takes but a few."""

    name: str
    explains: str
    is_required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in a sentence. Line 1 is the header; `column` is "" for what is wrong with the whole line."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """One operation; `number` is that of its line in the file."""

    number: int
    values: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BatchFile:
    """What was read. With faults, `lines` and `totals` may be incomplete; totals are minor units by currency."""

    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)


def columns_of(kind: OperationKind) -> tuple[Column, ...]:
    """Return the columns of a kind's file, in the order of the template."""
    columns = [Column(p.name, p.explains, _is_needed(p), tuple(p.options)) for p in kind.shown]
    at = next((n for n, p in enumerate(kind.shown) if p.is_amount), len(columns))
    currency = Column(CURRENCY, "What the amounts are in, such as EUR.", is_required=True)
    reason = Column(REASON, "Why this line is done, where the reason of the whole batch does not say it.")
    return (*columns[:at], currency, *columns[at:], reason)


def _is_needed(parameter: Parameter) -> bool:
    """Whether nothing else says it: neither what the line is about, nor what it is sent as while nothing is typed."""
    return parameter.is_required and parameter.name != AUTHOR and not parameter.default


def template(kind: OperationKind) -> str:
    """Return a file without lines: the header to fill in under."""
    return csv_text([[column.name for column in columns_of(kind)]])


def read_batch_file(kind: OperationKind, content: bytes) -> BatchFile:
    """Read a file. Nothing of it is to be done unless `faults` is empty."""
    text, faults = _decoded(content)
    if faults:
        return BatchFile(faults=faults)
    rows, faults = _rows(text)
    if faults:
        return BatchFile(faults=faults)
    if len(rows) < 2:
        return BatchFile(faults=(Fault(1, "", "There are no lines in the file."),))
    (header_at, header), *body = rows
    names = _without_empty_end(header)
    if len(names) > MOST_COLUMNS:
        sentence = f"At most {MOST_COLUMNS} columns; this file has {len(names):,}."
        return BatchFile(faults=(Fault(header_at, "", sentence),))
    if faults := tuple(_faults_of_length(names, rows)):
        return BatchFile(faults=faults)
    if faults := tuple(_faults_of_header(kind, names, header_at)):
        return BatchFile(faults=faults)
    if len(body) > MOST_LINES:
        sentence = f"At most {MOST_LINES:,} lines; this file has {len(body):,}. Make several files of it."
        return BatchFile(faults=(Fault(body[MOST_LINES][0], "", sentence),))
    lines = tuple(_line(names, number, cells) for number, cells in body)
    faults = (*_faults_of_lines(kind, names, lines, body), *_faults_of_repetition(kind, lines))
    order = {name: at for at, name in enumerate(names)}
    by_place = sorted(faults, key=lambda fault: (fault.line, order.get(fault.column, -1)))
    return BatchFile(lines, tuple(by_place), totals_of(kind, lines))


def totals_of(kind: OperationKind, lines: Iterable[Line]) -> dict[str, int]:
    """Return what leaves in all, in minor units by currency."""
    totals: dict[str, int] = {}
    for line in lines:
        if (amount := amount_of(kind, line.values, kind.amount)) is not None:
            totals[amount.currency] = totals.get(amount.currency, 0) + amount.amount
    return totals


def hash_of_lines(kind: OperationKind, lines: Iterable[Mapping[str, str]]) -> str:
    """Return a mark of everything that the values of a file's lines ask for, so that nothing else is approved."""
    told = [sorted((name, value) for name, value in values.items() if value) for values in lines]
    return hashlib.sha256(json.dumps([kind.name, told]).encode()).hexdigest()


def act_of_batch(kind: OperationKind, count: int, totals: Mapping[str, int]) -> str:
    """Return what a batch does, as its button says it: "Refund 1,000 pay-ins, 12,600.00 EUR"."""
    one, many = _ACTS[kind.name]
    amounts = " and ".join(grouped(Money(minor, currency)) for currency, minor in sorted(totals.items()))
    return ", ".join(filter(None, (one if count == 1 else many.format(count), amounts)))


def grouped(amount: Money) -> str:
    """Return an amount with its thousands apart, as sums need it: "12,600.00 EUR"."""
    whole, point, fraction = amount.decimal_text().partition(".")
    return f"{int(whole):,}{point}{fraction} {amount.currency}"


_ACTS = {
    "refund-payin": ("Refund 1 pay-in", "Refund {:,} pay-ins"),
    "refund-transfer": ("Refund 1 transfer", "Refund {:,} transfers"),
    "payout": ("Make 1 payout", "Make {:,} payouts"),
    "transfer": ("Make 1 transfer", "Make {:,} transfers"),
}


def faults_text(faults: Iterable[Fault]) -> str:
    """Return faults as CSV."""
    return csv_text([("Line", "Column", "Fault"), *((str(f.line), f.column, f.sentence) for f in faults)])


def _decoded(content: bytes) -> tuple[str, tuple[Fault, ...]]:
    if len(content) > LARGEST_BYTES:
        return "", (Fault(1, "", "The file is larger than 1 MB."),)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = "The file is not in UTF-8. Save it once more as “CSV UTF-8”."
        return "", (Fault(line, "", sentence),)


_TOO_LONG = f"A cell has at most {LONGEST_CELL:,} characters, and here is one that is longer."
Row = tuple[int, Sequence[str]]


def _rows(text: str) -> tuple[Sequence[Row], tuple[Fault, ...]]:
    """Return the rows that are not blank, each with the number of the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    begins_at = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append((begins_at, stripped))
            begins_at = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            return (), (Fault(begins_at, "", _TOO_LONG),)
        sentence = "From here on the file cannot be read as CSV: a quotation mark is missing, or one too many."
        return (), (Fault(begins_at, "", sentence),)
    return rows, ()


def _delimiter(text: str) -> str:
    """Return what separates the cells of the header: most of it is there."""
    header = next((line for line in text.splitlines() if line.strip(DELIMITERS + ' "')), "")
    return max(DELIMITERS, key=header.count)


def _without_empty_end(header: Sequence[str]) -> Sequence[str]:
    """Leave out the columns without a name that spreadsheets add at the end."""
    last = max((at for at, name in enumerate(header) if name), default=-1)
    return header[: last + 1]


def _faults_of_length(names: Sequence[str], rows: Sequence[Row]) -> Iterator[Fault]:
    for number, cells in rows:
        for at, cell in enumerate(cells):
            if len(cell) > LONGEST_CELL:
                is_named = at < len(names) and cells is not rows[0][1]
                yield Fault(number, names[at] if is_named else "", _TOO_LONG)


def _faults_of_header(kind: OperationKind, names: Sequence[str], at: int) -> Iterator[Fault]:
    known = {column.name: column for column in columns_of(kind)}
    for name in dict.fromkeys(names):
        if not name:
            yield Fault(at, "", "A column has no name.")
        elif name not in known:
            yield Fault(at, name, f"There is no such column.{_perhaps(name, known)}")
        elif names.count(name) > 1:
            yield Fault(at, name, "This column is there twice.")
    for name, column in known.items():
        if column.is_required and name not in names:
            yield Fault(at, name, "This column is missing.")
    for group in kind.one_of:
        if not set(group) & set(names):
            yield Fault(at, group[0], f"One of these columns is needed: {', '.join(group)}.")


def _perhaps(name: str, known: Iterable[str]) -> str:
    by_small = {column.casefold(): column for column in known}
    found = get_close_matches(name.casefold().replace(" ", ""), by_small, n=1)
    return f" Is it {by_small[found[0]]}?" if found else f" There are: {', '.join(known)}."


def _line(names: Sequence[str], number: int, cells: Sequence[str]) -> Line:
    values = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    return Line(number, {n: v for n, v in values.items() if n != REASON}, values.get(REASON, ""))


def _faults_of_lines(
    kind: OperationKind, names: Sequence[str], lines: Sequence[Line], rows: Sequence[Row]
) -> Iterator[Fault]:
    for line, (_, cells) in zip(lines, rows, strict=True):
        if any(cells[len(names) :]):
            yield Fault(line.number, "", f"There are {len(cells)} cells, but {len(names)} columns.")
        yield from _faults_of_line(kind, line)


def _faults_of_line(kind: OperationKind, line: Line) -> Iterator[Fault]:
    values = {AUTHOR: _AUTHOR_TO_COME, **line.values}
    if fault := _fault_of_currency(values.get(CURRENCY, "")):
        yield Fault(line.number, CURRENCY, fault)
        # Whether an amount is right depends on its currency.
        values.pop(CURRENCY, None)
    for name, sentence in faults_of(kind, values).items():
        yield Fault(line.number, name, sentence)


def _fault_of_currency(currency: str) -> str:
    if not currency:
        return "Currency is missing."
    is_code = len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
    return "" if is_code else "Write the three capital letters of the currency, such as EUR."


def _faults_of_repetition(kind: OperationKind, lines: Sequence[Line]) -> Iterator[Fault]:
    """Tell of lines that ask for the same once more: one of them is a mistake, or Mangopay would refuse it."""
    first: dict[tuple[object, ...], int] = {}
    for line in lines:
        amount = amount_of(kind, line.values, kind.amount)
        subject, payee = (kind.first_given(names, line.values) for names in (kind.takes_from, kind.reaches))
        if amount is None or not subject or not payee:
            continue
        earlier = first.setdefault((subject, payee, amount), line.number)
        if earlier != line.number:
            yield Fault(line.number, kind.amount, _same_as(kind, earlier))


def _same_as(kind: OperationKind, line: int) -> str:
    if kind.makes == "refund":
        return f"Line {line} refunds the same amount of it: Mangopay refuses that twice a day."
    return f"Line {line} asks for the same amount from and to the same. If both are meant, put them into one line."
