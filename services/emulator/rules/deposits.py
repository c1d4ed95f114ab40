"""A deposit as it is kept: its shape, its two names, and the events by which each change of it is told.

Source: https://docs.mangopay.com/api-reference/extended-preauthorizations/extended-preauthorization-object
Chosen: the id that is added to a return URL is called `depositId` under the old name, and
`extendedPreauthorizationId` under the new one.
"""

from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import payer
from services.emulator.rules.card_bank import return_url
from services.emulator.rules.event_types import EVENT_TYPES

# How long the money is held: 29.5 days by card, 29 by PayPal.
HOLDS_S = {"CARD": 2_548_800, "PAYPAL": 2_505_600}
# What may still be captured, cancelled or said to have been a no-show: it waits, or the last attempt has failed.
OPEN = ("WAITING", "FAILED")
RETURN_URLS = ("SecureModeReturnURL", "ReturnURL", "CancelURL")


def read_remarks(fields: Fields) -> Entity:
    """Return what the platform notes on a deposit for itself, however the money is held."""
    return {"Tag": fields.text("Tag"), "FlowDescriptor": payer.flow_descriptor(fields)}


def begin(world: World, call: Call, author: Entity, debited_funds: Entity, details: Entity) -> Entity:
    """Store a new deposit as CREATED, and tell of it by the name it is created under."""
    payment_type = "PAYPAL" if "RedirectURL" in details else "CARD"
    deposit: Entity = {
        "Id": new_id("deposit_m_"),
        "Tag": None,
        "CreationDate": world.clock.now(),
        "ExpirationDate": world.clock.now() + HOLDS_S[payment_type],
        "AuthorizationDate": None,
        "AuthorId": author["Id"],
        "DebitedFunds": debited_funds,
        "Status": "CREATED",
        "PaymentStatus": "WAITING",
        "PayinsLinked": {"PayinCaptureId": None, "PayinComplementId": None},
        "ResultCode": None,
        "ResultMessage": None,
        "PaymentType": payment_type,
        "ExecutionType": "DIRECT" if payment_type == "CARD" else "WEB",
        "FlowDescriptor": None,
        "_IsExtended": is_asked_by_new_name(call),
    } | details
    id_name = "extendedPreauthorizationId" if is_extended(deposit) else "depositId"
    deposit |= {name: return_url(deposit[name], id_name, deposit["Id"]) for name in RETURN_URLS if name in deposit}
    world.store.deposits.save(deposit)
    world.emit(f"{_family(deposit)}_CREATED", deposit["Id"])
    return deposit


def find(world: World, deposit_id: str, *, kind: str = "DepositPreauthorization") -> Entity:
    return world.find(world.store.deposits, deposit_id, kind)


def find_asked(world: World, call: Call) -> Entity:
    """Return the deposit of a path; if there is none, the error calls it what the path does."""
    kind = "ExtendedPreauthorization" if is_asked_by_new_name(call) else "DepositPreauthorization"
    return find(world, call.params["DepositId"], kind=kind)


def is_asked_by_new_name(call: Call) -> bool:
    return "/extended-" in call.path.lower()


def is_extended(deposit: Entity) -> bool:
    return bool(deposit["_IsExtended"])


def fail(world: World, deposit: Entity) -> None:
    """Tell that the authorisation came to nothing."""
    deposit["PaymentStatus"] = "CANCELED"
    world.store.deposits.save(deposit)
    world.emit(f"{_family(deposit)}_FAILED", deposit["Id"])


def move(world: World, deposit: Entity, payment_status: str) -> None:
    """Give a deposit a payment status, and tell of it by its event, if that status has one."""
    deposit["PaymentStatus"] = payment_status
    world.store.deposits.save(deposit)
    event = f"{_family(deposit)}_PAYMENT_{payment_status}"
    if event in EVENT_TYPES:
        world.emit(event, deposit["Id"])


def _family(deposit: Entity) -> str:
    return "EXTENDED_PREAUTHORIZATION" if is_extended(deposit) else "DEPOSIT_PREAUTHORIZATION"
