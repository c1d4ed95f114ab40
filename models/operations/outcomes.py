"""What has become of an operation, read off Mangopay's answer or off the object as it is by now."""

from dataclasses import dataclass, replace

from models.journal import State
from models.objects.fields import Content, text_at
from models.operations.kinds import OperationKind
from models.result_codes import explain

# By kind: the place of its state and the values that say that it was done.
_DONE = {
    "cancel-preauthorization": ("PaymentStatus", ("CANCELED", "CANCEL_REQUESTED")),
    "release-preauthorization": ("PaymentStatus", ("VALIDATED",)),
    "contest-dispute": ("Status", ("SUBMITTED", "PENDING_BANK_ACTION", "CLOSED")),
    "close-dispute": ("Status", ("CLOSED",)),
    "deactivate-recipient": ("Status", ("DEACTIVATED",)),
    "cancel-mandate": ("Status", ("FAILED", "EXPIRED")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state of the operation, and what is known of its object."""

    state: State
    object_id: str = ""
    object_status: str = ""
    result_code: str = ""
    failure: str = ""
    redirect_url: str = ""


NONSENSE = Outcome(state=State.UNKNOWN, failure="Mangopay's answer cannot be understood.")


def outcome_of(kind: OperationKind, content: Content) -> Outcome:
    """Return what an object says that an operation made or changed; UNKNOWN for what is no such object.

    What only makes a payment possible (a link, a reference to wire to) has succeeded once it is there.
    """
    status = text_at(content, _DONE.get(kind.name, ("Status", ()))[0]) or text_at(content, "Status") or ""
    if kind.method == "PUT" and content.get("Active") is False:
        status = "INACTIVE"
    code = text_at(content, "ResultCode") or ""
    known = Outcome(
        state=State.SUCCEEDED,
        object_id=text_at(content, "Id") or "",
        object_status=status,
        result_code=code,
        redirect_url=_redirect_url(content),
    )
    if kind.method == "PUT":
        # What is changed may still tell of a page that somebody had to go to when it was made.
        return replace(known, redirect_url="") if is_done(kind, content) else NONSENSE
    if not known.object_id or (kind.moves_money and not status):
        return NONSENSE
    if status == "FAILED":
        return replace(known, state=State.FAILED, failure=reason_of(content), redirect_url="")
    is_open = kind.moves_money and status != "SUCCEEDED"
    return replace(known, state=State.ACCEPTED) if is_open else known


def is_done(kind: OperationKind, content: Content) -> bool:
    """Whether an object is as an operation, one of those that change it, would have made it."""
    if kind.name in ("deactivate-card", "deactivate-bank-account"):
        return content.get("Active") is False
    path, done = _DONE[kind.name]
    if kind.name == "contest-dispute" and not content.get("ContestedFunds"):
        # It has been closed without having been contested, by its deadline or by somebody.
        return False
    return text_at(content, path) in done


def reason_of(content: Content) -> str:
    """Return why something failed, in our words where the code is known, else in Mangopay's."""
    code = text_at(content, "ResultCode") or ""
    known = explain(code)
    said = f"{known.meaning} {known.advice}".strip() if known else text_at(content, "ResultMessage")
    return f"{said or 'Mangopay says no more.'} ({code})" if code else said or "Mangopay says no more."


def _redirect_url(content: Content) -> str:
    places = ("PendingUserAction.RedirectUrl", "SecureModeRedirectURL", "RedirectURL")
    return next((url for place in places if (url := text_at(content, place))), "")
