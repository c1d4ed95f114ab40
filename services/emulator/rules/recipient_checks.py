"""Whether a recipient's data are right: against the table of fields first, then as its bank would see them.

Every refused field is named by its path, with a code. Source: https://docs.mangopay.com/api-reference/recipients
Chosen: an IBAN of another country than the recipient's is taken as long as the local scheme reaches it (else
UNSUPPORTED_IBAN); of British sort codes and account numbers only those of zeros alone are unknown to the bank, and
their combination is never refused.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import orjson
from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.errors import STANDARD, ApiError
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.bank_countries import INTERNATIONAL, LOCAL, LOCAL_SCHEMES
from services.emulator.rules.countries import BANK_ACCOUNT_CREATION, ISO_CODES, USER_CREATION, is_blocked
from services.emulator.rules.ibans import BIC, LENGTHS, bic_of, is_iban
from services.emulator.rules.recipient_fields import COMMON, CURRENCIES, LOCAL_FIELDS, METHODS, TYPES, Leaf, Tree
from services.emulator.rules.recipient_fields import fields_of as fields_of_kind

# The code of each refused field, by its path.
Refused = dict[str, str]


class RecipientError(ApiError):
    """A recipient's data, or a question about recipients, are wrong; these endpoints alone spell it `Errors`."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        super().__init__(400, "param_error", STANDARD, refused)

    def response(self, now: int) -> Response:
        body = orjson.loads(super().response(now).body)
        errors = body.pop("errors")
        return Answer(body | {"Errors": errors}, status_code=self.status)


class Kind(NamedTuple):
    """What decides which fields a recipient has."""

    method: str
    recipient_type: str
    currency: str
    country: str


KIND_FIELDS = ("PayoutMethodType", "RecipientType", "Currency", "Country")


def read(world: World, body: Entity) -> Entity:
    """Return what was sent of a recipient, cleaned and without empty members, its BIC added; raises RecipientError."""
    refused: Refused = {}
    kind = read_kind(world, body, refused)
    if kind is None:
        _walk(COMMON, body, "", refused)
        raise RecipientError(refused)
    owner = "IndividualRecipient" if kind.recipient_type == "Individual" else "BusinessRecipient"
    region_country = _member(_member(body, owner), "Address").get("Country")
    tree = fields_of_kind(*kind, region_country=region_country if isinstance(region_country, str) else "")
    data = _walk(tree, body | dict(zip(KIND_FIELDS, kind, strict=True)), "", refused)
    country = str(_member(_member(data, owner), "Address").get("Country", kind.country)).upper()
    if country not in ISO_CODES or is_blocked(world, country, USER_CREATION):
        refused.setdefault(f"{owner}.Address.Country", "UNSUPPORTED_COUNTRY")
    if not any(path.startswith(kind.method) for path in refused):
        _ask_bank(world, kind, data[kind.method], refused)
    if refused:
        raise RecipientError(refused)
    return data


def read_kind(world: World, asked: Mapping[str, object], refused: Refused) -> Kind | None:
    """Return the kind that was asked for; None, with the codes in `refused`, if there is no such kind."""
    method = _one_of(asked, "PayoutMethodType", METHODS, "NOT_IN_ALLOWED_VALUES", refused)
    recipient_type = _one_of(asked, "RecipientType", TYPES, "NOT_IN_ALLOWED_VALUES", refused)
    currency, country = read_destination(world, asked, refused)
    if method == LOCAL and currency and currency not in LOCAL_FIELDS:
        refused["PayoutMethodType"] = "UNSUPPORTED_PAYOUT_METHOD_FOR_CURRENCY"
        refused["Currency"] = "UNSUPPORTED_CURRENCY_FOR_PAYOUT_METHOD"
    elif method == LOCAL and currency and country and country not in LOCAL_SCHEMES[currency]:
        refused["Country"] = "UNSUPPORTED_COUNTRY"
    return None if refused else Kind(method, recipient_type, currency, country)


def read_destination(world: World, asked: Mapping[str, object], refused: Refused) -> tuple[str, str]:
    """Return currency and country, in capitals; an empty text, and a code in `refused`, for a wrong one."""
    currency = _one_of(asked, "Currency", CURRENCIES, "UNSUPPORTED_CURRENCY", refused)
    country = asked.get("Country")
    if country in (None, ""):
        refused["Country"] = "REQUIRED"
    elif not isinstance(country, str) or not re.fullmatch("[A-Za-z]{2}", country):
        refused["Country"] = "INVALID_FORMAT"
    elif country.upper() not in ISO_CODES or is_blocked(world, country.upper(), BANK_ACCOUNT_CREATION):
        refused["Country"] = "UNSUPPORTED_COUNTRY"
    else:
        return currency, country.upper()
    return currency, ""


def _one_of(asked: Mapping[str, object], name: str, allowed: tuple[str, ...], code: str, refused: Refused) -> str:
    """Return the allowed value in its own spelling, whatever the letter case it was sent in."""
    value = asked.get(name)
    if value in (None, ""):
        refused[name] = "REQUIRED"
        return ""
    found = next((one for one in allowed if one.lower() == str(value).lower()), None)
    if found is None:
        refused[name] = code
    return found or ""


def _walk(tree: Tree, body: Entity, path: str, refused: Refused) -> Entity:
    """Return what is there of the tree's fields, and note what is missing or malformed."""
    data: Entity = {}
    for name, node in tree.items():
        value, where = body.get(name), path + name
        if isinstance(node, Leaf):
            value = _checked(node, value, where, refused)
        elif value in (None, {}):
            refused[where] = "REQUIRED"
            value = None
        elif isinstance(value, dict):
            value = _walk(node, value, f"{where}.", refused)
        else:
            refused[where] = "INVALID_FORMAT"
            value = None
        if value is not None:
            data[name] = value
    return data


def _checked(leaf: Leaf, value: object, where: str, refused: Refused) -> str | None:
    if value in (None, ""):
        if leaf.is_required:
            refused[where] = "REQUIRED"
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        refused[where] = "INVALID_FORMAT"
        return None
    if leaf.label in ("IBAN", "Account Number", "BIC"):
        text = "".join(text.split()).upper()
    code = _code(leaf, text)
    if code is not None:
        refused[where] = code
    return text


def _code(leaf: Leaf, text: str) -> str | None:
    if leaf.longest is not None and len(text) > leaf.longest:
        return "LENGTH_MORE_THAN_MAX"
    if leaf.shortest is not None and len(text) < leaf.shortest:
        return "LENGTH_LESS_THAN_MIN"
    if leaf.pattern is not None and not re.fullmatch(leaf.pattern, text):
        return "INVALID_FORMAT"
    if leaf.allowed and text not in leaf.allowed:
        return "NOT_IN_ALLOWED_VALUES"
    return None


def _ask_bank(world: World, kind: Kind, bank: Entity, refused: Refused) -> None:
    """Look at an account as its bank would, and add the BIC that its IBAN tells."""
    is_local = kind.method == LOCAL
    account = bank[kind.currency] if is_local else bank
    path = f"{LOCAL}.{kind.currency}." if is_local else f"{INTERNATIONAL}."
    if "IBAN" in account or (not is_local and kind.country in LENGTHS):
        name = "IBAN" if "IBAN" in account else "AccountNumber"
        code = _iban_code(world, kind, account[name])
        if code is None:
            account["BIC"] = bic_of(account[name])
        else:
            refused[path + name] = code
    elif "BIC" in account:
        code = _bic_code(kind, account["BIC"])
        if code is not None:
            refused[f"{path}BIC"] = code
    elif kind.currency == "GBP":
        for name, code in (("SortCode", "INVALID_SORT_CODE"), ("AccountNumber", "INVALID_ACCOUNT_NUMBER")):
            if not account[name].strip("0"):
                refused[path + name] = code


def _iban_code(world: World, kind: Kind, iban: str) -> str | None:
    if not is_iban(iban):
        return "INVALID_IBAN"
    is_out_of_reach = kind.method == LOCAL and iban[:2] not in LOCAL_SCHEMES[kind.currency]
    return "UNSUPPORTED_IBAN" if is_out_of_reach or is_blocked(world, iban[:2], BANK_ACCOUNT_CREATION) else None


def _bic_code(kind: Kind, bic: str) -> str | None:
    if not re.fullmatch(BIC, bic):
        return "INVALID_BIC"
    return None if bic[4:6] == kind.country else "BIC_DOES_NOT_CORRESPOND_TO_ACCOUNT_COUNTRY"


def _member(body: Entity, name: str) -> Entity:
    value = body.get(name)
    return value if isinstance(value, dict) else {}
