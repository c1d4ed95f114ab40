"""What is told of a beneficial owner.

Source: https://docs.mangopay.com/api-reference/ubo-declarations
Chosen: whoever is declared is active at first, whatever was said; a change names what is new, an address or a
birthplace member by member.
"""

from services.emulator.engine.fields import COUNTRIES_WITH_REGIONS, Fields
from services.emulator.engine.store import Entity

REQUIRED = ("FirstName", "LastName", "Birthday", "Nationality", "Address", "Birthplace")


def read_ubo(fields: Fields) -> Entity:
    """Return what was told of a person; raises ApiError for what is wrong or missing."""
    fields.require(*REQUIRED)
    ubo = {
        "FirstName": fields.text("FirstName", longest=100),
        "LastName": fields.text("LastName", longest=100),
        "Birthday": fields.number("Birthday"),
        "Nationality": fields.country("Nationality"),
        "Address": _address(fields),
        "Birthplace": _birthplace(fields),
        "IsActive": True,
    }
    fields.check()
    return ubo


def changed_ubo(ubo: Entity, fields: Fields) -> Entity:
    """Return a person as a change leaves them."""
    is_active = fields.flag("IsActive")
    fields.check()
    merged = {name: ubo[name] for name in REQUIRED}
    for name in REQUIRED:
        told = fields.body.get(name)
        if isinstance(told, dict) and isinstance(merged[name], dict):
            merged[name] = merged[name] | {member: value for member, value in told.items() if value is not None}
        elif told is not None:
            merged[name] = told
    return read_ubo(Fields(merged)) | {"IsActive": is_active is not False}


def _address(fields: Fields) -> Entity:
    inner = fields.within("Address")
    if isinstance(fields.body.get("Address"), dict):
        inner.require("AddressLine1", "City", "PostalCode", "Country")
        if inner.body.get("Country") in tuple(COUNTRIES_WITH_REGIONS) and not inner.has("Region"):
            # Alone among addresses, that of a beneficial owner is refused under the bare name.
            fields.refuse("Region", "The Region is a required field for this Country")
            return inner.body
    return fields.address("Address")


def _birthplace(fields: Fields) -> Entity:
    inner = fields.within("Birthplace")
    if isinstance(fields.body.get("Birthplace"), dict):
        inner.require("City", "Country")
    return {"City": inner.text("City"), "Country": inner.country("Country")}
