"""The fields of natural and legal users that a platform may change: what each is called, how it is typed, who needs it.

Source: https://docs.mangopay.com/api-reference/users
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models.countries import countries, country_name


class Typed(StrEnum):
    """How a field is typed."""

    TEXT = "text"
    # May hold several lines, and keeps the spaces at its ends.
    LONG_TEXT = "long text"
    EMAIL = "e-mail"
    PHONE = "phone"
    COUNTRY = "country"
    BIRTHDAY = "birthday"
    CHOICE = "choice"


class Needed(StrEnum):
    """By whom Mangopay wants a field."""

    NEVER = "never"
    ALWAYS = "always"
    BY_OWNERS = "by owners"
    BY_OWNING_BUSINESSES = "by owners of the type Business"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileField:
    """One field; `path` is its place in Mangopay's JSON, such as `Email` or `Address.City`."""

    path: str
    label: str
    group: str
    kind: Typed = Typed.TEXT
    help: str = ""
    longest: int = 255
    needed: Needed = Needed.NEVER
    # The value and its words.
    choices: tuple[tuple[str, str], ...] = ()
    # Mangopay keeps it of owners alone, and answers null for payers whatever was sent.
    is_owners: bool = False

    @property
    def top(self) -> str:
        """What the body of an update holds it under: the field itself, or the object that it is a part of."""
        return self.path.partition(".")[0]

    @property
    def leaf(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def is_part(self) -> bool:
        return "." in self.path

    @property
    def name(self) -> str:
        """The label, told apart from the same label elsewhere."""
        return f"{self.group} · {self.label}" if self.is_part else self.label


PERSON, CONTACT, ADDRESS, COMPANY, OTHER = "Person", "Contact", "Address", "Company", "Other"
HEADQUARTERS, REPRESENTATIVE = "Headquarters", "Legal representative"
REPRESENTATIVES_ADDRESS = "Legal representative's address"

LEGAL_PERSON_TYPES = (
    ("BUSINESS", "Business"),
    ("PARTNERSHIP", "Partnership"),
    ("ORGANIZATION", "Organisation"),
    ("SOLETRADER", "Sole trader"),
)
INCOME_RANGES = (
    ("1", "Under 18K"),
    ("2", "18–30K"),  # noqa: RUF001  (a range is written with an en dash)
    ("3", "30–50K"),  # noqa: RUF001
    ("4", "50–80K"),  # noqa: RUF001
    ("5", "80–120K"),  # noqa: RUF001
    ("6", "Over 120K"),
)
LONGEST_NAME = 100
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EPOCH = date(1970, 1, 1).toordinal()
DAY_S = 86_400
FIND = "Type how its name begins, or its code."


def fields_of(user: Mapping[str, object]) -> tuple[ProfileField, ...]:
    """Return what can be edited of a user, in the order of the form. Of a natural payer Mangopay keeps less."""
    fields = LEGAL if is_legal(user) else NATURAL
    return tuple(field for field in fields if not (field.is_owners and is_payer(user)))


def groups_of(user: Mapping[str, object]) -> dict[str, tuple[ProfileField, ...]]:
    """Return the same fields by the group that they are shown in."""
    fields = fields_of(user)
    names = dict.fromkeys(field.group for field in fields)
    return {name: tuple(field for field in fields if field.group == name) for name in names}


def is_legal(user: Mapping[str, object]) -> bool:
    return user.get("PersonType") == "LEGAL"


def is_owner(user: Mapping[str, object]) -> bool:
    return user.get("UserCategory") == "OWNER"


def is_payer(user: Mapping[str, object]) -> bool:
    return user.get("UserCategory") == "PAYER"


def is_needed(field: ProfileField, user: Mapping[str, object], values: Mapping[str, str]) -> bool:
    """Whether Mangopay wants a field of this user, were it of the legal person type that is typed."""
    if field.needed is Needed.BY_OWNING_BUSINESSES:
        return is_owner(user) and values.get("LegalPersonType") == "BUSINESS"
    return field.needed is Needed.ALWAYS or (field.needed is Needed.BY_OWNERS and is_owner(user))


def in_words(field: ProfileField, text: str) -> str:
    """Return a value as people read it: a country and a choice by name."""
    if field.kind is Typed.COUNTRY:
        return f"{country_name(text)} ({text})" if text in countries() else text
    return dict(field.choices).get(text, text)


def birthday_text(seconds: object) -> str:
    """Return the day of Unix seconds, in UTC, as YYYY-MM-DD; what is no day as it came."""
    try:
        return date.fromordinal(EPOCH + int(seconds) // DAY_S).isoformat()  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return str(seconds)


def birthday_seconds(text: str) -> int | None:
    """Return the Unix seconds of midnight UTC, negative before 1970; None for what is no day in YYYY-MM-DD."""
    day = read_day(text)
    return None if day is None else (day.toordinal() - EPOCH) * DAY_S


def read_day(text: str) -> date | None:
    """Return the day that YYYY-MM-DD names; None for anything else."""
    try:
        return date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def _person(group: str, under: str = "") -> tuple[ProfileField, ...]:
    """Return what makes a person: the names, and what only owners must tell."""
    names = (
        ProfileField(path="FirstName", label="First name", group=group, longest=LONGEST_NAME, needed=Needed.ALWAYS),
        ProfileField(path="LastName", label="Last name", group=group, longest=LONGEST_NAME, needed=Needed.ALWAYS),
    )
    facts = (
        ProfileField(
            path="Birthday", label="Birthday", group=group, kind=Typed.BIRTHDAY, help="Year, month, day: 1990-09-01."
        ),
        ProfileField(path="Nationality", label="Nationality", group=group, kind=Typed.COUNTRY, help=FIND),
        ProfileField(path="CountryOfResidence", label="Country of residence", group=group, kind=Typed.COUNTRY),
    )
    owners = tuple(replace(field, needed=Needed.BY_OWNERS, is_owners=not under) for field in facts)
    return tuple(replace(field, path=under + field.path) for field in names + owners)


def _contact(group: str, under: str = "", *, email: Needed) -> tuple[ProfileField, ...]:
    phone_help = "With its country code, +33611111111, or local, 0611111111, together with the country below."
    fields = (
        ProfileField(path="Email", label="E-mail", group=group, kind=Typed.EMAIL, needed=email),
        ProfileField(path="PhoneNumber", label="Phone number", group=group, kind=Typed.PHONE, help=phone_help),
        ProfileField(
            path="PhoneNumberCountry", label="Country of the phone number", group=group, kind=Typed.COUNTRY,
            help="Only for a local number.",
        ),
    )  # fmt: skip
    return tuple(replace(field, path=under + field.path) for field in fields)


def _address(group: str, top: str, *, needed: Needed = Needed.NEVER) -> tuple[ProfileField, ...]:
    """Return an address; its parts that are needed are so as soon as any other is filled in."""
    whole = (
        "An address needs line 1, city, postal code and country, or nothing at all." if needed is Needed.NEVER else ""
    )
    fields = (
        ProfileField(path="AddressLine1", label="Address line 1", group=group, needed=needed, help=whole),
        ProfileField(path="AddressLine2", label="Address line 2", group=group),
        ProfileField(path="City", label="City", group=group, needed=needed),
        ProfileField(
            path="Region", label="Region", group=group, help="Needed in the United States, Canada and Mexico."
        ),
        ProfileField(path="PostalCode", label="Postal code", group=group, needed=needed),
        ProfileField(path="Country", label="Country", group=group, kind=Typed.COUNTRY, needed=needed),
    )
    return tuple(replace(field, path=f"{top}.{field.path}") for field in fields)


_TAG = ProfileField(
    path="Tag", label="Tag", group=OTHER, kind=Typed.LONG_TEXT,
    help="A note of the platform's own, 255 characters at most. The user does not see it.",
)  # fmt: skip

NATURAL = (
    *_person(PERSON),
    ProfileField(path="Occupation", label="Occupation", group=PERSON, is_owners=True),
    ProfileField(
        path="IncomeRange", label="Income range", group=PERSON, kind=Typed.CHOICE, choices=INCOME_RANGES, is_owners=True
    ),
    *_contact(CONTACT, email=Needed.ALWAYS),
    *_address(ADDRESS, "Address"),
    _TAG,
)

LEGAL = (
    ProfileField(path="Name", label="Company name", group=COMPANY, needed=Needed.ALWAYS),
    ProfileField(
        path="LegalPersonType", label="Legal person type", group=COMPANY, kind=Typed.CHOICE,
        choices=LEGAL_PERSON_TYPES, needed=Needed.ALWAYS,
    ),
    ProfileField(
        path="CompanyNumber", label="Company number", group=COMPANY, needed=Needed.BY_OWNING_BUSINESSES,
        help="As it is registered in the country of the headquarters. Mangopay checks its format.",
    ),
    ProfileField(path="Email", label="Company e-mail", group=COMPANY, kind=Typed.EMAIL, needed=Needed.ALWAYS),
    *_address(HEADQUARTERS, "HeadquartersAddress", needed=Needed.BY_OWNERS),
    *_person(REPRESENTATIVE, "LegalRepresentative."),
    *_contact(REPRESENTATIVE, "LegalRepresentative.", email=Needed.BY_OWNERS),
    *_address(REPRESENTATIVES_ADDRESS, "LegalRepresentativeAddress"),
    _TAG,
)  # fmt: skip
