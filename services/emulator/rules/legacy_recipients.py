"""Legacy bank accounts as recipients: the same account under the same id, in the shape and the list of recipients.

Source: https://docs.mangopay.com/guides/payouts
Chosen: an IBAN of the SEPA is a local account in euros, any other an international one; OTHER accounts are
international and in dollars; the owner is whatever kind of person the user is, the first word of the name being the
first name; no event tells of a deactivation through the legacy endpoint.
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.bank_countries import INTERNATIONAL, LOCAL, SEPA
from services.emulator.rules.ibans import bic_of
from services.emulator.rules.recipients import new

OWN_FIELDS = {
    "GB": ("SortCode", "AccountNumber"),
    "US": ("AccountNumber", "ABA"),
    "CA": ("AccountNumber", "InstitutionNumber", "BranchCode", "BankName"),
}
CURRENCIES = {"GB": "GBP", "US": "USD", "CA": "CAD"}


def mirror(world: World, account: Entity, user: Entity) -> None:
    """Store a new bank account as a recipient too, so that both are found and listed in one place."""
    data = {"DisplayName": None, "RecipientScope": "PAYOUT", **_bank(account), **_owner(account, user)}
    if account["Tag"]:
        data["Tag"] = account["Tag"]
    recipient = new(
        data,
        recipient_id=account["Id"],
        user_id=account["UserId"],
        status="ACTIVE",
        created_at=account["CreationDate"],
    )
    world.store.recipients.save(recipient)


def deactivate_mirror(world: World, account: Entity) -> None:
    recipient = world.store.recipients.get(account["Id"])
    if recipient is not None:
        recipient["Status"] = "DEACTIVATED"
        world.store.recipients.save(recipient)


def _bank(account: Entity) -> Entity:
    kind = account["Type"]
    if kind in CURRENCIES:
        currency = CURRENCIES[kind]
        details = {name: account[name] for name in OWN_FIELDS[kind]}
        return {"PayoutMethodType": LOCAL, "Currency": currency, "Country": kind, LOCAL: {currency: details}}
    if kind == "OTHER":
        international = {"AccountNumber": account["AccountNumber"], "BIC": account["BIC"]}
        where = {"Currency": "USD", "Country": account["Country"]}
        return {"PayoutMethodType": INTERNATIONAL, **where, INTERNATIONAL: international}
    iban, bic = account["IBAN"], account["BIC"] or bic_of(account["IBAN"])
    where = {"Currency": "EUR", "Country": iban[:2]}
    if iban[:2] in SEPA:
        return {"PayoutMethodType": LOCAL, **where, LOCAL: {"EUR": {"IBAN": iban, "BIC": bic}}}
    return {"PayoutMethodType": INTERNATIONAL, **where, INTERNATIONAL: {"AccountNumber": iban, "BIC": bic}}


def _owner(account: Entity, user: Entity) -> Entity:
    address = {name: value for name, value in account["OwnerAddress"].items() if value}
    name = account["OwnerName"]
    if user["PersonType"] == "LEGAL":
        return {"RecipientType": "Business", "BusinessRecipient": {"BusinessName": name, "Address": address}}
    first, _, last = name.partition(" ")
    person = {"FirstName": first, "LastName": last or first, "Address": address}
    return {"RecipientType": "Individual", "IndividualRecipient": person}
