"""Mandates: by which scheme an account can be debited, and how a mandate goes from one state to the next.

CREATED → SUBMITTED → ACTIVE, and from each of these to FAILED; SUBMITTED and ACTIVE ones to EXPIRED.
Source: https://docs.mangopay.com/api-reference/mandates/mandate-object
Chosen: whoever refuses on the page has cancelled it (001805); the bank of an `Invalid` debtor says that the details are
wrong (001802).
"""

import secrets

from services.emulator.engine.ids import ALPHABET
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.bank_countries import INTERNATIONAL, LOCAL, SEPA
from services.emulator.rules.result_codes import MESSAGES

CONFIRMABLE_S = 3_600
# A mandate that no payment was made with for 24 months expires.
UNUSED_S = 730 * 86_400
WRONG_DETAILS = "001802"
CANCELLED_BY_USER = "001805"
CANCELLED_BY_CLIENT = "001806"
UNCONFIRMED = "001807"
UNUSED = "001835"
USABLE = ("SUBMITTED", "ACTIVE")


def scheme_of(recipient: Entity) -> str | None:
    """Return the scheme by which this account can be debited; None if there is none, as for Danish IBANs."""
    if LOCAL in recipient and recipient["Currency"] == "GBP":
        return "BACS"
    if recipient["Currency"] != "EUR" or recipient["Country"] not in SEPA:
        return None
    iban = recipient[LOCAL]["EUR"]["IBAN"] if LOCAL in recipient else recipient[INTERNATIONAL]["AccountNumber"]
    return "SEPA" if iban[:2] in SEPA - {"DK"} else None


def submit(world: World, mandate: Entity) -> None:
    """Take the debtor's confirmation, and send the mandate to the bank."""
    reference = "".join(secrets.choice(ALPHABET) for _ in range(9))
    mandate |= {"Scheme": mandate["_Scheme"], "BankReference": f"MANGOPAY-{reference}"}
    _become(world, mandate, "SUBMITTED")
    world.later("mandate.expire", mandate["Id"], after_s=UNUSED_S)
    if mandate["Scheme"] == "BACS" and _first_name(world, mandate) == "Invalid":
        world.later("mandate.refuse", mandate["Id"])


def activate(world: World, mandate: Entity) -> None:
    _become(world, mandate, "ACTIVE")


def note_use(world: World, mandate: Entity) -> None:
    """Note that a payment was made; the first makes a mandate active."""
    mandate["_UsedAt"] = world.clock.now()
    if mandate["Status"] == "SUBMITTED":
        activate(world, mandate)
    world.store.mandates.save(mandate)


def fail(world: World, mandate: Entity, result_code: str) -> None:
    _become(world, mandate, "FAILED", result_code)


def expire(world: World, mandate: Entity) -> None:
    _become(world, mandate, "EXPIRED", UNUSED)


def lapse(world: World, mandate_id: str) -> None:
    """End a mandate that was not confirmed within its hour."""
    mandate = world.store.mandates.get(mandate_id)
    if mandate is not None and mandate["Status"] == "CREATED":
        fail(world, mandate, UNCONFIRMED)


def refuse(world: World, mandate_id: str) -> None:
    """Let the bank say that it knows no such account."""
    mandate = world.store.mandates.get(mandate_id)
    if mandate is not None and mandate["Status"] in USABLE:
        fail(world, mandate, WRONG_DETAILS)


def expire_unused(world: World, mandate_id: str) -> None:
    """Expire a mandate that has not been used for 24 months, or look again when that may be so."""
    mandate = world.store.mandates.get(mandate_id)
    if mandate is None or mandate["Status"] not in USABLE:
        return
    last_used_at: int = mandate.get("_UsedAt") or mandate["CreationDate"]
    due_in_s = last_used_at + UNUSED_S - world.clock.now()
    if due_in_s <= 0:
        expire(world, mandate)
    else:
        world.later("mandate.expire", mandate_id, after_s=due_in_s)


def _become(world: World, mandate: Entity, status: str, result_code: str | None = None) -> None:
    mandate["Status"] = status
    if result_code is not None:
        mandate |= {"ResultCode": result_code, "ResultMessage": MESSAGES[result_code]}
    world.store.mandates.save(mandate)
    world.emit(f"MANDATE_{'ACTIVATED' if status == 'ACTIVE' else status}", mandate["Id"])


def _first_name(world: World, mandate: Entity) -> str | None:
    return (world.store.users.get(mandate["UserId"]) or {}).get("FirstName")
