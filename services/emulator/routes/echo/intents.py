"""Intents: declare what a third party has authorised, look at it, list it, change what is not an amount.

Source: https://docs.mangopay.com/api-reference/intents

Chosen: every declaration makes an intent of its own, also where the reference is known already; any name of a provider
is accepted; of an intent that exists, ExternalData, Buyer and the texts of line items may be changed.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API_V3, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import intents as rules

INTENTS = f"{API_V3}/payins/intents"
FILTERS = ("Status", "ExternalProviderName", "Currency")
PROVIDERS = (
    *("Adyen", "Bankart d.o.o", "BBVA", "Braintree", "Buckaroo", "Caixa", "Cetelem", "Checkout", "Hipay", "Ingenico"),
    *("Klarna", "Mangopay", "Marketpay", "Minsait Payments", "Mollie", "Monext", "Nuvei", "Oney", "Payline", "Paypal"),
    *("PayPlug", "PPRO", "Rapyd", "Redsys", "Sequra", "Sips", "Stripe", "Worldline", "Worldpay"),
)
# What actions add up on a line item.
COUNTERS = ("CanceledAmount", "CapturedAmount", "RefundedAmount", "DisputedAmount", "SplitAmount")
TEXTS = ("Sku", "Name", "Description", "Category")


def create(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    fields.require("Amount", "Currency", "ExternalData", "LineItems")
    fields.within("ExternalData").require(
        *("ExternalProcessingDate", "ExternalProviderReference", "ExternalProviderName")
    )
    currency, external = fields.currency("Currency"), rules.read_external(fields)
    items = [_read_item(world, row, currency) for row in rules.objects(fields, "LineItems")]
    amount, fees = _read_amounts(fields, items)
    unfunded, buyer = fields.number("UnfundedAmount") or 0, _read_buyer(world, fields)
    fields.check()
    now = world.clock.now()
    intent: Entity = {
        "Id": rules.new_uuid_id("int_"),
        "Amount": amount,
        "AvailableAmountToSplit": amount,
        "UnfundedAmount": unfunded,
        "Currency": currency,
        "PlatformFeesAmount": fees,
        "Status": "AUTHORIZED",
        "NextActions": "",
        "ExternalData": external,
        "Buyer": buyer,
        "LineItems": items,
        "Captures": [],
        "Refunds": [],
        "Disputes": [],
        "Splits": [],
        "SettlementId": None,
        "CreationDate": now,
        "ExecutionDate": now,
        "ExternalProviderName": external.get("ExternalProviderName"),
        "_References": [external.get("ExternalProviderReference")],
    }
    rules.save(world, intent)
    world.emit("INTENT_AUTHORIZED", intent["Id"])
    return Answer(rules.shown(intent))


def view(world: World, call: Call) -> Response:
    return Answer(rules.shown(intent_of(world, call)))


def list_all(world: World, call: Call) -> Response:
    return page(world, call, world.store.intents.all(), filters=FILTERS, shape=rules.shown)


def list_providers(world: World, call: Call) -> Response:  # noqa: ARG001  (the list is the same for everybody)
    return Answer(list(PROVIDERS))


def update(world: World, call: Call) -> Response:
    intent, fields = intent_of(world, call), Fields(call.body)
    external = intent["ExternalData"] | rules.read_external(fields)
    buyer = _read_buyer(world, fields) or intent["Buyer"]
    changes = _read_changes(fields, intent)
    fields.check()
    intent |= {"ExternalData": external, "Buyer": buyer}
    intent["ExternalProviderName"] = external.get("ExternalProviderName")
    note_reference(intent, external)
    for item, change in changes:
        item.update(change)
    return Answer(rules.shown(rules.save(world, intent)))


def intent_of(world: World, call: Call) -> Entity:
    return world.find(world.store.intents, call.params["IntentId"], "Intent")


def note_reference(intent: Entity, external: Entity) -> None:
    """Let the lines of a settlement find an intent by what its provider calls this action."""
    reference = external.get("ExternalProviderReference")
    if reference and reference not in intent["_References"]:
        intent["_References"] = [*intent["_References"], reference]


def _read_amounts(fields: Fields, items: list[Entity]) -> tuple[int, int]:
    """Return the amount and the platform's fees; each must be the sum over the line items."""
    amount, fees = fields.number("Amount") or 0, fields.number("PlatformFeesAmount")
    if amount < 1 and fields.has("Amount"):
        fields.refuse("Amount", "The field Amount must be greater than or equal to 1.")
    if not fields.refused and sum(item["TotalLineItemAmount"] for item in items) != amount:
        fields.refuse("Amount", "The Amount must equal the sum of the total amounts of all LineItems")
    owed = sum(item["Seller"]["FeesAmount"] for item in items)
    if fees is not None and fees != owed and owed:
        message = "The PlatformFeesAmount must equal the sum of the FeesAmount of all LineItems"
        fields.refuse("PlatformFeesAmount", message)
    return amount, owed if fees is None else fees


def _read_item(world: World, row: Fields, currency: str | None) -> Entity:
    row.require("Seller", "Sku", "Quantity", "UnitAmount")
    quantity, unit = _counted(row, "Quantity", least=1), _counted(row, "UnitAmount")
    tax, discount = _counted(row, "TaxAmount"), _counted(row, "DiscountAmount")
    item: Entity = {
        "Seller": _read_seller(world, row.within("Seller"), currency),
        "Id": rules.new_uuid_id("int_li_"),
        **{name: row.text(name) for name in TEXTS},
        "Quantity": quantity,
        "UnitAmount": unit,
        "TaxAmount": tax,
        "DiscountAmount": discount,
        "ShippingAddress": row.address("ShippingAddress") if row.has("ShippingAddress") else None,
        "TotalLineItemAmount": quantity * unit + tax - discount,
        **dict.fromkeys(COUNTERS, 0),
        "UnfundedSellerAmount": _counted(row, "UnfundedSellerAmount"),
        "SplitOriginWalletId": _read_wallet(world, row, "SplitOriginWalletId", currency).get("Id"),
    }
    if item["TotalLineItemAmount"] < 0:
        row.refuse("DiscountAmount", "The discount exceeds what the item costs")
    return item


def _counted(row: Fields, name: str, *, least: int = 0) -> int:
    value = row.number(name)
    if value is not None and value < least:
        row.refuse(name, f"The field {name} must be greater than or equal to {least}.")
    return value or 0


def _read_seller(world: World, seller: Fields, currency: str | None) -> Entity:
    """Return who sells and into which wallet; one of the two leads to the other."""
    author = seller.entity("AuthorId", world.store.users) if seller.has("AuthorId") else {}
    wallet = _read_wallet(world, seller, "WalletId", currency)
    if not seller.has("AuthorId") and not seller.has("WalletId"):
        seller.refuse("AuthorId", "One valid value must be sent between AuthorId and WalletId")
    if author and not wallet:
        own = world.store.wallets.where("_OwnerId", author["Id"])
        wallet = next((one for one in own if one["Currency"] == currency), {})
    return {
        "AuthorId": author.get("Id") or wallet.get("_OwnerId"),
        "WalletId": wallet.get("Id"),
        "FeesAmount": _counted(seller, "FeesAmount"),
        "TransferDate": seller.number("TransferDate"),
    }


def _read_wallet(world: World, fields: Fields, name: str, currency: str | None) -> Entity:
    """Return a wallet of the intent's currency, an empty one if none was sent."""
    wallet = fields.entity(name, world.store.wallets) if fields.has(name) else {}
    if wallet and currency and wallet["Currency"] != currency:
        fields.refuse(name, f"The currency of the wallet must be {currency}")
    return wallet


def _read_buyer(world: World, fields: Fields) -> Entity | None:
    buyer = fields.within("Buyer")
    return {"Id": buyer.entity("Id", world.store.users).get("Id")} if buyer.has("Id") else None


def _read_changes(fields: Fields, intent: Entity) -> list[tuple[Entity, Entity]]:
    items = {item["Id"]: item for item in intent["LineItems"]}
    changes = []
    for row in rules.objects(fields, "LineItems"):
        row.require("Id")
        item_id = row.text("Id") or ""
        if item_id not in items:
            row.refuse("Id", f"The value {item_id} is not valid")
            continue
        changes.append((items[item_id], {name: row.text(name) for name in TEXTS if row.has(name)}))
    return changes


ROUTES = (
    Route("POST", INTENTS, create),
    Route("GET", INTENTS, list_all),
    Route("GET", f"{INTENTS}/external-providers", list_providers),
    Route("GET", f"{INTENTS}/{{IntentId}}", view),
    Route("PUT", f"{INTENTS}/{{IntentId}}", update),
)
