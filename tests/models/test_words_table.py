"""The tables of words leave no documented value out, and say more than its name."""

import re

import pytest

from models import words_table, words_table_money, words_table_status
from models.objects.kinds import KINDS
from models.words import MEANINGS, label_of, meaning_of

# Every value that Mangopay documents for these fields.
DOCUMENTED = {
    "RefusedReasonType": "DOCUMENT_UNREADABLE DOCUMENT_NOT_ACCEPTED DOCUMENT_HAS_EXPIRED DOCUMENT_INCOMPLETE "
    "DOCUMENT_MISSING DOCUMENT_DO_NOT_MATCH_USER_DATA DOCUMENT_FALSIFIED UNDERAGE_PERSON SPECIFIC_CASE OTHER",
    "Flags": "009000 009001 009002 009003 009004 009005 009006 009007 009008 009009 009010 009011 009012 009013 "
    "009014 009015 009016 009017 009018 009019 009020 009021 009022 009023 009024 009025 009026 009100",
    "ActionCode": "008701 008702 008703 008704 008705 008710 008711 008712 008714 008715 008716",
    "RefundReasonType": "INITIALIZED_BY_CLIENT OTHER BANKACCOUNT_INCORRECT OWNER_DO_NOT_MATCH_BANKACCOUNT "
    "OWNER_DOT_NOT_MATCH_BANKACCOUNT BANKACCOUNT_HAS_BEEN_CLOSED WITHDRAWAL_IMPOSSIBLE_ON_SAVINGS_ACCOUNTS "
    "AC06_BLOCKED_BANKACCOUNT AG01_FORBIDDEN_TRANSACTION AG02_INVALID_BANK_OPERATION BE04_BENEFICIARY_ADDRESS_MISSING "
    "FOCR_RECALLED INITIALIZED_BY_MANGOPAY MD07_BENEFICIARY_IS_DECEASED MS02_BENEFICIARY_ORDER MS03_NOT_SPECIFIED "
    "RC01_INVALIDE_BIC RR01_REGULATORY_REASON RR02_REGULATORY_REASON RR03_BENEFICIARY_NAME_OR_ADDRESS_MISSING "
    "RR04_REGULATORY_REASON",
    "DisputeReasonType": "DUPLICATE FRAUD PRODUCT_UNACCEPTABLE UNKNOWN OTHER REFUND_CONVERSION_RATE "
    "LATE_FAILURE_INSUFFICIENT_FUNDS LATE_FAILURE_CONTACT_USER LATE_FAILURE_BANKACCOUNT_CLOSED "
    "LATE_FAILURE_BANKACCOUNT_INCOMPATIBLE LATE_FAILURE_BANKACCOUNT_INCORRECT AUTHORISATION_DISPUTED "
    "TRANSACTION_NOT_RECOGNIZED PRODUCT_NOT_PROVIDED CANCELED_REOCCURING_TRANSACTION REFUND_NOT_PROCESSED "
    "COUNTERFEIT_PRODUCT",
    "Reason": "MISSING_UBO WRONG_UBO_INFORMATION UBO_IDENTITY_NEEDED SHAREHOLDERS_DECLARATION_NEEDED "
    "ORGANIZATION_CHART_NEEDED DOCUMENTS_NEEDED DECLARATION_DO_NOT_MATCH_UBO_INFORMATION SPECIFIC_CASE",
    "KYCLevel": "LIGHT REGULAR",
    "UserCategory": "PAYER OWNER PLATFORM",
    "UserStatus": "ACTIVE PENDING_USER_ACTION CLOSED",
    "PersonType": "NATURAL LEGAL",
    "LegalPersonType": "BUSINESS PARTNERSHIP ORGANIZATION SOLETRADER",
    "IncomeRange": "1 2 3 4 5 6",
    "PaymentStatus": "WAITING CANCELED EXPIRED VALIDATED CANCEL_REQUESTED FAILED TO_BE_COMPLETED NO_SHOW_REQUESTED "
    "NO_SHOW",
    "DisputeType": "CONTESTABLE NOT_CONTESTABLE RETRIEVAL",
    "RecipientVerificationCheck": "MATCH CLOSE_MATCH NO_MATCH MATCH_NOT_POSSIBLE",
    "Validity": "VALID INVALID UNKNOWN",
    "FundsType": "DEFAULT FEES CREDIT",
    "AVSResult": "FULL_MATCH ADDRESS_MATCH_ONLY POSTAL_CODE_MATCH_ONLY NO_MATCH NO_CHECK",
    "ModeApplied": "STANDARD INSTANT_PAYMENT RTGS_PAYMENT PENDING_RESPONSE NONE",
    "ModeRequested": "STANDARD INSTANT_PAYMENT INSTANT_PAYMENT_ONLY RTGS_PAYMENT",
    "ExecutionType": "WEB DIRECT EXTERNAL_INSTRUCTION",
    "PaymentType": "CARD BANK_WIRE DIRECT_DEBIT PREAUTHORIZED PAYPAL APPLEPAY GOOGLE_PAY GOOGLEPAY MBWAY MULTIBANCO "
    "SATISPAY BLIK KLARNA IDEAL BCMC BIZUM SWISH TWINT PAY_BY_BANK GIROPAY PAYCONIQ DIRECT_DEBIT_DIRECT",
    "CardType": "CB_VISA_MASTERCARD AMEX MAESTRO BCMC",
    "Nature": "REGULAR REFUND REPUDIATION SETTLEMENT",
    "SecureMode": "DEFAULT FORCE NO_CHOICE",
    "Scheme": "SEPA BACS",
    "PayoutMethodType": "LocalBankTransfer InternationalBankTransfer",
    "RecipientType": "Individual Business",
    "RecipientScope": "PAYOUT PAYIN",
    "InitialTransactionType": "PAYIN TRANSFER PAYOUT",
    "DisputeResult": "WON LOST VOID",
    "CheckStatus": "VALIDATED REFUSED",
    "ChargeBearer": "OUR SHA",
    "Capacity": "NORMAL DECLARATIVE",
    "Type": "IDENTITY_PROOF ADDRESS_PROOF REGISTRATION_PROOF ARTICLES_OF_ASSOCIATION SHAREHOLDER_DECLARATION "
    "DELIVERY_PROOF INVOICE REFUND_PROOF USER_CORRESPONDANCE USER_ACCEPTANCE_PROOF PRODUCT_REPLACEMENT_PROOF "
    "PAYIN TRANSFER PAYOUT CONVERSION",
    "Status": "CREATED SUCCEEDED FAILED VALIDATION_ASKED VALIDATED REFUSED OUT_OF_DATE PENDING ACTIVE CANCELED "
    "DEACTIVATED SUBMITTED EXPIRED PENDING_CLIENT_ACTION REOPENED_PENDING_CLIENT_ACTION PENDING_BANK_ACTION CLOSED "
    "INCOMPLETE REVIEW ENABLED DISABLED ERROR BLOCKED AUTHENTICATION_NEEDED IN_PROGRESS ENDED",
}

# Every status that an object of the kind can have.
STATUSES = {
    "payin transfer payout refund conversion repudiation settlement": "CREATED SUCCEEDED FAILED",
    "preauthorization deposit extended-preauthorization card-validation": "CREATED SUCCEEDED FAILED",
    "quote": "ACTIVE EXPIRED",
    "card-registration": "CREATED VALIDATED ERROR",
    "recipient": "PENDING ACTIVE CANCELED DEACTIVATED",
    "banking-alias": "PENDING ACTIVE BLOCKED CLOSED FAILED",
    "mandate": "CREATED SUBMITTED ACTIVE FAILED EXPIRED",
    "recurring": "CREATED AUTHENTICATION_NEEDED IN_PROGRESS ENDED",
    "kyc-document dispute-document": "CREATED VALIDATION_ASKED VALIDATED REFUSED OUT_OF_DATE",
    "ubo-declaration": "CREATED VALIDATION_ASKED VALIDATED REFUSED INCOMPLETE",
    "identity-verification": "PENDING VALIDATED REFUSED REVIEW OUT_OF_DATE EXPIRED",
    "dispute": "CREATED PENDING_CLIENT_ACTION SUBMITTED PENDING_BANK_ACTION REOPENED_PENDING_CLIENT_ACTION CLOSED",
    "hook": "ENABLED DISABLED",
    "report": "PENDING GENERATING GENERATED EXPIRED FAILED",
    "legacy-report": "PENDING READY_FOR_DOWNLOAD EXPIRED FAILED",
    "intent-settlement": "PENDING_UPLOAD UPLOADED CREATED UNMATCHED PARTIALLY_MATCHED PENDING_FUNDS_RECEPTION "
    "INSUFFICIENT_FUNDS RECONCILED CANCELLED FAILED",
}

TABLES = (words_table.TABLE, words_table_money.TABLE, words_table_status.TABLE)


@pytest.mark.parametrize(("field", "values"), DOCUMENTED.items(), ids=list(DOCUMENTED))
def test_every_documented_value_has_a_meaning(field: str, values: str) -> None:
    assert [value for value in values.split() if meaning_of(field, value) is None] == []


@pytest.mark.parametrize(("kinds", "statuses"), STATUSES.items(), ids=list(STATUSES))
def test_every_kind_has_words_of_its_own_for_its_statuses(kinds: str, statuses: str) -> None:
    for kind in kinds.split():
        assert kind in KINDS
        assert [status for status in statuses.split() if ("Status", kind, status) not in MEANINGS] == []


def test_the_tables_name_only_kinds_that_exist() -> None:
    assert {kind for _, kind, _ in MEANINGS if kind is not None} <= KINDS.keys()


def test_no_value_stands_twice_in_the_tables() -> None:
    assert len(MEANINGS) == sum(_values_written(table) for table in TABLES)


def _values_written(table: str) -> int:
    # A group of two fields or of two kinds counts for each.
    groups = re.split(r"\n(?=\S)", table.strip())
    return sum(_places(group.splitlines()[0]) * (len(group.splitlines()) - 1) for group in groups)


def _places(head: str) -> int:
    fields, _, kinds = head.partition(" | ")
    return len(fields.split()) * max(1, len(kinds.split()))


def test_words_are_a_phrase_that_says_more_than_the_name() -> None:
    for (_, _, value), words in MEANINGS.items():
        assert re.fullmatch(r"([A-Z0-9]|iDEAL|giropay)[^.]*[^. ]", words)
        assert words.casefold() not in {label_of(value).casefold(), value.casefold()}
