"""What a group of the platform's people may do: for each area whether they may read, create and edit.

Source: https://docs.mangopay.com (permission groups, 2020)
Chosen: client settings, which WRITE does not reach, are people, groups, the profile and its logo.
"""

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity

RIGHTS = ("Read", "Create", "Edit")
AREAS = (
    *("SSOs", "PermissionGroups", "ClientDetails", "ClientWallets", "ClientTransactions", "ClientBankAccounts"),
    *("ClientPayouts", "ClientPayins", "ClientLogo", "Users", "Wallets", "Cards", "PreAuthorizations", "Payins"),
    *("Transfers", "Refunds", "BankAccounts", "Payouts", "KYCDocuments", "Disputes", "Repudiations", "Mandates"),
    *("Reporting", "Responses", "Events", "Hooks", "Transactions", "BankingAliases", "UboDeclarations"),
    *("RecurringPayinsRegistrations", "RecurringPayins", "KYBDocuments", "Token"),
)
CLIENT_SETTINGS = ("SSOs", "PermissionGroups", "ClientDetails", "ClientLogo")
READ = dict.fromkeys(RIGHTS, False) | {"Read": True}
ALL = dict.fromkeys(RIGHTS, True)
# The groups that there are from the first day, and that nobody may change.
DEFAULT_GROUPS: dict[str, Entity] = {
    "ADMIN": dict.fromkeys(AREAS, ALL),
    "WRITE": {area: READ if area in CLIENT_SETTINGS else ALL for area in AREAS},
    "READ": dict.fromkeys(AREAS, READ),
}


def read_scopes(fields: Fields, known: Entity) -> Entity:
    """Return every area with its rights as a body leaves them; no right was given that nobody speaks of."""
    inner = fields.within("Scopes")
    return {area: _rights(inner, area, known.get(area, {})) for area in AREAS}


def _rights(scopes: Fields, area: str, known: Entity) -> Entity:
    inner = scopes.within(area)
    said = {right: inner.flag(right) for right in RIGHTS}
    return {right: bool(known.get(right)) if value is None else value for right, value in said.items()}
