"""What a payer brings to a payment: a browser, a billing and a shipping address, and a line on the bank statement.

Source: https://docs.mangopay.com/api-reference/direct-card-payins/create-direct-card-payin
Chosen: what neither `Billing` nor `Shipping` nor the user tells of an address stays null, member by member; a company
is billed in its representative's name at its headquarters.
"""

import re
from ipaddress import ip_address as parse_ip

from services.emulator.engine.fields import ADDRESS, Fields
from services.emulator.engine.store import Entity

CULTURES = ("CS", "DA", "DE", "EL", "EN", "ES", "FI", "FR", "HU", "IT", "NL", "NO", "PL", "PT", "SK", "SV")
BROWSER = (
    *("AcceptHeader", "JavaEnabled", "Language", "ColorDepth", "ScreenHeight", "ScreenWidth"),
    *("TimeZoneOffset", "UserAgent", "JavascriptEnabled"),
)
SENDER = ("FirstName", "LastName", "Address", "Email", "Birthday", "Nationality", "Occupation", "BirthCountry")
LANGUAGE = r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*"


def browser(fields: Fields, *, is_required: bool = True) -> Entity | None:
    """Return `BrowserInfo` with its nine members, each of which must be there."""
    if is_required:
        fields.require("BrowserInfo")
    elif not fields.has("BrowserInfo"):
        return None
    inner = fields.within("BrowserInfo")
    inner.require(*BROWSER)
    return {
        "AcceptHeader": inner.text("AcceptHeader"),
        "JavaEnabled": inner.flag("JavaEnabled"),
        "Language": inner.matching("Language", LANGUAGE),
        **{name: _integer(inner, name) for name in ("ColorDepth", "ScreenHeight", "ScreenWidth", "TimeZoneOffset")},
        "UserAgent": inner.text("UserAgent"),
        "JavascriptEnabled": inner.flag("JavascriptEnabled"),
    }


def ip_address(fields: Fields, *, is_required: bool = True) -> str | None:
    """Return `IpAddress`, of version 4 or 6."""
    if is_required:
        fields.require("IpAddress")
    value = fields.text("IpAddress")
    if value:
        try:
            parse_ip(value)
        except ValueError:
            fields.refuse("IpAddress", f"The value {value} is not valid")
    return value


def address_block(fields: Fields, name: str) -> Entity | None:
    """Return `Billing` or `Shipping` with its three members, as it was sent; None if it was not."""
    inner = fields.within(name)
    if not any(inner.has(member) for member in ("FirstName", "LastName", "Address")):
        return None
    return {
        "FirstName": inner.text("FirstName", longest=100),
        "LastName": inner.text("LastName", longest=100),
        "Address": inner.address("Address", has_city=False),
    }


def billing_and_shipping(fields: Fields, user: Entity) -> Entity:
    """Return both blocks: what one leaves out is taken from the other, then from the user."""
    billing, shipping = address_block(fields, "Billing"), address_block(fields, "Shipping")
    own = _address_of(user) if user else None
    return {"Billing": _filled(billing, shipping, own), "Shipping": _filled(shipping, billing, own)}


def statement_descriptor(fields: Fields, *, longest: int = 22) -> str | None:
    """Return what the payer reads on the statement; 22 characters on cards, 10 elsewhere."""
    return fields.matching("StatementDescriptor", rf"[a-zA-Z0-9\s]{{0,{longest}}}")


def culture(fields: Fields, *, default: str | None = "EN") -> str | None:
    """Return the language of a hosted page, in capitals whatever was sent."""
    value = fields.text("Culture")
    if value and value.upper() not in CULTURES:
        fields.refuse("Culture", f"The requested value '{value}' was not found.")
    return value.upper() if value else default


def flow_descriptor(fields: Fields) -> Entity | None:
    """Return whom the money is meant for in the end, as far as the platform says."""
    if not fields.has("FlowDescriptor"):
        return None
    inner = fields.within("FlowDescriptor")
    return {"FlowId": inner.text("FlowId"), "Beneficiaries": _beneficiaries(inner)}


def account_funding(fields: Fields) -> Entity | None:
    """Return who sends money to an account and why, when a pay-in does no more than that."""
    if not fields.has("AccountFunding"):
        return None
    inner = fields.within("AccountFunding")
    sender = inner.within("Sender") if inner.has("Sender") else None
    return {
        "Sender": {name: _sender_member(sender, name) for name in SENDER} if sender else None,
        "Purpose": inner.text("Purpose"),
        "Type": inner.text("Type"),
    }


def _sender_member(sender: Fields, name: str) -> object:
    if name == "Address":
        return sender.address(name)
    if name == "Birthday" and not isinstance(sender.body.get(name), str):
        return sender.number(name)
    return sender.text(name)


def _beneficiaries(fields: Fields) -> list[Entity] | None:
    rows = fields.body.get("Beneficiaries")
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fields.refuse("Beneficiaries", "The value of Beneficiaries is not valid")
        return None
    return [{"UserId": Fields(row, f"{fields.path}Beneficiaries.", fields.refused).text("UserId")} for row in rows]


def _filled(block: Entity | None, other: Entity | None, own: Entity | None) -> Entity | None:
    """Return a block in which the names, and the address as a whole, are the first that anybody told."""
    told = [source for source in (block, other, own) if source]
    if not told:
        return None
    names = {name: next((source[name] for source in told if source[name]), None) for name in ("FirstName", "LastName")}
    nowhere = dict.fromkeys(ADDRESS)
    return names | {"Address": next((it["Address"] for it in told if it["Address"]["AddressLine1"]), nowhere)}


def _address_of(user: Entity) -> Entity:
    is_person = user["PersonType"] == "NATURAL"
    person, home = (user, "Address") if is_person else (user["LegalRepresentative"], "HeadquartersAddress")
    address = user.get(home) or {}
    return {
        "FirstName": person["FirstName"],
        "LastName": person["LastName"],
        "Address": {member: address.get(member) for member in ADDRESS},
    }


def _integer(fields: Fields, name: str) -> int | None:
    """Return a whole number of either sign, in quotes or not."""
    value = fields.body.get(name)
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", value):
        return int(value)
    return fields.number(name)
