"""Parts of the pages about operations: states, the pre-flight, what an id stands for."""

from collections.abc import Sequence

import htpy as h

from models.journal import BatchState, Operation, State
from models.money import Money
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, href, kind_of_id
from models.objects.plain import money_of, name_of_user, owner_of
from models.operations.checks import Check, Level
from models.operations.kinds import OPERATIONS
from models.operations.parameters import Parameter
from models.operations.sentences import account_name, act_of, card_end, wallet_name
from models.operations.situation import Situation
from ui.components.parts import chip, icon, money
from ui.components.values import foreign
from ui.theme import Tone

PATH = "/operations"
# Somebody else pays later.
ONLY_MADE = ("payin-web", "payin-bankwire", "payin-platform")
TONES: dict[str, Tone] = {
    State.SUCCEEDED: Tone.POSITIVE,
    State.FAILED: Tone.NEGATIVE,
    State.REFUSED: Tone.NEGATIVE,
    State.EXPIRED: Tone.NEGATIVE,
    State.CANCELLED: Tone.MUTED,
    State.DRAFT: Tone.MUTED,
    BatchState.FINISHED: Tone.POSITIVE,
    BatchState.PAUSED: Tone.MUTED,
    BatchState.CHECKED: Tone.NOTICE,
}
_LEVELS = {Level.STOP: Tone.NEGATIVE, Level.NOTICE: Tone.WAITING, Level.FINE: Tone.POSITIVE}
_SPOKEN = {Level.STOP: "Stop: ", Level.NOTICE: "Look: ", Level.FINE: "Fine: "}


def state_chip(state: State | BatchState) -> h.Element:
    """Return how far an operation, or a batch of them, has come."""
    return chip(state.label.capitalize(), tone_of_state(state))


def chip_of(operation: Operation) -> h.Element:
    """Return how far an operation has come. What only makes a payment possible is made, and nothing is paid by that."""
    if operation.state is State.SUCCEEDED and operation.kind in ONLY_MADE:
        return chip("Made", Tone.NOTICE)
    return state_chip(operation.state)


def tone_of_state(state: State | BatchState) -> Tone:
    """Return what the state of an operation, or of a batch, means."""
    return TONES.get(state, Tone.WAITING)


def operation_href(operation: Operation) -> str:
    return f"{PATH}/{operation.kind}/{operation.operation_id}"


def title_of(operation: Operation) -> str:
    """Return what an operation does, in words; while nobody has said what, what it is for."""
    kind = OPERATIONS.get(operation.kind)
    return operation.sentence or (act_of(kind, operation.values) if kind else operation.label)


def amount_of(operation: Operation) -> Money | None:
    return Money(operation.amount, operation.currency) if operation.amount is not None and operation.currency else None


def checks_view(checks: Sequence[Check]) -> h.Node:
    """Return the lines of a pre-flight, the gravest first."""
    return h.ul(".checks")[[_check(check) for check in checks]]


def _check(check: Check) -> h.Element:
    tone = _LEVELS[check.level]
    links = [
        h.a(href=f"{PATH}/any/{operation_id}", target="_blank", rel="noopener")["Look at it"]
        for operation_id in check.operation_ids[:1]
    ]
    return h.li(f".check.{tone}")[
        icon("block" if check.level is Level.STOP else "warning" if check.level is Level.NOTICE else tone.icon),
        h.span[h.span(".visually-hidden")[_SPOKEN[check.level]], check.sentence, links and " ", links],
    ]


def resolved(parameter: Parameter, value: str, situation: Situation) -> h.Node:
    """Say what an id stands for, beside its field: a name, a balance, a status."""
    content = situation.objects.get(parameter.name)
    if content is None:
        return None
    kind = kind_of_id(value) or KINDS[(parameter.kinds or ("user",))[0]]
    parent = owner_of(content) if kind.name == "bank-account" else None
    return h.a(".resolved", href=href(kind, value, parent=parent), target="_blank", rel="noopener")[
        icon(kind.icon), h.span[foreign(_told(kind.name, content, situation))], _figure(content), _status(content)
    ]


def offer_text(parameter: Parameter, content: Content, situation: Situation) -> str:
    """Return what a button says that fills a field in: "Bob's wallet “Sales”, 12.00 EUR"."""
    kind_name = "bank-account" if parameter.name == "BankAccountId" else (parameter.kinds or ("user",))[0]
    balance = money_of(content.get("Balance"), content)
    told = _told(kind_name, content, situation)
    mandate = " ".join(filter(None, (text_at(content, "Scheme"), text_at(content, "Status"))))
    currency = text_at(content, "Currency") if kind_name in ("recipient", "card") else ""
    more = balance.text() if balance else mandate if kind_name == "mandate" else currency
    return ", ".join(filter(None, (told, more)))


def _told(kind_name: str, content: Content, situation: Situation) -> str:
    match kind_name:
        case "user":
            return name_of_user(content) or text_at(content, "Email") or "A user without a name"
        case "wallet" | "client-wallet":
            return _first_big(wallet_name(content, situation))
        case "card":
            return f"{_first_big(card_end(content))} of {situation.name_of(owner_of(content))}"
        case "recipient" | "bank-account":
            return f"{_first_big(account_name(content))} of {situation.name_of(owner_of(content))}"
    owner = owner_of(content)
    return f"{KINDS[kind_name].title} of {situation.name_of(owner)}" if owner else KINDS[kind_name].title


def _figure(content: Content) -> h.Node:
    for name in ("Balance", "RemainingFunds", "DebitedFunds", "DisputedFunds"):
        amount = money_of(content.get(name), content)
        if amount is not None:
            return money(amount)
    return None


def _status(content: Content) -> h.Node:
    for name in ("PaymentStatus", "Status", "KYCLevel", "UserStatus"):
        if status := text_at(content, name):
            return chip(status)
    return None


def _first_big(text: str) -> str:
    return text[:1].upper() + text[1:]
