"""The parts of the page Edit profile: its fields, what is not edited, what would change, what has changed."""

from collections.abc import Iterable, Mapping, Sequence

import htpy as h

from models.countries import countries
from models.environment import Environment
from models.objects.kinds import KINDS, href
from models.profile import Change
from models.profile_fields import ProfileField, Typed, in_words, is_legal, is_needed
from models.profile_rules import consequences
from services.mangopay.errors import Invalid
from services.objects.profiles import Updated
from ui.components.forms import Field
from ui.components.parts import chip, copy_button, facts, icon, message, object_id, outside_link, safe_url
from ui.theme import Tone

# Names are of all scripts, and the browser's own address book is not the user's.
TYPED = "dir=auto autocomplete=off"
ATTRIBUTES = {Typed.BIRTHDAY: f"{TYPED} placeholder=YYYY-MM-DD", Typed.CHOICE: ""}
INPUT_TYPES = {Typed.EMAIL: "email", Typed.PHONE: "tel"}


def user_href(user_id: str) -> str:
    return href(KINDS["user"], user_id)


def build_field(field: ProfileField, user: Mapping[str, object], values: Mapping[str, str]) -> Field:
    """Add a field to the page, with the value it shows."""
    value = values.get(field.path, "")
    return Field(
        field.label if is_needed(field, user, values) else f"{field.label} (optional)",
        value=value,
        options=_options(field, value),
        kind=INPUT_TYPES.get(field.kind, "text"),
        help_text=field.help,
        is_long=field.kind is Typed.LONG_TEXT,
        is_searched=field.kind is Typed.COUNTRY,
        attributes=ATTRIBUTES.get(field.kind, TYPED),
    )


def counted(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def about(user: Mapping[str, object], user_id: str) -> h.Node:
    """Return who it is, and what cannot be edited about them."""
    words = (("UserCategory", "Category"), ("UserStatus", "Status"), ("KYCLevel", "KYC level"))
    chips: list[tuple[str, h.Node]] = [(label, chip(str(user[name]))) for name, label in words if user.get(name)]
    has_accepted = user.get("TermsAndConditionsAccepted") is True
    return h.section(".panel", aria_label="Not edited here")[
        h.div(".panel-head")[h.h2(".section")[_name(user)]],
        h.div(".panel-body")[
            facts(
                [
                    ("Id", object_id(user_id)),
                    ("Person", "Legal" if is_legal(user) else "Natural"),
                    *chips,
                    ("Terms", "Accepted" if has_accepted else "Not accepted"),
                ]
            ),
            h.p(".caption")[
                "These cannot be edited here. Mangopay sets status and KYC level; a payer becomes an owner by a step "
                "of its own, with the user's authentication; and only the user accepts the terms."
            ],
        ],
    ]


def review(user: Mapping[str, object], wanted: Sequence[Change], environment: Environment) -> h.Node:
    """Return what would be sent, and what else would come of it."""
    return h.fragment[
        h.h2(".section")["Review changes ", h.span(".env-badge")[environment.label]],
        h.p[_name(user), "changes at Mangopay as follows."],
        _list(wanted),
        [message(Tone.WAITING, sentence) for sentence in consequences(user, wanted)],
    ]


def done(updated: Updated, user_id: str) -> h.Node:
    """Return what has changed, what has not, and the way of the user who has to authenticate now."""
    made = [change for change in updated.changes if change not in updated.kept]
    left = ", ".join(change.label for change in updated.kept)
    return h.fragment[
        message(Tone.POSITIVE, f"Mangopay has taken {counted(len(made))}.", object_id(user_id)) if made else None,
        message(Tone.WAITING, "Mangopay has answered, but left this as it was:", left) if left else None,
        _authentication(updated.redirect_url) if updated.redirect_url else None,
        h.section(".panel.panel-body", aria_label="What has changed")[_list(made)] if made else None,
    ]


def moved(changes: Iterable[Change]) -> h.Node:
    """Return what somebody else has changed since the form was opened."""
    return h.fragment[
        message(
            Tone.NEGATIVE,
            "Somebody has changed this user since you opened the form. Nothing was sent.",
            "Load the user as they are now; what you typed elsewhere stays.",
        ),
        h.div(".panel.panel-body")[_list(changes)],
    ]


def refused(error: Invalid, unplaced: Mapping[str, str]) -> h.Node:
    """Return that Mangopay has refused, with whatever stands beside no field."""
    reasons = [f"{name}: {sentence}" for name, sentence in unplaced.items()]
    if not error.field_errors and error.message:
        reasons = [error.message]
    reference = error.error_id or error.request_id
    return message(
        Tone.NEGATIVE,
        "Mangopay has refused the change; nothing is changed.",
        h.fragment[
            [[reason, h.br] for reason in reasons],
            "Correct what is named, and send it again.",
            reference and f" Reference: {reference}.",
        ],
    )


def had_typed(change: Change) -> str:
    return f"Mangopay has another value by now. You had typed: {in_words(change.field, change.after) or 'nothing'}"


def _options(field: ProfileField, value: str) -> Mapping[str, str] | None:
    if field.kind is Typed.COUNTRY:
        known = {code: f"{name} ({code})" for code, name in countries().items()}
    elif field.kind is Typed.CHOICE:
        known = {"": "Not told"} | dict(field.choices)
    else:
        return None
    # What Mangopay has is shown, be it of no list.
    return known if value in known or not value else {value: value} | known


def _name(user: Mapping[str, object]) -> h.Node:
    """Return a name each of whose parts is written in the direction of its own script."""
    names = [str(user[name]) for name in (("Name",) if is_legal(user) else ("FirstName", "LastName")) if user.get(name)]
    return h.fragment[[(h.bdi[name], " ") for name in names] or "The user "]


def _list(changes: Iterable[Change]) -> h.Node:
    return h.ul(".changes")[
        [
            h.li[
                h.span(".caption")[change.label],
                h.span(".change")[
                    _value(change.field, change.before, said="from"),
                    icon("arrow_forward"),
                    _value(change.field, change.after, said="to"),
                ],
            ]
            for change in changes
        ]
    ]


def _value(field: ProfileField, text: str, *, said: str) -> h.Node:
    shown = h.span(dir="auto")[in_words(field, text)] if text else h.span(".muted")["empty"]
    return h.span[h.span(".visually-hidden")[f"{said} "], shown]


def _authentication(url: str) -> h.Node:
    return h.fragment[
        message(
            Tone.WAITING,
            "The user has to authenticate before the change holds.",
            h.fragment["Pass this link on; it is good for 10 minutes. ", outside_link(url, "Open it here"), "."],
        ),
        safe_url(url) and h.pre(".code")[url, copy_button(url)],
    ]
