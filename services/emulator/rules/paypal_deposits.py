"""What a deposit held by PayPal asks for, and what PayPal tells of its payer once they have agreed.

Source: https://docs.mangopay.com/api-reference/paypal/create-paypal-preauthorization
"""

from uuid import uuid4

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import line_items, payer
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.users import contact

WINDOW_S = 3 * 3_600
SHIPPING_PREFERENCES = ("SET_PROVIDED_ADDRESS", "GET_FROM_FILE", "NO_SHIPPING")
NOT_APPROVED = "201004"
UNKNOWN_PAYER = dict.fromkeys(
    ("PaypalBuyerAccountEmail", "PaypalPayerID", "BuyerCountry", "BuyerFirstname", "BuyerLastname", "BuyerPhone")
)


def read_details(world: World, fields: Fields, author: Entity) -> Entity:
    """Return what a PayPal deposit keeps beside what every deposit does."""
    fields.require("ReturnURL")
    if fields.has("DataCollectionId"):
        fields.entity("DataCollectionId", world.store.data_collections)
    preference = fields.choice("ShippingPreference", SHIPPING_PREFERENCES)
    if preference == "SET_PROVIDED_ADDRESS":
        fields.require("Shipping")
    items = line_items.read(fields)
    if not fields.refused and line_items.total(items) != fields.within("DebitedFunds").number("Amount"):
        fields.refuse("debitedAmount", "The debited amount must be equal to the total of the line items")
    return {
        "ReturnURL": fields.text("ReturnURL"),
        "RedirectURL": None,
        "CancelURL": fields.text("CancelURL"),
        "StatementDescriptor": payer.statement_descriptor(fields),
        "Culture": payer.culture(fields),
        **payer.billing_and_shipping(fields, author),
        "LineItems": items,
        "ShippingPreference": preference,
        "Reference": fields.text("Reference", longest=127),
        **UNKNOWN_PAYER,
        "PaypalOrderID": uuid4().hex[:17].upper(),
        "Trackings": None,
    }


def send_to_page(world: World, deposit: Entity) -> None:
    deposit["RedirectURL"] = f"{world.config.base_url}/secure/deposit/{deposit['Id']}"
    world.later("deposit.expire_page", deposit["Id"], after_s=WINDOW_S)


def note_payer(world: World, deposit: Entity, result_code: str) -> None:
    """Write down what PayPal tells of who has agreed."""
    user = world.store.users.get(deposit["AuthorId"])
    if result_code != SUCCESS or user is None:
        return
    person = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
    deposit |= {
        "PaypalPayerID": deposit["Id"][-13:],
        "PaypalBuyerAccountEmail": user["Email"],
        "BuyerCountry": person.get("CountryOfResidence"),
        "BuyerFirstname": person["FirstName"],
        "BuyerLastname": person["LastName"],
        "BuyerPhone": contact(user)["PhoneNumber"],
    }
