"""Every result code has Mangopay's own message and words that an operator understands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import result_code_table, result_code_table_cards, result_code_table_payins
from models.result_codes import RESULT_CODES, explain
from services.emulator.rules.result_codes import MESSAGES


def test_183_codes_of_mangopay_and_13_of_its_card_vault_are_explained() -> None:
    assert sum(len(code) == 6 for code in RESULT_CODES) == 183
    assert sum(len(code) == 5 for code in RESULT_CODES) == 13
    assert len(RESULT_CODES) == 183 + 13


def test_no_code_stands_twice_in_the_tables_and_none_is_overlooked() -> None:
    tables = result_code_table.TABLE + result_code_table_payins.TABLE + result_code_table_cards.TABLE
    assert re.findall(r"^ {4}(\S+)", tables, re.MULTILINE) == list(RESULT_CODES)


def test_no_line_of_the_tables_is_lost() -> None:
    tables = result_code_table.TABLE + result_code_table_payins.TABLE + result_code_table_cards.TABLE
    written = {line.strip().removeprefix("> ") for line in tables.splitlines() if line.startswith(" ")}
    read = "\n".join(
        f"{entry.code} {entry.message}\n{entry.meaning}\n{entry.advice}" for entry in RESULT_CODES.values()
    )
    assert {line for line in written if line not in read} == set()


def test_a_code_is_told_in_one_sentence_and_its_advice_in_whole_ones() -> None:
    for code, entry in RESULT_CODES.items():
        assert entry.code == code
        assert re.fullmatch(r"\d{5,6}", code)
        assert re.fullmatch(r"[A-Z][^>]*[^. ]\.", entry.meaning)
        assert ". " not in entry.meaning
        assert re.fullmatch(r"([A-Z][^>]*[^. ]\.)?", entry.advice)
        assert "  " not in entry.message + entry.meaning + entry.advice


def test_the_words_do_more_than_repeat_the_message() -> None:
    for entry in RESULT_CODES.values():
        assert entry.message
        assert entry.meaning.rstrip(".").casefold() != entry.message.rstrip(".").casefold()
        assert entry.advice != entry.meaning


def test_only_success_needs_no_advice() -> None:
    assert [entry.code for entry in RESULT_CODES.values() if not entry.advice] == ["000000"]


EXACT = """
000000 Success
001001 Unsufficient wallet balance
001405 The initial transaction occured less than 7 days ago
001836 The mandate has been submitted to the user\u2019s bank
002602 User owning credited wallet is closed and and cannot receive funds from another wallet
002703 Refused due to user\u2019s UserCategory: PAYER
008511 The 3DS authentification has failed due to supplementary security checks
101101 Transaction refused by the bank (Do not honor)
101305 SecureMode: Soft decline
105206 Registration data : Invalid format
121012 Inapproriate bank account type used
130006 technical error, please try again later
206109 User denied by bank
809001 There was an error executing your report request
02626 Invalid date. Use mmdd format
"""


@pytest.mark.parametrize("line", EXACT.strip().splitlines())
def test_the_message_is_mangopay_s_own_with_its_typos(line: str) -> None:
    code, message = line.split(maxsplit=1)
    assert RESULT_CODES[code].message == message


def test_a_message_over_two_lines_of_the_table_is_one_text() -> None:
    assert RESULT_CODES["121019"].message == (
        "Payout refused because the bank account address is formatted as an unstructured string in AddressLine1 "
        "(created via an API v2 endpoint). Re-register as a Recipient and try again."
    )


def test_what_the_local_emulator_answers_is_explained_under_the_same_message() -> None:
    # The card vault's messages are published nowhere any more, and the emulator chose its own.
    of_mangopay = {code: message for code, message in MESSAGES.items() if len(code) == 6}
    assert of_mangopay == {code: RESULT_CODES[code].message for code in of_mangopay}
    assert RESULT_CODES.keys() >= MESSAGES.keys()


def test_a_known_code_is_explained() -> None:
    soft_decline = explain("101305")
    assert soft_decline is not None
    assert (
        soft_decline.meaning == "The bank wants the cardholder to be authenticated before it decides about the payment."
    )
    assert soft_decline.advice == "Pay again with SecureMode FORCE while the cardholder is there to authenticate."


def test_advice_over_two_lines_of_the_table_is_one_text() -> None:
    assert RESULT_CODES["001001"].advice == (
        "Compare the amount with the wallet's balance. Before a pay-in can be refunded, refund the transfer that moved "
        "its money on."
    )


@pytest.mark.parametrize("code", [None, "", " ", "999999", "1305", "LOST"])
def test_no_code_and_an_unknown_one_are_not_explained(code: str | None) -> None:
    assert explain(code) is None


@given(st.none() | st.text() | st.from_regex(r"\d{5,6}", fullmatch=True))
def test_any_text_is_either_explained_as_itself_or_not_at_all(code: str | None) -> None:
    explained = explain(code)
    assert (explained.code if explained else None) == (code if code in RESULT_CODES else None)
