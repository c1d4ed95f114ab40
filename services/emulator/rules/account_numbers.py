"""The numbers of accounts that Mangopay opens for wallets, in the format of each country.

Source: https://docs.mangopay.com/api-reference/virtual-accounts/virtual-account-object
Chosen: which banks these accounts are at, and with which numbers those are known.
"""

import secrets

from services.emulator.engine.store import Entity
from services.emulator.rules.ibans import make_iban

# How the national part of an IBAN begins, and how many digits follow.
BBANS = {
    "DE": ("51210800", 10),
    "DK": ("8900", 10),
    "ES": ("67130002", 12),
    "FR": ("7452110000", 13),
    "GB": ("SAPY608382", 8),
    "LU": ("704", 13),
    "PL": ("19300004", 16),
}
BICS = {
    "DE": "MPAYDEF1XXX",
    "DK": "MPAYDKK1XXX",
    "ES": "MPAYESM1XXX",
    "FR": "MPAYFRP1PIN",
    "GB": "SAPYGB2L",
    "LU": "MPAYLUL1XXX",
    "PL": "MPAYPLP1XXX",
}
# The number that names the bank in each country without an IBAN of its own for local wires.
BANKS = {
    "AU": {"BSBCode": "802985"},
    "CA": {"BranchCode": "20012", "InstitutionNumber": "621"},
    "DK": {"BankCode": "8900"},
    "GB": {"SortCode": "608382"},
    "US": {"AchNumber": "026073150", "FedWireNumber": "026073008", "AccountType": "CHECKING"},
}
ADDRESS = {
    "StreetName": "2, Avenue Amélie",
    "PostCode": "L-1125",
    "TownName": "Luxembourg",
    "CountrySubDivision": None,
    "Country": "Luxembourg",
}
BANK_NAME = "Mangopay SA"


def draw(country: str) -> Entity:
    """Return new numbers: `IBAN` and `BIC` where there is one, `AccountNumber`, and what names the bank."""
    start, length = BBANS.get(country, ("", 10))
    number = str(10 ** (length - 1) + secrets.randbelow(9 * 10 ** (length - 1)))
    numbers: Entity = {**BANKS.get(country, {}), "AccountNumber": number}
    if country in BBANS:
        numbers |= {"IBAN": make_iban(country, start + number), "BIC": BICS[country]}
    return numbers


def local(country: str, numbers: Entity) -> Entity:
    """Return an account as it is named for wires within its country."""
    account = {name: numbers[name] for name in (*BANKS.get(country, ()), "AccountNumber") if name in numbers}
    if country not in BANKS and "IBAN" in numbers:
        # The reference writes IBAN and BIC, clients read Iban and Bic.
        iban, bic = numbers["IBAN"], numbers["BIC"]
        account = {"IBAN": iban, "BIC": bic, "Iban": iban, "Bic": bic}
    return {"Address": ADDRESS, "Account": account, "BankName": BANK_NAME}


def international(numbers: Entity) -> list[Entity] | None:
    """Return an account as it is named for wires from abroad, None if it cannot receive any."""
    if "IBAN" not in numbers:
        return None
    account = {"Iban": numbers["IBAN"], "Bic": numbers["BIC"]}
    return [{"Address": ADDRESS, "Account": account, "BankName": BANK_NAME}]


def found_by(numbers: Entity) -> list[str]:
    """Return what a wire may be addressed to."""
    return [numbers[name] for name in ("IBAN", "AccountNumber") if name in numbers]
