"""What is wrong with an edited profile, and what else would happen because of it.

Source: https://docs.mangopay.com/api-reference/users and https://docs.mangopay.com/guides/users/verification/downgrade
"""

import re
from collections.abc import Iterable
from datetime import date

from models.countries import countries, country_name
from models.profile import Change, User, Values, changes, entered_values
from models.profile_fields import Needed, ProfileField, Typed, fields_of, is_legal, is_needed, is_owner, read_day

# As Mangopay's own error message gives it.
EMAIL = re.compile(
    r"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
)
E164 = re.compile(r"\+[1-9][0-9]{5,14}")
LOCAL_NUMBER = re.compile(r"[0-9]{4,15}")
# Nobody alive was born before it, so it is a slip of the finger.
FIRST_BIRTHDAY = date(1900, 1, 1)
NEEDS_REGION = frozenset(("US", "CA", "MX"))
NEEDED_OF_AN_ADDRESS = frozenset(("AddressLine1", "City", "PostalCode", "Country"))

_IDENTITY = frozenset(("FirstName", "LastName", "Birthday", "Nationality"))
_CONTACT = frozenset(("Email", "PhoneNumber", "PhoneNumberCountry"))
# Whoever changes the first may owe the second.
_BINDS = {"PhoneNumber": "PhoneNumberCountry", "LegalPersonType": "CompanyNumber"}


def validate(user: User, values: Values, *, today: date) -> dict[str, str]:
    """Return what is wrong with what would be sent, a sentence by path; empty when it can go.

    What is not sent is not looked at: old users lack what is demanded today, and need not stop a corrected tag.
    """
    entered = entered_values(user, values)
    edited = {change.path for change in changes(user, values)}
    concerned = _concerned(user, edited)
    sentences = {
        field.path: _missing(field, user, entered)
        or (_malformed(field, entered[field.path], today) if field.path in edited else "")
        for field in fields_of(user)
        if field.path in concerned
    }
    return {path: sentence for path, sentence in sentences.items() if sentence}


def consequences(user: User, changed: Iterable[Change]) -> tuple[str, ...]:
    """Return what else happens at Mangopay because of these changes, in plain sentences."""
    fields = [change.field for change in changed]
    regular, owner = user.get("KYCLevel") == "REGULAR", is_owner(user)
    warnings = (
        (regular and any(_is_identity(user, field) for field in fields), _DOWNGRADE[is_legal(user)]),
        (regular and any(field.path == "LegalPersonType" for field in fields), _OTHER_LEGAL_FORM),
        (owner and any(_is_contact(user, field) for field in fields), _AUTHENTICATION),
        (owner and user.get("TermsAndConditionsAccepted") is not True and bool(fields), _TERMS),
    )
    return tuple(sentence for is_so, sentence in warnings if is_so)


_DOWNGRADE = {
    False: "The KYC level falls from Regular to Light, and the proof of identity is out of date: the person has to be "
    "verified anew, and payouts may be blocked until then.",
    True: "The KYC level falls from Regular to Light, and the documents about the company and its representative are "
    "out of date: they have to be verified anew, and payouts may be blocked until then.",
}
_OTHER_LEGAL_FORM = (
    "With another legal person type the KYC level falls from Regular to Light, and the proof of registration is out of "
    "date: the company has to be verified anew, and payouts may be blocked until then."
)
_AUTHENTICATION = (
    "Mangopay asks the user to authenticate again, because the e-mail or the phone number changes. You get a link to "
    "pass on, good for 10 minutes; until then the user's status is pending user action."
)
_TERMS = "This owner has not accepted Mangopay's terms: until they have, Mangopay is likely to refuse any change."


def _concerned(user: User, edited: Iterable[str]) -> set[str]:
    """Return the paths of what is sent, and of what is bound to it by a rule."""
    tops = {path.partition(".")[0] for path in edited}
    tops |= {_BINDS[top] for top in tops if top in _BINDS}
    return {field.path for field in fields_of(user) if field.top in tops}


def _missing(field: ProfileField, user: User, entered: Values) -> str:
    if entered[field.path]:
        return ""
    if is_needed(field, user, entered):
        return f"Mangopay needs this{_of_whom(field)}."
    if field.leaf == "PhoneNumberCountry":
        number = entered[field.path.removesuffix("Country")]
        return "Choose the country of the local number." if LOCAL_NUMBER.fullmatch(number) else ""
    return _missing_of_an_address(field, user, entered) if field.top.endswith("Address") else ""


def _missing_of_an_address(field: ProfileField, user: User, entered: Values) -> str:
    siblings = {other.leaf: entered[other.path] for other in fields_of(user) if other.top == field.top}
    if field.leaf == "Region" and siblings["Country"] in NEEDS_REGION:
        return f"Mangopay needs the region of an address in {country_name(siblings['Country'])}."
    if field.leaf in NEEDED_OF_AN_ADDRESS and any(siblings.values()):
        return "An address needs this, unless the whole of it is empty."
    return ""


def _of_whom(field: ProfileField) -> str:
    by_whom = {Needed.BY_OWNERS: " of an owner", Needed.BY_OWNING_BUSINESSES: " of a business that is an owner"}
    return by_whom.get(field.needed, "")


def _malformed(field: ProfileField, text: str, today: date) -> str:
    if not text:
        return ""
    if field.kind is Typed.COUNTRY and text not in countries():
        return "Choose a country of the list."
    if len(text) > field.longest:
        return f"At most {field.longest} characters; this has {len(text)}."
    if field.kind is Typed.EMAIL and not EMAIL.fullmatch(text):
        return "Enter an e-mail address, such as alice@example.com."
    if field.kind is Typed.PHONE and not (E164.fullmatch(text) or LOCAL_NUMBER.fullmatch(text)):
        return "Enter a phone number, such as +33611111111, or a local one with its country."
    if field.kind is Typed.CHOICE and text not in dict(field.choices):
        return "Choose one of the list."
    return _bad_birthday(text, today) if field.kind is Typed.BIRTHDAY else ""


def _bad_birthday(text: str, today: date) -> str:
    day = read_day(text)
    if day is None:
        return "Enter a day as year, month and day, such as 1990-09-01."
    return "" if FIRST_BIRTHDAY <= day < today else "Nobody alive was born on that day."


def _is_identity(user: User, field: ProfileField) -> bool:
    return field.top == "LegalRepresentative" if is_legal(user) else field.path in _IDENTITY


def _is_contact(user: User, field: ProfileField) -> bool:
    is_of_who_signs = field.top == "LegalRepresentative" if is_legal(user) else not field.is_part
    return is_of_who_signs and field.leaf in _CONTACT
