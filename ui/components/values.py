"""Shows one value of an object as what it is. Foreign text keeps its own direction of writing."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import htpy as h

from models.countries import country_name
from models.mangopay.wire import utc
from models.objects.fields import Content, Fact, Form, text_at
from models.objects.kinds import KINDS, Kind, href, kind_of_id, kind_of_transaction
from models.objects.plain import money_of
from models.result_codes import explain
from models.words import label_of, meaning_of
from ui.components.parts import chip, copy_button, icon, middle_cut, money, object_id, outside_link, safe_url, when

Names = Mapping[str, str]
NAMELESS: Names = MappingProxyType({})


def value_view(fact: Fact, content: Content, *, is_in_list: bool = False, names: Names = NAMELESS) -> h.Node:
    """Return a fact's value as HTML; None where there is none. In a list it takes one line.

    `names` are those of users that are known here, by id.
    """
    value = fact.value(content)
    if value is None:
        return None
    if fact.form is Form.LINK:
        ids = [id_ for id_ in (value if isinstance(value, list) else [value]) if isinstance(id_, str)]
        return [_link(fact, id_, content, names) for id_ in ids]
    if isinstance(value, list):
        return [_one(fact, each, content, is_in_list=is_in_list) for each in value]
    return _one(fact, value, content, is_in_list=is_in_list)


def foreign(text: str) -> h.Element:
    """Return text that somebody else wrote, in its own direction."""
    return h.bdi[text]


def object_link(kind: Kind, id_: str, *, text: h.Node = None, parent: str | None = None) -> h.Element:
    """Return a link to an object's page, with its id to copy."""
    return h.span(class_=["id", {"is-named": text is not None}])[
        h.a(href=href(kind, id_, parent=parent), title=f"{kind.title} {id_}")[text or h.span[middle_cut(id_)]],
        copy_button(id_),
    ]


def _one(fact: Fact, value: object, content: Content, *, is_in_list: bool) -> h.Node:
    if isinstance(value, str):
        return _text(fact, value, content, is_in_list=is_in_list)
    if isinstance(value, bool | int | float):
        return _number(fact, value, is_in_list=is_in_list)
    return _object(fact, value)


def _number(fact: Fact, value: float, *, is_in_list: bool) -> h.Node:
    match fact.form, value:
        case Form.YES_NO, bool():
            return "Yes" if value else "No"
        case (Form.MOMENT, int() | float()) if (moment := utc(int(value))) is not None:
            return when(moment, show="ago" if is_in_list else "exact")
        case (Form.DAY, int()) if (day := _day(value)) is not None:
            return h.span(".numbers")[day.isoformat()]
        case Form.WORD, int():
            return _word(fact, str(value), is_in_list=is_in_list)
    return str(value)


def _object(fact: Fact, value: object) -> h.Node:
    match fact.form, value:
        case Form.MONEY, {"Currency": "XXX"}:
            # A bank wire that is still under way has no amount yet.
            return None
        case (Form.MONEY, Mapping()) if (amount := money_of(value)) is not None:
            return money(amount)
        case Form.ADDRESS, Mapping():
            return _address(value)
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
        case Form.ID:
            return object_id(value, is_in_list=is_in_list)
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
    parent = text_at(content, "AuthorId") or text_at(content, "UserId") if kind.name == "bank-account" else None
    name = names.get(value)
    return object_link(kind, value, text=foreign(name) if name else None, parent=parent)


def _kind_of_old_id(fact: Fact, value: str, content: Content) -> Kind | None:
    """Return the kind of an id without a prefix: digits or a UUID. A ClientId is a word, and no object of its own."""
    if not (value.isdecimal() or value.count("-") == 4):
        return None
    if fact.name == "InitialTransactionId":
        types = (text_at(content, f"InitialTransaction{part}") for part in ("Type", "Nature"))
        return kind_of_transaction(*types) or KINDS[fact.kind]
    return KINDS[fact.kind]


def _movement(content: Content) -> h.Node:
    kind = kind_of_transaction(text_at(content, "Type"), text_at(content, "Nature"))
    if kind is None:
        return label_of(text_at(content, "Type") or "")
    return h.span(".movement")[icon(kind.icon), kind.title]


def _address(value: Mapping[str, object]) -> h.Node:
    lines = [text_at(value, name) for name in ("AddressLine1", "AddressLine2", "City", "Region", "PostalCode")]
    country = text_at(value, "Country")
    parts = [*filter(None, lines), *([country_name(country)] if country else [])]
    return h.span(".address")[_joined(parts)] if parts else None


def _joined(parts: Iterable[str]) -> h.Node:
    return [[", " if at else "", foreign(part)] for at, part in enumerate(parts)]


def _day(seconds: int) -> date | None:
    moment = utc(seconds)
    return moment.date() if moment else None


def _short(url: str) -> str:
    return url if len(url) <= 48 else f"{url[:47]}…"
