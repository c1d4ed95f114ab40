"""What a payer buys, item by item, as PayPal and Klarna ask for it.

Source: https://docs.mangopay.com/api-reference/paypal/create-paypal-payin
"""

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity

LONGEST = 127


def read(fields: Fields, name: str = "LineItems") -> list[Entity]:
    """Return the items with all their members, null where unset; none, and a refusal, if it is no list of objects."""
    rows = fields.body.get(name)
    if rows in (None, []):
        fields.refuse(name, f"The {name} field is required.")
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fields.refuse(name, f"The value of {name} is not valid")
        return []
    return [_item(Fields(row, f"{fields.path}{name}[{at}].", fields.refused)) for at, row in enumerate(rows)]


def total(items: list[Entity]) -> int:
    """Return what the items cost: each quantity times price and tax of one, less the discount."""
    return sum(
        (item["Quantity"] or 0) * ((item["UnitAmount"] or 0) + (item["TaxAmount"] or 0)) - (item["Discount"] or 0)
        for item in items
    )


def _item(fields: Fields) -> Entity:
    fields.require("Name", "Quantity", "UnitAmount", "Description")
    return {
        "Name": fields.text("Name", longest=LONGEST),
        "Quantity": fields.number("Quantity"),
        "UnitAmount": fields.number("UnitAmount"),
        "TaxAmount": fields.number("TaxAmount"),
        "Description": fields.text("Description", longest=LONGEST),
        "Category": fields.text("Category"),
        "Sku": fields.text("Sku"),
        "Discount": fields.number("Discount"),
    }
