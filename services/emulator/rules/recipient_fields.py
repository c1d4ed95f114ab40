"""What a recipient consists of: one table of fields, by which its schema is written and its data are checked.

Source: https://docs.mangopay.com/api-reference/recipients/view-recipient-schema
Chosen: the local fields of AUD, HKD, MXN and SGD are those that Mangopay has announced; an account number of a country
that uses no IBAN has 1 to 34 letters and digits, 8 to 12 in the United States; Region is required in CA, MX and US.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from services.emulator.engine.fields import COUNTRIES_WITH_REGIONS
from services.emulator.engine.store import Entity
from services.emulator.rules.bank_countries import INTERNATIONAL, LOCAL
from services.emulator.rules.ibans import LENGTHS

CURRENCIES = (
    *("AED", "AUD", "CAD", "CHF", "CNH", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "NOK", "NZD"),
    *("PLN", "RON", "SAR", "SEK", "SGD", "TRY", "USD", "ZAR"),
)
METHODS = (LOCAL, INTERNATIONAL)
TYPES = ("Individual", "Business")
SCOPES = ("PAYOUT", "PAYIN")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field: what it must look like, and how a form shows it."""

    label: str
    is_required: bool = True
    longest: int | None = None
    shortest: int | None = None
    pattern: str | None = None
    allowed: tuple[str, ...] = field(default=())
    is_shown: bool = True

    def described(self) -> Entity:
        """Return the descriptor that the schema shows, without what does not apply."""
        described = {
            "AllowedValues": list(self.allowed) or None,
            "Required": self.is_required,
            "MaxLength": self.longest,
            "MinLength": self.shortest,
            "Pattern": self.pattern,
            "Label": self.label,
            "EndUserDisplay": "Show" if self.is_shown else "Hide",
        }
        return {name: value for name, value in described.items() if value is not None}


Tree: TypeAlias = Mapping[str, "Leaf | Tree"]


def free(label: str, longest: int, forbidden: str, *, is_required: bool = True) -> Leaf:
    """Return a text of at least one character, none of them forbidden."""
    return Leaf(label, is_required, longest, pattern=f"^(?!.*[{forbidden}]).{{1,{longest}}}$")


def digits(label: str, shortest: int, longest: int | None = None) -> Leaf:
    longest = longest or shortest
    length = f"{shortest}" if longest == shortest else f"{shortest},{longest}"
    return Leaf(label, longest=longest, shortest=shortest, pattern=f"^[0-9]{{{length}}}$")


def letters_and_digits(label: str, shortest: int, longest: int) -> Leaf:
    return Leaf(label, longest=longest, shortest=shortest, pattern=f"^[a-zA-Z0-9]{{{shortest},{longest}}}$")


IBAN = Leaf("IBAN", longest=34, shortest=15, pattern=r"^[a-zA-Z]{2}[0-9]{2}\s?([a-zA-Z0-9]\s?){11,30}$")
BIC = Leaf("BIC", longest=11, shortest=8, pattern="^[a-zA-Z0-9]{8}([a-zA-Z0-9]{3})?$")
FFC = Leaf(
    "FFC",
    is_required=False,
    longest=140,
    pattern=r"^(?=.{0,140}$)[0-9]{8,12}/FFC [0-9a-zA-Z/\\\-?:().,'+ ]+$",
)
LOCAL_FIELDS: Mapping[str, Tree] = {
    **{currency: {"IBAN": IBAN} for currency in ("EUR", "CHF", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK")},
    "GBP": {"SortCode": digits("Sort Code", 6), "AccountNumber": digits("Account Number", 8)},
    "CAD": {
        "AccountNumber": digits("Account Number", 7, 35),
        "InstitutionNumber": digits("Institution Number", 3),
        "BranchCode": digits("Branch Code", 5),
        "BankName": Leaf("Bank Name", longest=50, shortest=1, pattern=r"^[\w\s]{1,50}$"),
    },
    "USD": {
        "AccountNumber": letters_and_digits("Account Number", 8, 12),
        "ABA": digits("ABA", 9),
        "FFC": FFC,
    },
    "AUD": {"BSB": digits("BSB", 6), "AccountNumber": digits("Account Number", 6, 10)},
    "HKD": {
        "BIC": BIC,
        "AccountNumber": letters_and_digits("Account Number", 1, 50),
        "BranchCode": letters_and_digits("Branch Code", 3, 3),
    },
    "MXN": {"BIC": BIC, "Clabe": digits("Clabe", 18)},
    "SGD": {"BIC": BIC, "AccountNumber": letters_and_digits("Account Number", 6, 34)},
}
ADDRESS: Mapping[str, Leaf] = {
    "AddressLine1": free("Address Line 1", 255, "()/"),
    "AddressLine2": free("Address Line 2", 255, "()/", is_required=False),
    "City": free("City", 80, "&,.:_"),
    "Region": free("Region", 50, "&,.:_/", is_required=False),
    "PostalCode": Leaf("Postal Code", longest=10, pattern=r"^.{1,10}$"),
    "Country": Leaf("Country", longest=2, shortest=2, pattern="^[a-zA-Z]{2}$"),
}

# What every recipient has, whatever its kind.
COMMON: Mapping[str, Leaf] = {
    "DisplayName": free("Display Name", 50, "&,'/"),
    "Tag": Leaf("Tag", is_required=False, longest=255, pattern="^.{0,255}$", is_shown=False),
    "RecipientScope": Leaf("Recipient Scope", is_required=False, pattern="^[a-zA-Z]+$", allowed=SCOPES, is_shown=False),
}


def fields_of(method: str, recipient_type: str, currency: str, country: str, *, region_country: str = "") -> Tree:
    """Return the fields of one kind of recipient; where its owner lives decides whether a Region is needed."""
    bank: Tree = {currency: LOCAL_FIELDS[currency]} if method == LOCAL else _international(country)
    name = "IndividualRecipient" if recipient_type == "Individual" else "BusinessRecipient"
    return {
        "DisplayName": COMMON["DisplayName"],
        "Currency": Leaf(
            "Currency", longest=3, shortest=3, pattern="^[a-zA-Z]{3}$", allowed=(currency,), is_shown=False
        ),
        "Country": Leaf(
            "Destination Country", longest=2, shortest=2, pattern="^[a-zA-Z]{2}$", allowed=(country,), is_shown=False
        ),
        "RecipientType": _word("Recipient Type", recipient_type),
        "PayoutMethodType": _word("Payout Method Type", method),
        "Tag": COMMON["Tag"],
        "RecipientScope": COMMON["RecipientScope"],
        name: _owner(recipient_type, region_country or country),
        method: bank,
    }


def schema(tree: Tree) -> Entity:
    """Return the same tree with each field described."""
    return {name: node.described() if isinstance(node, Leaf) else schema(node) for name, node in tree.items()}


def _owner(recipient_type: str, country: str) -> Tree:
    address = {**ADDRESS, "Region": replace(ADDRESS["Region"], is_required=country in COUNTRIES_WITH_REGIONS)}
    if recipient_type == "Business":
        return {"BusinessName": free("Business Name", 255, "(),.:/"), "Address": address}
    name = "()&,.:_/"
    return {"FirstName": free("First Name", 255, name), "LastName": free("Last Name", 255, name), "Address": address}


def _international(country: str) -> Tree:
    """Return the account's fields: where IBANs are used one says everything."""
    if country in LENGTHS:
        return {"AccountNumber": replace(IBAN, label="Account Number"), "BIC": replace(BIC, is_required=False)}
    shortest, longest = (8, 12) if country == "US" else (1, 34)
    return {"AccountNumber": letters_and_digits("Account Number", shortest, longest), "BIC": BIC}


def _word(label: str, only: str) -> Leaf:
    return Leaf(label, pattern="^[a-zA-Z]+$", allowed=(only,), is_shown=False)
