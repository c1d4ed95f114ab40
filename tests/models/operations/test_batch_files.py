"""A file of operations is read as people make them, and everything that is wrong in it is told by line and column."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.operations.batch_files import (
    LARGEST_BYTES,
    LONGEST_CELL,
    MOST_LINES,
    BatchFile,
    act_of_batch,
    columns_of,
    faults_text,
    hash_of_lines,
    read_batch_file,
    template,
)
from models.operations.kinds import BATCHED, OPERATIONS

REFUND, PAYOUT = OPERATIONS["refund-payin"], OPERATIONS["payout"]
HEADER = "PayInId,Currency,DebitedFunds,Fees"


def refunds(*lines: str, header: str = HEADER) -> BatchFile:
    return read_batch_file(REFUND, "\n".join((header, *lines)).encode())


def told(file: BatchFile) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in file.faults]


def test_lines_are_read_with_their_number_their_values_as_typed_and_the_total_by_currency() -> None:
    file = refunds("payin_m_1,EUR,12.60,-0.60", 'payin_m_2,EUR,"1.000,5",', "payin_m_3,JPY,500,0")
    assert file.faults == ()
    assert [line.number for line in file.lines] == [2, 3, 4]
    assert file.lines[1].values == {"PayInId": "payin_m_2", "Currency": "EUR", "DebitedFunds": "1.000,5"}
    assert file.totals == {"EUR": 1260 + 100_050, "JPY": 500}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_spreadsheet_s_way_to_write_it_is_read(delimiter: str, end: str, mark: bytes) -> None:
    lines = [delimiter.join(("PayInId", "Currency", "DebitedFunds", "Reason", "", ""))]
    lines += ["", delimiter.join(("payin_m_1", "EUR", '"12,60"', '"Zoë said ""no"""', "", "")), delimiter * 5]
    file = read_batch_file(REFUND, mark + end.join(lines).encode())
    assert file.faults == ()
    [line] = file.lines
    assert (line.number, line.reason, line.values["DebitedFunds"]) == (3, 'Zoë said "no"', "12,60")


def test_a_quoted_cell_of_two_lines_does_not_spoil_the_numbers_of_the_next() -> None:
    file = refunds('payin_m_1,EUR,1,0,"for\nBob"', "payin_m_2,EUR,none,0,", header=f"{HEADER},Reason")
    assert told(file) == [(4, "DebitedFunds")]


def test_what_is_wrong_is_told_by_line_and_column_in_their_order() -> None:
    file = refunds(
        "payin_m_1,EUR,1.2.3,0", "wallet id!,eur,,0", "payin_m_3,,5,0", "payin_m_4,EUR,5,6", "payin_m_5,JPY,5.5,0"
    )
    assert told(file) == [
        (2, "DebitedFunds"), (3, "PayInId"), (3, "Currency"), (3, "DebitedFunds"), (4, "Currency"), (5, "Fees"),
        (6, "DebitedFunds"),
    ]  # fmt: skip
    assert [fault.sentence for fault in file.faults][3:] == [
        "Amount is missing.",
        "Currency is missing.",
        "The fees are more than the amount.",
        "JPY has no decimals.",
    ]


@pytest.mark.parametrize(
    ("header", "column", "says"),
    [
        ("PayinID,Currency,DebitedFunds", "PayinID", "Is it PayInId?"),
        ("PayInId,Currency,Sum", "Sum", "There are: PayInId, AuthorId, Currency,"),
        ("PayInId,Currency,DebitedFunds,Fees,Fees", "Fees", "This column is there twice."),
        ("PayInId,DebitedFunds", "Currency", "This column is missing."),
        ("PayInId,,Currency,DebitedFunds", "", "A column has no name."),
    ],
)
def test_a_wrong_header_is_told_with_what_would_be_right(header: str, column: str, says: str) -> None:
    [fault, *_] = refunds("payin_m_1,EUR,1", header=header).faults
    assert (fault.line, fault.column) == (1, column)
    assert says in fault.sentence


def test_of_two_columns_for_the_same_one_is_enough_and_each_line_has_one() -> None:
    file = read_batch_file(PAYOUT, b"DebitedWalletId,Currency,DebitedFunds\nwlt_m_1,EUR,1")
    assert told(file) == [(1, "RecipientId")]
    header = "DebitedWalletId,RecipientId,BankAccountId,Currency,DebitedFunds"
    text = f"{header}\nwlt_m_1,,,EUR,1\nwlt_m_1,rec_1,bankacc_m_1,EUR,2"
    assert told(read_batch_file(PAYOUT, text.encode())) == [(2, "RecipientId"), (3, "BankAccountId")]


@pytest.mark.parametrize("content", ["PayInId;Währung".encode("latin-1"), "PayInId".encode("utf-16")])
def test_a_file_in_another_encoding_is_told_to_be(content: bytes) -> None:
    [fault] = read_batch_file(REFUND, content).faults
    assert "CSV UTF-8" in fault.sentence


def test_a_missing_quotation_mark_is_told_with_the_line_it_is_in() -> None:
    assert told(refunds("payin_m_1,EUR,1,0", '"payin_m_2,EUR,1,0', "payin_m_3,EUR,1,0")) == [(3, "")]


def test_cells_without_a_column_are_told_of() -> None:
    [fault] = refunds("payin_m_1,EUR,1,000,0").faults
    assert (fault.line, fault.sentence) == (2, "There are 5 cells, but 4 columns.")


def test_an_empty_file_and_one_that_is_too_long_are_refused() -> None:
    assert refunds().faults[0].sentence == read_batch_file(REFUND, b"").faults[0].sentence
    lines = [f"payin_m_{number},EUR,1,0" for number in range(MOST_LINES + 1)]
    assert refunds(*lines[:-1]).faults == ()
    assert told(refunds(*lines)) == [(MOST_LINES + 2, "")]
    assert "1 MB" in read_batch_file(REFUND, b"x" * (LARGEST_BYTES + 1)).faults[0].sentence


def test_thousands_of_columns_are_one_fault() -> None:
    names = ",".join(f"Column{number}" for number in range(5_000))
    [fault] = refunds("payin_m_1", header=names).faults
    assert (fault.line, fault.column, fault.sentence) == (1, "", "At most 40 columns; this file has 5,000.")


@pytest.mark.parametrize(
    ("length", "place"), [(LONGEST_CELL, None), (LONGEST_CELL + 1, (3, "Reason")), (200_000, (3, ""))]
)
def test_a_cell_that_nobody_can_have_typed_is_told(length: int, place: tuple[int, str] | None) -> None:
    header = f"{HEADER},Reason"
    file = refunds("payin_m_1,EUR,1,0,", f"payin_m_2,EUR,1,0,{'x' * length}", header=header)
    assert told(file) == ([place] if place else [])


def test_a_name_of_a_column_that_is_too_long_is_told_without_it() -> None:
    assert told(refunds("1", header=f"PayInId,{'x' * (LONGEST_CELL + 1)}")) == [(1, "")]


def test_the_same_amount_of_the_same_twice_is_told_and_another_amount_is_not() -> None:
    assert told(refunds("payin_m_1,EUR,5,0", "payin_m_1,EUR,4,0", "payin_m_1,EUR,5.00,0")) == [(4, "DebitedFunds")]
    header = "DebitedWalletId,RecipientId,Currency,DebitedFunds"
    text = f"{header}\nwlt_m_1,rec_1,EUR,5\nwlt_m_1,rec_2,EUR,5\nwlt_m_1,rec_1,EUR,5,,"
    [fault] = read_batch_file(PAYOUT, text.encode()).faults
    assert (fault.line, fault.column) == (4, "DebitedFunds")
    assert fault.sentence.startswith("Line 2 asks for the same amount")


def test_the_template_has_every_column_and_no_line() -> None:
    for batched in BATCHED:
        [header] = csv.reader(io.StringIO(template(batched)))
        assert header == [column.name for column in columns_of(batched)]
        [fault] = read_batch_file(batched, template(batched).encode()).faults
        assert fault.sentence == "There are no lines in the file."


def test_what_is_asked_for_has_another_mark_once_anything_of_it_is_another() -> None:
    marks = [
        hash_of_lines(kind, [line.values for line in refunds(*lines).lines])
        for kind, lines in (
            (REFUND, ["payin_m_1,EUR,5,0"]),
            (REFUND, ["payin_m_1,EUR,5.0,0"]),
            (REFUND, ["payin_m_1,EUR,5,0", "payin_m_2,EUR,5,0"]),
            (OPERATIONS["refund-transfer"], ["payin_m_1,EUR,5,0"]),
        )
    ]
    assert len(set(marks)) == 4
    assert marks[0] == hash_of_lines(REFUND, [line.values for line in refunds("", "payin_m_1,EUR,5,0").lines])


@pytest.mark.parametrize(
    ("kind", "count", "totals", "says"),
    [
        ("refund-payin", 1_000, {"EUR": 1_260_000}, "Refund 1,000 pay-ins, 12,600.00 EUR"),
        ("payout", 1, {"EUR": 100, "JPY": 12_000}, "Make 1 payout, 1.00 EUR and 12,000 JPY"),
    ],
)
def test_a_batch_is_said_in_words(kind: str, count: int, totals: dict[str, int], says: str) -> None:
    assert act_of_batch(OPERATIONS[kind], count, totals) == says


def test_faults_are_a_file_too_in_which_nothing_is_a_formula() -> None:
    file = refunds("payin_m_1,EUR,1", header="PayInId,Currency,=DebitedFunds")
    assert "\r\n1,'=DebitedFunds," in faults_text(file.faults)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"{HEADER}\n{text}".encode()))
def test_whatever_it_is_it_is_read_or_told_what_is_wrong(content: bytes) -> None:
    file = read_batch_file(REFUND, content)
    assert file.faults or file.lines
