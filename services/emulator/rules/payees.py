"""Verification of payee: does the account belong to whom its owner is said to be? Asked in euros within the SEPA alone.

Source: https://docs.mangopay.com/guides/vop/recipients-payouts
Chosen: the texts for no match and for a check that is not possible, and that names are compared letter by letter.
"""

import uuid

from services.emulator.engine.store import Entity
from services.emulator.rules.bank_countries import LOCAL, SEPA

# The sandbox's two accounts: the name that is theirs, and one that comes close.
KNOWN = {
    "FR7630001007941234567890185": ("EuroCorp", "EuroCarp"),
    "DE75512108001245126199": ("John Doe", "John Dae"),
}


def verification(recipient: Entity) -> Entity | None:
    """Return what the check of a recipient finds, None if no check is made."""
    if (recipient["Currency"], recipient["PayoutMethodType"]) != ("EUR", LOCAL) or recipient["Country"] not in SEPA:
        return None
    account = recipient[LOCAL]["EUR"]["IBAN"]
    if account not in KNOWN:
        return {
            "RecipientVerificationId": None,
            "RecipientVerificationCheck": "MATCH_NOT_POSSIBLE",
            "RecipientVerificationMessage": "Account name could not be checked against account identifier.",
        }
    check, message = _compare(_name(recipient), *KNOWN[account])
    return {
        "RecipientVerificationId": str(uuid.uuid4()),
        "RecipientVerificationCheck": check,
        "RecipientVerificationMessage": message,
    }


def _compare(name: str, own: str, close: str) -> tuple[str, str]:
    if name == own:
        return "MATCH", "Account name fully matches account identifier."
    if name == close:
        partly = "Account name partially matches account identifier."
        return "CLOSE_MATCH", f"{partly} Name returned by check: {own}."
    return "NO_MATCH", "Account name does not match account identifier."


def _name(recipient: Entity) -> str:
    if recipient["RecipientType"] == "Business":
        return str(recipient["BusinessRecipient"]["BusinessName"])
    person = recipient["IndividualRecipient"]
    return f"{person['FirstName']} {person['LastName']}"
