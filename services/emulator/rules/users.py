"""What makes a user: the fields of each kind, what an OWNER must bring, and what may not be changed any more.

Source: https://docs.mangopay.com/api-reference/users/natural-users and .../legal-users

Chosen: a legacy call without a UserCategory opens an OWNER if it brings what an OWNER must bring, else a PAYER.
"""

import re
from collections.abc import Iterator

from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.countries import NAMES, USER_CREATION, is_blocked

LEGAL_PERSON_TYPES = ("BUSINESS", "PARTNERSHIP", "ORGANIZATION", "SOLETRADER")
CATEGORIES = ("PAYER", "OWNER")
CONTACT = ("Email", "PhoneNumber", "PhoneNumberCountry")
COUNTRY_FIELDS = ("Country", "Nationality", "CountryOfResidence")
OWNERS_FACTS = ("Birthday", "Nationality", "CountryOfResidence")
LONGEST_NAME = 100
INCOME_RANGES = range(1, 7)
# With its country code, or local beside a PhoneNumberCountry.
E164 = r"\+[1-9][0-9]{5,14}"
LOCAL_NUMBER = r"[0-9]{4,15}"


def read_user(world: World, body: Entity, person_type: str, *, is_legacy: bool = False) -> Entity:
    """Return the fields a platform may set, in the order they are sent; raises ApiError for what is wrong."""
    fields = Fields(body)
    fields.require("Email", "UserCategory")
    fields.choice("UserCategory", CATEGORIES)
    if not is_legacy and not is_owner(body):
        # An OWNER who does not say so is refused for not accepting them.
        fields.require("TermsAndConditionsAccepted")
    own = _natural(fields, is_legacy=is_legacy) if person_type == "NATURAL" else _legal(fields, is_legacy=is_legacy)
    for path, country in _countries(own, is_legacy=is_legacy):
        _check_country(world, fields, path, country)
    shared = {
        "Tag": fields.text("Tag"),
        "Email": fields.email(),
        "TermsAndConditionsAccepted": bool(fields.flag("TermsAndConditionsAccepted")),
        "UserCategory": body.get("UserCategory"),
    }
    fields.check()
    return own | shared


def nested(body: Entity) -> Entity:
    """Return a legacy legal user's body with its flat representative as an object."""
    start = "LegalRepresentative"
    flat = {name: value for name, value in body.items() if name.startswith(start) and name != f"{start}Address"}
    representative = {name.removeprefix(start): value for name, value in flat.items()}
    if body.get("PhoneNumber"):
        representative["PhoneNumber"] = body["PhoneNumber"]
    return {name: value for name, value in body.items() if name not in flat} | {start: representative}


def with_category(body: Entity, person_type: str) -> Entity:
    """Return a legacy body with the category that it implies, if it names none."""
    person = body if person_type == "NATURAL" else body.get("LegalRepresentative")
    has_facts = isinstance(person, dict) and all(person.get(name) is not None for name in OWNERS_FACTS)
    is_owners = has_facts and (person_type == "NATURAL" or bool(body.get("HeadquartersAddress")))
    return body if body.get("UserCategory") else body | {"UserCategory": "OWNER" if is_owners else "PAYER"}


def is_owner(user: Entity) -> bool:
    return user.get("UserCategory") == "OWNER"


def contact(user: Entity) -> Entity:
    """Return who is asked for strong authentication: the person, or a company's representative."""
    person: Entity = user if user["PersonType"] == "NATURAL" else user["LegalRepresentative"]
    return {name: person[name] for name in CONTACT}


def kyc_type(user: Entity) -> str:
    return "NATURAL" if user["PersonType"] == "NATURAL" else str(user["LegalPersonType"])


def refuse_closed(user: Entity) -> None:
    """Raise ApiError 400 for somebody whose account is closed: nothing can be done to it any more."""
    if user["UserStatus"] == "CLOSED":
        raise ApiError(400, "user_closed", "The user is closed")


def refuse_unaccepted_terms(user: Entity) -> None:
    """Raise ApiError 403 for an OWNER who has not accepted the terms."""
    if is_owner(user) and not user["TermsAndConditionsAccepted"]:
        raise ApiError(
            403,
            "user_hasnt_accepted_terms_and_conditions",
            "User must accept the terms and conditions before account creation or modification.",
        )


def refuse_forbidden_changes(user: Entity, changed: Entity) -> None:
    if is_owner(user) and not is_owner(changed):
        fields = Fields(changed)
        fields.refuse("UserCategory", "A User OWNER can't be modified to a user PAYER")
        fields.check()
    if user["TermsAndConditionsAccepted"] and not changed["TermsAndConditionsAccepted"]:
        raise invalid_action("The user cannot revoke the terms and conditions acceptance")
    if not is_owner(user):
        refuse_unaccepted_terms(changed)


def _countries(values: Entity, path: str = "", *, is_legacy: bool) -> Iterator[tuple[str, str]]:
    """Go through every country that was named, with the path of its field; a legacy representative is flat."""
    for name, value in values.items():
        if isinstance(value, dict):
            is_flat = is_legacy and name == "LegalRepresentative"
            yield from _countries(value, name if is_flat else f"{name}.", is_legacy=is_legacy)
        elif value and name in COUNTRY_FIELDS:
            yield path + name, value


def _check_country(world: World, fields: Fields, path: str, country: str) -> None:
    if is_blocked(world, country, USER_CREATION):
        fields.refuse(path, f"The {path.rpartition('.')[2]} used is blocked")
    elif country not in NAMES:
        fields.refuse(path, f"The requested value '{country}' was not found.")


def _natural(fields: Fields, *, is_legacy: bool) -> Entity:
    fields.require("FirstName", "LastName")
    if is_owner(fields.body):
        fields.require(*OWNERS_FACTS)
    values = {
        "Address": fields.address("Address"),
        "FirstName": fields.text("FirstName", longest=LONGEST_NAME),
        "LastName": fields.text("LastName", longest=LONGEST_NAME),
        "Birthday": fields.number("Birthday"),
        "Nationality": fields.country("Nationality"),
        "CountryOfResidence": fields.country("CountryOfResidence"),
        "Occupation": fields.text("Occupation"),
        "IncomeRange": _income_range(fields),
    }
    if not is_owner(fields.body):
        values |= dict.fromkeys((*OWNERS_FACTS, "Occupation", "IncomeRange"))
    return values | _phone(fields, is_legacy=is_legacy)


def _income_range(fields: Fields) -> int | None:
    value = fields.number("IncomeRange") if fields.body.get("IncomeRange") != "" else None
    if value is not None and value not in INCOME_RANGES:
        fields.refuse("IncomeRange", "The field IncomeRange must be between 1 and 6.")
    return value


def _legal(fields: Fields, *, is_legacy: bool) -> Entity:
    fields.require("Name", "LegalPersonType", "LegalRepresentative")
    headquarters = fields.address("HeadquartersAddress")
    if is_owner(fields.body):
        if not any(headquarters.values()):
            fields.refuse("HeadquartersAddress", "The HeadquartersAddress field is required.")
        if fields.body.get("LegalPersonType") == "BUSINESS":
            fields.require("CompanyNumber")
    representative = fields.within("LegalRepresentative")
    if is_legacy:
        # Legacy names are flat.
        representative.path = "LegalRepresentative"
    return {
        "HeadquartersAddress": headquarters,
        "LegalRepresentativeAddress": fields.address("LegalRepresentativeAddress"),
        "Name": fields.text("Name"),
        "LegalPersonType": fields.choice("LegalPersonType", LEGAL_PERSON_TYPES),
        "LegalRepresentative": _representative(representative, is_required=is_owner(fields.body), is_legacy=is_legacy),
        "CompanyNumber": fields.text("CompanyNumber"),
    }


def _representative(fields: Fields, *, is_required: bool, is_legacy: bool) -> Entity:
    fields.require("FirstName", "LastName")
    if is_required:
        fields.require(*OWNERS_FACTS)
        if not fields.body.get("Email") and not is_legacy:
            fields.refuse("Email", "'Email' must not be empty.")
    return {
        "FirstName": fields.text("FirstName", longest=LONGEST_NAME),
        "LastName": fields.text("LastName", longest=LONGEST_NAME),
        "Email": fields.email(),
        "Birthday": fields.number("Birthday"),
        "Nationality": fields.country("Nationality"),
        "CountryOfResidence": fields.country("CountryOfResidence"),
        **_phone(fields, is_legacy=is_legacy),
    }


def _phone(fields: Fields, *, is_legacy: bool) -> Entity:
    number = fields.text("PhoneNumber") or None
    country = fields.text("PhoneNumberCountry") or None
    if is_legacy:
        return {"PhoneNumber": number, "PhoneNumberCountry": country}
    if country is not None:
        fields.matching("PhoneNumberCountry", "[A-Z]{2}")
    if number is not None and not re.fullmatch(E164, number):
        if not re.fullmatch(LOCAL_NUMBER, number):
            message = "The PhoneNumber must be in the E.164 format, or local with a PhoneNumberCountry"
            fields.refuse("PhoneNumber", message)
        elif country is None:
            fields.refuse("PhoneNumberCountry", "The PhoneNumberCountry field is required.")
    return {"PhoneNumber": number, "PhoneNumberCountry": country}
