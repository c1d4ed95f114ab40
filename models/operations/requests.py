"""From what was typed to the one call that is made: what is wrong with it, how much it is, and how it leaves."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from models.money import Money
from models.operations.amounts import AmountError, parse_amount
from models.operations.kinds import OperationKind
from models.operations.parameters import Form, Parameter

# Beside the parameters: what the amounts are in. It is read off the wallet, not chosen.
CURRENCY = "Currency"
QUOTE = "QuoteId"
_FEES = ("Fees", "DeclaredFees")
# What a browser tells that has no script of ours; the payer is not at this one, so it is the operator's.
BROWSER = {
    "AcceptHeader": "text/html",
    "JavaEnabled": False,
    "ColorDepth": 24,
    "ScreenHeight": 1080,
    "ScreenWidth": 1920,
    "TimeZoneOffset": 0,
    "JavascriptEnabled": True,
}
# No amount has more digits; a link may come from anybody.
_MINOR = re.compile("-?[0-9]{1,18}")
# Of what no amount can be, as much is repeated as one recognises it by.
_SHOWN = 20
_SHORTEST_REASON = 3
_LONGEST_REASON = 300
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it leaves; `path` begins with a slash and is whole."""

    method: str
    path: str
    body: Mapping[str, object]


def faults_of(kind: OperationKind, values: Values) -> Mapping[str, str]:
    """Return what is wrong with what was typed, a sentence by parameter; empty when it can be sent.

    While the currency is not known, amounts are only looked at for being there.
    """
    faults = {p.name: fault for p in kind.parameters if (fault := _fault(p, values))}
    for names in kind.one_of:
        given = [name for name in names if values.get(name)]
        labels = " or ".join(kind.by_name[name].label.lower() for name in names)
        if not given:
            faults.setdefault(names[0], f"Fill in one of these: {labels}.")
        for name in given[1:]:
            faults.setdefault(name, f"Only one of these: {labels}.")
    whole = amount_of(kind, values, kind.amount)
    for name in _FEES:
        fees = amount_of(kind, values, name)
        if not faults and fees is not None and whole is not None and fees.amount > whole.amount:
            faults[name] = "The fees are more than the amount."
    return faults


def amount_of(kind: OperationKind, values: Values, name: str) -> Money | None:
    """Return an amount as it was typed; None for none, one that cannot be read, or while its currency is not known."""
    parameter, currency = kind.by_name.get(name), values.get(CURRENCY)
    typed = values.get(name) or (parameter.default if parameter else "")
    if parameter is None or not parameter.is_amount or not currency or not typed:
        return None
    try:
        return parse_amount(typed, currency)
    except AmountError:
        return None


def told_amount(kind: OperationKind, values: Values) -> Money | None:
    """Return the amount that an operation is spoken of by: what leaves or, for a refund, what reaches the payer."""
    amount = amount_of(kind, values, kind.amount) if kind.amount else None
    fees = amount_of(kind, values, "Fees")
    return amount - fees if amount and fees and kind.makes == "refund" else amount


def build_request(kind: OperationKind, values: Values, *, client_id: str, operation_id: str) -> Request:
    """Return the call that does what was typed. Raises ValueError for what `faults_of` complains of."""
    faults = faults_of(kind, values)
    if faults:
        raise ValueError(f"cannot be sent: {', '.join(faults)}")
    decided_by = next((name for name in kind.paths if name and values.get(name)), "")
    template = kind.paths[decided_by]
    in_path = {p.name for p in kind.parameters if f"{{{p.name}}}" in template}
    path = template.format_map({name: quote(values[name], safe="") for name in in_path})
    body: dict[str, object] = dict(kind.fixed)
    for parameter in kind.parameters:
        if parameter.name not in in_path and (value := _sent(kind, parameter, values)) is not None:
            _place(body, parameter.name, value)
    if "BrowserInfo" in body:
        body["BrowserInfo"] = {**BROWSER, **_mapping(body["BrowserInfo"])}
    if kind.method == "POST":
        body["Tag"] = " ".join(filter(None, (operation_id, values.get("Tag", ""))))
    return Request(kind.method, f"/v2.01/{quote(client_id, safe='')}{path}", body)


def hash_of(kind_name: str, values: Values) -> str:
    """Return a mark of what was asked for, so that what is approved is that and nothing else.

    A quote is asked for anew when it is approved, for it is good for minutes only.
    """
    told = json.dumps([kind_name, sorted((name, value) for name, value in values.items() if value and name != QUOTE)])
    return hashlib.sha256(told.encode()).hexdigest()


def typed_from_link(kind: OperationKind, given: Values) -> dict[str, str]:
    """Return what a link fills in. Amounts are minor units there, by Mangopay's names: `DebitedFunds.Amount=1260` and
    `DebitedFunds.Currency=EUR`. Anything else that is given for one is shown as it came, for the form to refuse: were
    it left out, all that there is would be suggested in its place.
    """
    # What people do not fill in, no link does.
    values = {p.name: given[p.name].strip() for p in kind.shown if given.get(p.name) and not p.is_amount}
    for parameter in kind.parameters:
        if not parameter.is_amount:
            continue
        currency = given.get(f"{parameter.name}.Currency", "")
        told = given.get(f"{parameter.name}.Amount", "") or given.get(parameter.name, "")
        if currency and _MINOR.fullmatch(told) and parameter.name not in given:
            values[parameter.name] = Money(int(told), currency).decimal_text()
        elif told.strip():
            values[parameter.name] = f"“{told.strip()[:_SHOWN]}” in the link"
        if currency:
            values.setdefault(CURRENCY, currency)
    return values


def fault_of_reason(reason: str) -> str:
    """Return what is wrong with why something is done, "" when nothing is."""
    length = len(reason.strip())
    if not reason.strip().isprintable():
        return "There are characters in it that cannot be seen."
    if length < _SHORTEST_REASON:
        return f"Say why, in {_SHORTEST_REASON} characters or more: it stays in the audit log."
    return f"At most {_LONGEST_REASON} characters; this has {length}." if length > _LONGEST_REASON else ""


def _fault(parameter: Parameter, values: Values) -> str:
    typed = values.get(parameter.name) or parameter.default
    fault = parameter.fault(typed)
    if fault or not parameter.is_amount or not typed or not values.get(CURRENCY):
        return fault
    try:
        amount = parse_amount(typed, values[CURRENCY])
    except AmountError as error:
        return str(error)
    is_fees = parameter.name in _FEES
    if parameter.form is Form.AMOUNT and amount.amount < (0 if is_fees else 1):
        return "Fees cannot be less than nothing here." if is_fees else "An amount is more than nothing."
    return ""


def _sent(kind: OperationKind, parameter: Parameter, values: Values) -> object:
    if parameter.name == "Tag" or parameter.name in kind.unsent:
        return None
    if parameter.is_amount:
        amount = amount_of(kind, values, parameter.name)
        return amount and {"Currency": amount.currency, "Amount": amount.amount}
    return values.get(parameter.name) or parameter.default or None


def _place(body: dict[str, object], name: str, value: object) -> None:
    outer, _, inner = name.partition(".")
    if inner:
        body[outer] = {**_mapping(body.get(outer)), inner: value}
    else:
        body[name] = value


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
