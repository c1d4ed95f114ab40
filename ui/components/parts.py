"""The small parts that pages are made of, as HTML written with htpy, which escapes whatever it is given."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import htpy as h

from models.money import Money
from services.mangopay.errors import MangopayError, ScaRequired
from ui.theme import Tone, tone_of

LONGEST_ID = 24


def icon(name: str) -> h.Element:
    return h.i(".icon", aria_hidden="true")[name]


def chip(word: str, tone: Tone | None = None) -> h.Element:
    """Return a status: tint, icon and word."""
    tone = tone or tone_of(word)
    return h.span(f".chip.{tone}")[icon(tone.icon), word]


def when(moment: datetime, *, show: Literal["ago", "minute", "exact", "milliseconds"] = "ago") -> h.Element:
    """Return a time; the browser shows it in the reader's zone, as "3 min ago" or exactly, with UTC on hover."""
    return h.time(datetime=moment.isoformat(timespec="milliseconds"), data_show=None if show == "ago" else show)[
        f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    ]


def object_id(value: str, *, is_in_list: bool = False, longest: int | None = None) -> h.Element:
    """Return an id in a monospaced face with a copy button; in a list it is cut in the middle, the whole on hover."""
    is_in_list = is_in_list or longest is not None
    shown = middle_cut(value, longest=longest or LONGEST_ID) if is_in_list else value
    # A row of a list is one stop of the Tab key; what opens from it has the button again.
    copy = copy_button(value, tabindex="-1" if is_in_list else None)
    return h.span(".id", title=value)[h.span[shown if shown.strip() else f"“{shown}”"], copy]


def copy_button(value: str, *, tabindex: str | None = None) -> h.Element:
    return h.button(".copy", type="button", data_copy=value, aria_label="Copy", tabindex=tabindex)[icon("content_copy")]


def middle_cut(value: str, *, longest: int = LONGEST_ID) -> str:
    """Shorten an id in the middle: its prefix tells the kind and its end tells it apart."""
    return value if len(value) <= longest else f"{value[: longest - 9]}…{value[-8:]}"


def money(value: Money) -> h.Element:
    """Return an amount; the browser groups its digits the way the reader is used to."""
    amount = value.decimal_text()
    return h.data(".money.numbers.nowrap", value=amount, data_currency=value.currency)[f"{amount} {value.currency}"]


def facts(rows: Iterable[tuple[str, h.Node]]) -> h.Element:
    """Return labels and values in two columns; what is empty is left out."""
    return h.dl(".facts")[[(h.dt[label], h.dd[value]) for label, value in rows if value not in (None, "")]]


def message(tone: Tone, sentence: str, next_step: h.Node = "") -> h.Element:
    return h.div(f".message.{tone}", role="alert" if tone is Tone.NEGATIVE else "status")[
        icon("warning" if tone is Tone.NEGATIVE else tone.icon), h.div[h.p[sentence], next_step and h.p[next_step]]
    ]


def api_error(error: MangopayError) -> h.Node:
    """Say what went wrong between us and Mangopay, and what to do."""
    reference = error.error_id or error.request_id
    next_step = f"{error.next_step} {f'Reference: {reference}.' if reference else ''}"
    return h.fragment[message(Tone.NEGATIVE, error.sentence, next_step), _authentication(error)]


def _authentication(error: MangopayError) -> h.Node:
    """Return the link that the user is to be sent, to copy or to open; nothing for an error that has none."""
    if not isinstance(error, ScaRequired) or not (url := safe_url(error.redirect_url)):
        return None
    return h.p(".ways.after-message")[
        h.button(".button", type="button", data_copy=url)[icon("content_copy"), "Copy the link"],
        outside_link(url, "Open the authentication page"),
    ]


def crumbs(*ways: h.Node) -> h.Element:
    """Return the way to a page: links, and at its end what is shown."""
    *before, here = ways
    slash = h.span(aria_hidden="true")["/"]
    return h.nav(".crumbs", aria_label="Breadcrumb")[[[way, slash] for way in before], h.span[here]]


def empty(icon_name: str, title: str, why: h.Node) -> h.Element:
    return h.div(".empty")[icon(icon_name), h.strong[title], why]


def skeleton(*widths: str) -> h.Element:
    """Return grey lines in the shape of what comes."""
    return h.div(aria_hidden="true")[[h.span(".skeleton", style=f"width:{width}") for width in widths]]


def json_view(value: object) -> h.Element:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return h.pre(".code")[text, copy_button(text)]


def safe_url(url: str | None) -> str | None:
    """Return a foreign URL only when following it can do no more than open a web page."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        # Such as one with half an IPv6 address in it.
        return None


def outside_link(url: str | None, text: str) -> h.Node:
    """Return a link that opens a foreign page in a tab of its own, or the mere text when the URL is not one."""
    safe = safe_url(url)
    # The browser's sanitiser takes a target away; a script of ours gives it back to what is of this class.
    return h.a(".outside", href=safe, target="_blank", rel="noopener noreferrer")[text] if safe else text
