"""Shows one value of an object as what it is. Foreign text keeps its own direction of writing."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import htpy as h

from models.countries import country_name
from models.mangopay.wire import utc
from models.objects.fields import Content, Fact, Form, text_at
from models.objects.kinds import KINDS, Kind, href, is_id, kind_of_id, kind_of_transaction
from models.objects.plain import money_of
from models.result_codes import explain
from models.words import label_of, meaning_of
from ui.components.parts import chip, copy_button, icon, middle_cut, money, object_id, outside_link, safe_url, when

Names = Mapping[str, str]
# As much of an id as a column of a list has room for.
LONGEST_IN_LIST = 18
NAMELESS: Names = MappingProxyType({})


def value_view(fact: Fact, content: Content, *, is_in_list: bool = False, names: Names = NAMELESS) -> h.Node:
    """Return a fact's value as HTML; None where there is none. In a list it takes one line.

    `names` are those of users that are known here, by id.
    """
    value = fact.value(content)
    if value is None:
        return None
    if isinstance(value, list):
        shown = [_one(fact, each, content, is_in_list=is_in_list, names=names) for each in value]
        return _joined(shown) if fact.form is Form.TEXT else shown
    return _one(fact, value, content, is_in_list=is_in_list, names=names)


def foreign(text: str) -> h.Element:
    """Return text that somebody else wrote, in its own direction."""
    return h.bdi[text]


def object_link(kind: Kind, id_: str, *, text: h.Node = None, parent: str | None = None) -> h.Element:
    """Return a link to an object's page, with its id to copy."""
    return h.span(class_=["id", {"is-named": text is not None}])[
        h.a(href=href(kind, id_, parent=parent), title=f"{kind.title} {id_}")[text or h.span[middle_cut(id_)]],
        copy_button(id_),
    ]


def _one(fact: Fact, value: object, content: Content, *, is_in_list: bool, names: Names) -> h.Node:
    if fact.form is Form.LINK and isinstance(value, str):
        return _link(fact, value, content, names)
    if isinstance(value, str):
        return _text(fact, value, content, is_in_list=is_in_list)
    if fact.form is Form.MONEY and (amount := money_of(value, content)) is not None:
        return money(amount)
    if isinstance(value, bool | int | float):
        return _number(fact, value, is_in_list=is_in_list)
    return _object(fact, value)


def _number(fact: Fact, value: float, *, is_in_list: bool) -> h.Node:
    match fact.form, value:
        case _, bool():
            return "Yes" if value else "No"
        case Form.MOMENT, _ if (moment := _moment(value)) is not None:
            return when(moment, show="ago" if is_in_list else "exact")
        case Form.DAY, _ if (moment := _moment(value)) is not None:
            return h.span(".numbers")[moment.date().isoformat()]
        case Form.WORD, int():
            return _word(fact, str(value), is_in_list=is_in_list)
    return str(value)


def _object(fact: Fact, value: object) -> h.Node:
    if fact.form is Form.ADDRESS and isinstance(value, Mapping) and (parts := _address(value)):
        return h.span(".address")[_joined(map(foreign, parts))]
    # Mangopay sent something else than its reference says: better seen than hidden.
    return h.code(".mono")[json.dumps(value, ensure_ascii=False)]


def _text(fact: Fact, value: str, content: Content, *, is_in_list: bool) -> h.Node:
    match fact.form:
        case Form.WORD:
            return _word(fact, value, is_in_list=is_in_list)
        case Form.RESULT:
            return _result(value, content, is_in_list=is_in_list)
        case Form.MOVEMENT:
            return _movement(content)
        case Form.PERSON:
            return _person(value, content)
        case Form.ID:
            return object_id(value, longest=LONGEST_IN_LIST if is_in_list else None)
        case Form.STATUS:
            return h.span(title=_meaning(fact, value))[chip(value)]
    return _plain(fact.form, value, is_in_list=is_in_list)


def _plain(form: Form, value: str, *, is_in_list: bool) -> h.Node:
    match form:
        case Form.MONO:
            return h.span(".mono.copyable", title=value)[h.span[foreign(value)], copy_button(value, tabindex="-1")]
        case Form.COUNTRY:
            return country_name(value)
        case Form.EXPIRY:
            return h.span(".numbers")[f"{value[:2]}/{value[2:]}" if len(value) == 4 else value]
        case Form.URL:
            return outside_link(value, _short(value)) if safe_url(value) else foreign(value)
    return h.span(title=value)[foreign(value)] if is_in_list else foreign(value)


def _word(fact: Fact, value: str, *, is_in_list: bool) -> h.Node:
    meaning, label = _meaning(fact, value), label_of(value)
    if is_in_list or not meaning:
        return h.span(title=meaning or value)[label]
    return h.span(".worded")[h.span[label], h.span(".caption")[meaning]]


def _meaning(fact: Fact, value: str) -> str | None:
    # A dispute is won or lost where everything else has a code.
    name = "DisputeResult" if fact.name == "ResultCode" else fact.name
    return meaning_of(name, value, kind=fact.kind or None)


def _result(code: str, content: Content, *, is_in_list: bool) -> h.Node:
    """Say what a result code means; a list says nothing of success, which the status tells already."""
    known = explain(code)
    message = text_at(content, "ResultMessage")
    if is_in_list:
        if code == "000000":
            return None
        said = known.meaning if known else message or code
        return h.span(title=f"{code} {said}")[said]
    # The head of the page says what it means for something that failed.
    meaning = f"{known.meaning} {known.advice}".strip() if known else None
    return h.span(title=meaning)[h.span(".mono")[code], " ", known.message if known else message]


def _link(fact: Fact, value: str, content: Content, names: Names) -> h.Node:
    kind = kind_of_id(value) or _kind_of_old_id(fact, value, content)
    if kind is None:
        return object_id(value)
    parents = {"bank-account": ("AuthorId", "UserId"), "banking-alias": ("CreditedWalletId",)}.get(kind.name, ())
    parent = next((id_ for place in parents if (id_ := text_at(content, place))), None)
    if parent and not is_id(parent):
        # An account of the platform itself, which the API shows to nobody.
        return object_id(value)
    name = names.get(value)
    return object_link(kind, value, text=foreign(name) if name else None, parent=parent)


def _kind_of_old_id(fact: Fact, value: str, content: Content) -> Kind | None:
    """Return the kind of an id without a prefix: digits or a UUID."""
    if not is_id(value):
        return None
    if fact.name == "InitialTransactionId":
        types = (text_at(content, f"InitialTransaction{part}") for part in ("Type", "Nature"))
        return kind_of_transaction(*types) or KINDS[fact.kind]
    return KINDS[fact.kind]


def _person(name: str, content: Content) -> h.Element:
    type_ = text_at(content, "PersonType")
    sign = icon("apartment" if type_ == "LEGAL" else "person")
    return h.span(".movement", title=name)[h.span(title=type_ and label_of(type_))[sign], foreign(name)]


def _movement(content: Content) -> h.Node:
    kind = kind_of_transaction(text_at(content, "Type"), text_at(content, "Nature"))
    if kind is None:
        return label_of(text_at(content, "Type") or "")
    return h.span(".movement")[icon(kind.icon), kind.title]


def _address(value: Mapping[str, object]) -> list[str]:
    lines = [text_at(value, name) for name in ("AddressLine1", "AddressLine2", "City", "Region", "PostalCode")]
    country = text_at(value, "Country")
    return [*filter(None, lines), *([country_name(country)] if country else [])]


def _joined(parts: Iterable[h.Node]) -> h.Node:
    return [[", " if at else "", part] for at, part in enumerate(parts)]


def _moment(seconds: float) -> datetime | None:
    """Return Unix seconds as a time; None for what is none, such as the infinity that JSON makes of 1e999."""
    return utc(int(seconds)) if isinstance(seconds, int) or math.isfinite(seconds) else None


def _short(url: str) -> str:
    return url if len(url) <= 48 else f"{url[:47]}…"
