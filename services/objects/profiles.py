"""The update of a user's profile: re-read, compared with what was seen, written down, sent once, written down again.

Whoever else changes the same user between the second reading and the update is not noticed: Mangopay knows no
conditional update. Source: https://docs.mangopay.com/api-reference/users/update-natural-user-sca
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError

from models.audit import Act, Outcome
from models.objects.kinds import KINDS
from models.permissions import Permission
from models.profile import Change, body_of, changes, form_values, kept, moved_meanwhile
from models.profile_fields import is_legal
from models.profile_rules import validate
from services.access.actors import Actor, needs
from services.access.audit import record_act
from services.database import Database
from services.mangopay.client import Clients
from services.mangopay.errors import Invalid, MangopayError
from services.objects.view import view

log = logging.getLogger(__name__)


class ProfileError(Exception):
    """Nothing was sent; the subclass says why."""


class NothingChanged(ProfileError):
    """Raised when what was typed is what Mangopay has."""

    def __init__(self) -> None:
        super().__init__("Nothing is changed yet.")


class Unfit(ProfileError):
    """Raised when Mangopay would refuse what was typed; `field_errors` has a sentence by path."""

    def __init__(self, field_errors: Mapping[str, str]) -> None:
        super().__init__(f"What was typed cannot be sent: {', '.join(field_errors)}")
        self.field_errors = field_errors


class ChangedMeanwhile(ProfileError):
    """Raised when a field that would be sent is no longer as it was seen; `moved` tells from what to what."""

    def __init__(self, moved: Sequence[Change]) -> None:
        super().__init__(f"Changed meanwhile: {', '.join(change.label for change in moved)}")
        self.moved = moved


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update has come to. `kept` is what Mangopay left as it was, by its own answer.

    `redirect_url` is where the user has to authenticate, within 10 minutes; None when they need not.
    """

    user: Mapping[str, object]
    redirect_url: str | None
    changes: tuple[Change, ...]
    kept: tuple[Change, ...]


@needs(Permission.UPDATE_PROFILES)
async def update_profile(
    actor: Actor,
    clients: Clients,
    database: Database,
    user_id: str,
    *,
    seen: Mapping[str, object],
    values: Mapping[str, str],
    now: datetime,
) -> Updated:
    """Send what was typed into the form that showed `seen`, and only that.

    Raises NothingChanged, Unfit or ChangedMeanwhile before anything is sent, and MangopayError for what came of it.
    """
    wanted = _wanted(seen, values, now=now)
    fresh = (await view(actor, clients, KINDS["user"], user_id, fresh=True)).content
    if moved := moved_meanwhile(seen, fresh, wanted):
        raise ChangedMeanwhile(moved)
    # What was seen may be out of date in fields that nobody edited; those are not sent, nor taken for edits.
    body = body_of(fresh, form_values(fresh) | {change.path: change.after for change in wanted})
    client = clients[actor.environment]
    kind = "legal" if is_legal(fresh) else "natural"
    path = f"/v2.01/{quote(client.client_id, safe='')}/sca/users/{kind}/{quote(user_id, safe='')}"
    # Before it leaves, so that no crash can hide it.
    await _note(actor, database, Outcome.ASKED, user_id, _names(wanted), now=now)
    try:
        answer = await client.put_object(path, body)
    except MangopayError as error:
        await _note_afterwards(actor, database, Outcome.FAILED, user_id, _reason(error), now=now)
        raise
    await _note_afterwards(actor, database, Outcome.DONE, user_id, _names(wanted), now=now)
    return Updated(answer or fresh, _redirect_url(answer or {}), wanted, kept(answer, wanted) if answer else ())


def _wanted(seen: Mapping[str, object], values: Mapping[str, str], *, now: datetime) -> tuple[Change, ...]:
    wanted = changes(seen, values)
    if not wanted:
        raise NothingChanged
    if field_errors := validate(seen, values, today=now.date()):
        raise Unfit(field_errors)
    return wanted


async def _note(
    actor: Actor, database: Database, outcome: Outcome, user_id: str, detail: str, *, now: datetime
) -> None:
    async with database.session() as session:
        record_act(session, actor, Act.UPDATE_PROFILE, now=now, outcome=outcome, about=user_id, detail=detail)
        await session.commit()


async def _note_afterwards(
    actor: Actor, database: Database, outcome: Outcome, user_id: str, detail: str, *, now: datetime
) -> None:
    """Write down how it ended; if that cannot be written, what is done is done, and the log still says it was asked."""
    try:
        await _note(actor, database, outcome, user_id, detail, now=now)
    except SQLAlchemyError:
        log.exception("audit log: act=%s outcome=%s about=%s not written", Act.UPDATE_PROFILE, outcome, user_id)


def _names(wanted: Iterable[Change]) -> str:
    """Return which fields, and never what they hold: that is personal."""
    return ", ".join(change.path for change in wanted)


def _reason(error: MangopayError) -> str:
    if isinstance(error, Invalid):
        # Mangopay's own words may repeat what was typed.
        return f"Mangopay refused: {', '.join(error.field_errors) or error.type or 'no reason given'}"
    return f"{error.sentence} It is not known whether this was done." if error.outcome_is_unknown else error.sentence


def _redirect_url(answer: Mapping[str, object]) -> str | None:
    pending = answer.get("PendingUserAction")
    url = pending.get("RedirectUrl") if isinstance(pending, Mapping) else None
    return url if isinstance(url, str) else None
