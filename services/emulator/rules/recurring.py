"""Recurring registrations: what kind they are, how many payments they foresee, and what each payment makes of them.

CREATED → AUTHENTICATION_NEEDED (the payer must be there) → IN_PROGRESS (they need not) → ENDED.
Source: https://docs.mangopay.com/api-reference/recurring-payin-registrations/recurring-payin-registration-object

Chosen: `CurrentState` counts succeeded pay-ins, and its `LastPayinId` is the last of any outcome.
"""

from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

DAY_S = 86_400
YEAR_S = 31_557_600
# Seconds from one payment to the next.
PERIODS = {
    "Daily": DAY_S,
    "Weekly": 7 * DAY_S,
    "TwiceAMonth": YEAR_S // 24,
    "Monthly": YEAR_S // 12,
    "Bimonthly": YEAR_S // 6,
    "Quarterly": YEAR_S // 4,
    "Semiannual": YEAR_S // 2,
    "Annual": YEAR_S,
    "Biannual": 2 * YEAR_S,
}
MAX_PAYINS = 99
TOO_MANY = "205001"
# The amount that lets the second line of the billing address decide, and what it decides.
MAGIC_AMOUNT = 33501
OUTCOMES = {"01100": "101101", "01116": "101199", "01125": "101106", "01131": "101305", "03022": "101301"}
ONLY_MIT, ONLY_CIT = "01131", "03022"


def foresee(registration: Entity, now: int) -> Entity:
    """Return kind, total and number of payments, as far as end, frequency and amounts are known."""
    is_fixed = registration["FixedNextAmount"] or registration["FractionedPayment"]
    if not (is_fixed and registration["EndDate"] and registration["Frequency"]):
        return {"RecurringType": "CUSTOM", "TotalAmount": None, "CycleNumber": None}
    cycles = max(0, registration["EndDate"] - now) // PERIODS[registration["Frequency"]] + 1
    first = registration["FirstTransactionDebitedFunds"]
    following = registration["NextTransactionDebitedFunds"] or first
    return {
        "RecurringType": "FRACTIONED_PAYMENT" if registration["FractionedPayment"] else "CLASSIC_SUBSCRIPTION",
        "TotalAmount": {
            "Currency": first["Currency"],
            "Amount": first["Amount"] + (cycles - 1) * following["Amount"],
        },
        "CycleNumber": cycles,
    }


def magic_refusal(registration: Entity, amount: int, *, is_cit: bool) -> str | None:
    """Return the result code that the billing address asks for, None if it asks for none."""
    billing = registration["Billing"]
    line = billing["Address"]["AddressLine2"] if billing else None
    if amount != MAGIC_AMOUNT or line == (ONLY_MIT if is_cit else ONLY_CIT):
        return None
    return OUTCOMES.get(str(line))


def note_payin(world: World, payin: Entity) -> None:
    """Write down what became of a pay-in with its registration, if it has one: the next step follows from it."""
    registration = world.store.recurring_registrations.get(payin.get("RecurringPayinRegistrationId"))
    if registration is None or payin["Status"] == "CREATED":
        return
    state = registration["CurrentState"]
    state["LastPayinId"] = payin["Id"]
    if payin["Status"] == "SUCCEEDED":
        state["PayinsLinked"] += 1
        state["CumulatedDebitedAmount"]["Amount"] += payin["DebitedFunds"]["Amount"]
        state["CumulatedFeesAmount"]["Amount"] += payin["Fees"]["Amount"]
    move(world, registration, "IN_PROGRESS" if payin["Status"] == "SUCCEEDED" else "AUTHENTICATION_NEEDED")


def move(world: World, registration: Entity, status: str) -> None:
    """Give a registration that has not ended a status, and tell of it if it is a new one."""
    before = registration["Status"]
    if before != "ENDED":
        registration["Status"] = status
    world.store.recurring_registrations.save(registration)
    if registration["Status"] != before:
        event = "AUTH_NEEDED" if status == "AUTHENTICATION_NEEDED" else status
        world.emit(f"RECURRING_REGISTRATION_{event}", registration["Id"])
