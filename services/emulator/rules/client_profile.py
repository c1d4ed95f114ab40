"""Who the platform is: its profile as it was on the first day, and what it may change of it.

Source: https://docs.mangopay.com/api-reference/client
Chosen: what a platform may not change is ignored when sent; a null leaves everything as it is; phone numbers need no
plus sign; colours have three, six or eight digits.
"""

import re

from services.emulator.engine.fields import ADDRESS, EMAIL, Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World

EMAIL_LISTS = ("TechEmails", "AdminEmails", "BillingEmails", "FraudEmails")
LONGEST_EMAIL = 40
COLOUR = "#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"
PHONE = r"\+?[0-9]{1,15}"
URL = r"https?://[^\s]+"
PLATFORM_TYPES = (
    *("NotSpecified", "MARKETPLACE", "P2P_PAYMENT", "CROWDFUNDING_DONATION", "CROWDFUNDING_REWARD"),
    *("CROWDFUNDING_EQUITY", "CROWDFUNDING_LOAN", "OTHER"),
)


def profile(world: World) -> Entity:
    """Return the platform's profile, which is written down when it is changed for the first time."""
    known = world.store.settings.get("client")
    shown: Entity = known["Profile"] if known else _first_profile(world.config.client_id)
    return shown


def save(world: World, changed: Entity) -> Entity:
    world.store.settings.save({"Id": "client", "Profile": changed})
    return changed


def read_changes(fields: Fields, known: Entity) -> Entity:
    """Return what a body says anew; raises ApiError for what is wrong with it."""
    said: Entity = {name: _emails(fields, name) if fields.has(name) else None for name in EMAIL_LISTS}
    said |= {
        "HeadquartersAddress": _address(fields, known["HeadquartersAddress"]),
        "HeadquartersPhoneNumber": fields.matching("HeadquartersPhoneNumber", PHONE),
        "TaxNumber": fields.text("TaxNumber"),
        "PlatformType": fields.choice("PlatformType", PLATFORM_TYPES),
        "PlatformCategorization": _categorization(fields, known["PlatformCategorization"]),
        "PlatformURL": fields.matching("PlatformURL", URL),
        "PlatformDescription": fields.text("PlatformDescription", longest=2000),
        "PrimaryThemeColour": fields.matching("PrimaryThemeColour", COLOUR),
        "PrimaryButtonColour": fields.matching("PrimaryButtonColour", COLOUR),
    }
    fields.check()
    return {name: value for name, value in said.items() if value is not None}


def _emails(fields: Fields, name: str) -> list[str]:
    emails = fields.texts(name)
    for email in emails:
        if len(email) > LONGEST_EMAIL:
            fields.refuse(name, f"The field {name} must hold addresses with a maximum length of {LONGEST_EMAIL}.")
        elif not re.fullmatch(EMAIL, email):
            fields.refuse(name, f"The field {name} must match the regular expression '{EMAIL}'.")
    return emails


def _address(fields: Fields, known: Entity) -> Entity | None:
    """Return the address a body leaves behind, member by member."""
    inner = fields.within("HeadquartersAddress")
    if not any(inner.has(member) for member in ADDRESS):
        return None
    told = {member: value for member, value in inner.body.items() if value is not None}
    return Fields({"HeadquartersAddress": known | told}, fields.path, fields.refused).address("HeadquartersAddress")


def _categorization(fields: Fields, known: Entity) -> Entity | None:
    inner = fields.within("PlatformCategorization")
    told = {name: inner.text(name) for name in ("BusinessType", "Sector")}
    return known | {name: value for name, value in told.items() if value is not None} if any(told.values()) else None


def _first_profile(client_id: str) -> Entity:
    address = ("12 rue des Halles", None, "Paris", None, "75001", "FR")
    return {
        "PlatformType": "MARKETPLACE",
        "ClientId": client_id,
        "Name": "Local Market",
        "RegisteredName": "Local Market SAS",
        "TechEmails": ["tech@local-market.example"],
        "AdminEmails": ["admin@local-market.example"],
        "BillingEmails": ["billing@local-market.example"],
        "FraudEmails": ["fraud@local-market.example"],
        "HeadquartersAddress": dict(zip(ADDRESS, address, strict=True)),
        "HeadquartersPhoneNumber": "+33100000000",
        "TaxNumber": None,
        "PlatformCategorization": {"BusinessType": "MARKETPLACE", "Sector": "SERVICES_JOBBING_EDUCATION"},
        "PlatformURL": "https://local-market.example",
        "PlatformDescription": "A marketplace that exists in an emulator only.",
        "CompanyReference": None,
        "PrimaryThemeColour": "#2F3A8F",
        "PrimaryButtonColour": "#2F3A8F",
        "Logo": None,
        "CompanyNumber": "123456789",
        "MCC": None,
        "Licensor": "EU",
    }
