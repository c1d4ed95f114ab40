"""The parts of an object's page that are read off the object itself: its head, its facts, its raw JSON."""

from collections.abc import Mapping, Sequence

import htpy as h

from models.mangopay.wire import utc
from models.objects.fields import Content, Fact, Form, Group, Sheet, text_at
from models.objects.kinds import Kind
from models.objects.sheets import SHEETS
from models.objects.ways import Way
from models.result_codes import explain
from models.words import label_of, meaning_of
from ui.components.object_extras import extras
from ui.components.parts import icon, json_view, message, object_id, skeleton, when
from ui.components.values import NAMELESS, Names, value_view
from ui.theme import Tone

PLAIN = Sheet(())
Rows = Sequence[tuple[str, h.Node]]


def headline(kind: Kind, content: Content, *, name: str | None = None, ways: h.Node = None) -> h.Element:
    """Return what it is, the one big figure or name, the status, the id; to the right what can be done from here."""
    sheet = SHEETS.get(kind.name, PLAIN)
    figure = name or (value_view(sheet.figure, content, is_in_list=True) if sheet.figure else None)
    status = value_view(sheet.status, content) if sheet.status else None
    object_id_ = text_at(content, "Id")
    return h.div(".object-head")[
        h.div(".object-what")[
            h.p(".eyebrow")[icon("apartment" if content.get("PersonType") == "LEGAL" else kind.icon), kind.title],
            h.h1[h.span(".figure")[figure if figure is not None else kind.title], status],
            h.p(".object-id")[object_id_ and object_id(object_id_), _created(content)],
        ],
        ways and h.div(".ways-on")[ways],
    ]


def head_shape(kind: Kind, object_id_: str) -> h.Element:
    """Return the head as it is while the object is read: only what its address tells."""
    return h.div(".object-head")[
        h.div(".object-what")[
            h.p(".eyebrow")[icon(kind.icon), kind.title],
            h.h1[h.span(".figure", aria_label=kind.title)[h.span(".skeleton", style="width:200px;height:28px")]],
            h.p(".object-id")[object_id(object_id_)],
        ]
    ]


def bare_head(kind: Kind, object_id_: str) -> h.Element:
    """Return the head of an object that could not be read: what its address tells is all there is."""
    return h.div(".object-head")[
        h.div(".object-what")[h.p(".eyebrow")[icon(kind.icon), kind.title], h.h1[h.span(".figure.mono")[object_id_]]]
    ]


def groups_shape() -> h.Element:
    """Return the facts as they are while the object is read."""
    shape = h.section(".panel.fact-group")[h.div(".panel-body")[skeleton("40%", "80%", "65%", "72%")]]
    return h.div(".fact-groups")[[shape] * 4]


def failed_because(kind: Kind, content: Content) -> h.Node:
    """Say why it failed or was refused, and what to do; nothing for one that did not."""
    sheet = SHEETS.get(kind.name, PLAIN)
    if sheet.reason is None or text_at(content, "Status") not in ("FAILED", "REFUSED", "INCOMPLETE", "ERROR"):
        return None
    code = sheet.reason.value(content)
    if not isinstance(code, str):
        return None
    known = explain(code) if sheet.reason.form is Form.RESULT else None
    if known is not None:
        return message(Tone.NEGATIVE, f"{known.meaning} ({code})", known.advice)
    said = text_at(content, "ResultMessage") or text_at(content, "RefusedReasonMessage") or text_at(content, "Message")
    return message(Tone.NEGATIVE, meaning_of(sheet.reason.name, code) or label_of(code), said or "")


def ways_on(ways: Sequence[Way]) -> h.Node:
    """Return links to the operations that make sense, the likeliest first, the dangerous apart."""
    return [
        h.a(
            class_=["button", {"primary": at == 0 and not way.is_dangerous, "danger": way.is_dangerous}], href=way.href
        )[way.label]
        for at, way in enumerate(ways)
    ]


def fact_groups(
    kind: Kind, content: Content, *, names: Names = NAMELESS, more: Mapping[str, Rows] | None = None
) -> h.Node:
    """Return the facts of an object, grouped, in the order of its kind; what is empty waits to be asked for.

    `names` are those of users that are known here, by id; `more` adds rows to groups by title.
    """
    sheet = SHEETS.get(kind.name, PLAIN)
    groups = [_group(group, content, names, (more or {}).get(group.title, ())) for group in sheet.groups_of(content)]
    has_empty = any(fact.value(content) is None for group in sheet.groups_of(content) for fact in group.facts)
    return h.div(".sheet-facts")[
        h.div(".fact-groups")[groups],
        extras(kind, content),
        has_empty and h.label(".show-empty")[h.input(type="checkbox"), "Show empty fields"],
    ]


def linked_users(kind: Kind, content: Content) -> set[str]:
    """Return the ids of the users that an object's facts link to."""
    found: set[str] = set()
    for group in SHEETS.get(kind.name, PLAIN).groups_of(content):
        for fact in group.facts:
            value = fact.value(content) if fact.kind == "user" else None
            found.update(id_ for id_ in (value if isinstance(value, list) else [value]) if isinstance(id_, str))
    return found


def raw_json(content: Content) -> h.Element:
    return h.details(".raw")[h.summary["Raw JSON"], json_view(content)]


def _created(content: Content) -> h.Node:
    seconds = content.get("CreationDate")
    moment = utc(seconds) if isinstance(seconds, int) else None
    return h.span(".caption")["created ", when(moment, show="exact")] if moment else None


def _group(group: Group, content: Content, names: Names, more: Rows) -> h.Node:
    rows = [_row(fact, content, names) for fact in group.facts]
    is_empty = not more and all(fact.value(content) is None for fact in group.facts)
    return h.section(class_=["panel", "fact-group", {"is-empty": is_empty}], aria_label=group.title)[
        h.h2(".section")[group.title],
        h.dl(".facts")[rows, [(h.dt[label], h.dd[value]) for label, value in more]],
    ]


def _row(fact: Fact, content: Content, names: Names) -> h.Node:
    value = value_view(fact, content, names=names)
    if value is None or value == []:
        return h.fragment[h.dt(".is-empty")[fact.label], h.dd(".is-empty.muted")["none"]]
    return h.fragment[h.dt[fact.label], h.dd[value]]
