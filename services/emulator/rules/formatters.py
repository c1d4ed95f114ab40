"""Wire shapes that differ by endpoint: users have three, pay-outs two. Everything else is sent as it is stored."""

from services.emulator.engine.store import Entity, wire

USER_ROW = (
    *("Id", "Tag", "CreationDate", "PersonType", "Email", "KYCLevel", "TermsAndConditionsAccepted"),
    *("TermsAndConditionsAcceptedDate", "UserCategory", "UserStatus"),
)
PAYOUT_MODES = ("ModeRequested", "ModeApplied", "FallbackReason")
REPRESENTATIVE = ("FirstName", "LastName", "Email", "Birthday", "Nationality", "CountryOfResidence")


def user_row(user: Entity) -> Entity:
    """Return what the list of all users shows; there are no names in it."""
    return {name: user[name] for name in USER_ROW}


def sca_user(user: Entity) -> Entity:
    """Return a user as `/sca/users` shows it; the redirect is told only once, by what asked for it."""
    return wire(user) | {"PendingUserAction": None}


def legacy_user(user: Entity) -> Entity:
    """Return a user as `/users` shows it: no SCA, and a legal user's representative in flat fields."""
    shown = wire(user)
    if user["PersonType"] == "NATURAL":
        return shown
    representative = shown.pop("LegalRepresentative")
    flat: Entity = {}
    for name, value in shown.items():
        flat[name] = value
        if name == "LegalPersonType":
            flat |= {f"LegalRepresentative{field}": representative[field] for field in REPRESENTATIVE}
            flat["LegalRepresentativeProofOfIdentity"] = representative["ProofOfIdentity"]
    flat["PhoneNumber"] = representative["PhoneNumber"]
    return flat


def payout(transaction: Entity) -> Entity:
    """Return a payout as `/payouts/{PayoutId}` shows it; its modes are for `/payouts/bankwire/{PayoutId}`."""
    return {name: value for name, value in wire(transaction).items() if name not in PAYOUT_MODES}
