"""The page where a user proves who they are, and in a sandbox chooses what comes of it.

Source: https://docs.mangopay.com/guides/users/verification/hosted
Chosen: the way back names the session and its status.
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.hosted.shell import back, page
from services.emulator.rules import identity_sessions

OUTCOMES = {"VALIDATED": "Verified", "REFUSED": "Refused", "REVIEW": "To be looked at by somebody"}
PSCS_FIRST = {"PENDING_PSC_ACTION": "Verified, once the persons with significant control are"}
PSC_OUTCOMES = {"VALIDATED": "Verified", "REJECTED": "Rejected", "ABANDONED": "Left before the end"}


def show(world: World, call: Call) -> Response:
    session = _open_session(world, call)
    if session is None:
        return _nothing_to_do()
    choices = OUTCOMES | PSCS_FIRST if _is_company(world, session) else OUTCOMES
    return page("Verify your identity", f"Session {session['Id']} of {session['UserId']}.", **choices)


def decide(world: World, call: Call) -> Response:
    session, choice = _open_session(world, call), call.form.get("choice", "")
    if session is None:
        return _nothing_to_do()
    if choice in OUTCOMES:
        identity_sessions.conclude(world, session, choice)
    elif choice in PSCS_FIRST and _is_company(world, session):
        identity_sessions.ask_pscs(world, session)
    return back(session["ReturnUrl"], {"sessionId": session["Id"], "status": session["Status"]})


def show_psc(world: World, call: Call) -> Response:
    session, psc = _open_psc(world, call)
    if session is None or psc is None:
        return _nothing_to_do()
    return page("Verify your identity", f"{psc['FirstName']} {psc['LastName']}.", **PSC_OUTCOMES)


def decide_psc(world: World, call: Call) -> Response:
    session, psc = _open_psc(world, call)
    if session is None or psc is None:
        return _nothing_to_do()
    choice = call.form.get("choice", "")
    if choice in PSC_OUTCOMES:
        identity_sessions.conclude_psc(world, session, psc, choice)
    return page("Done", "You may close this page.")


def _open_session(world: World, call: Call) -> Entity | None:
    """Return a session that waits for its user, and not for persons with significant control."""
    session = world.find(world.store.identity_verifications, call.params["SessionId"], "IdentityVerification")
    return session if session["Status"] == "PENDING" and not session["PSCs"] else None


def _open_psc(world: World, call: Call) -> tuple[Entity | None, Entity | None]:
    """Return session and person behind a link, unless there was an answer or a newer link."""
    session = world.find(world.store.identity_verifications, call.params["SessionId"], "IdentityVerification")
    psc = identity_sessions.find_psc(session, call.params["PscId"])
    token = call.query.get("token")
    is_open = session["Status"] == "PENDING" and psc is not None and psc["Status"] == "PENDING"
    return (session, psc) if is_open and psc and token and psc["HostedUrl"].endswith(f"={token}") else (None, None)


def _is_company(world: World, session: Entity) -> bool:
    user = world.store.users.get(session["UserId"])
    return user is not None and user["PersonType"] == "LEGAL"


def _nothing_to_do() -> Response:
    return page("Nothing to do", "This link has been used or has expired.")


ROUTES = (
    Route("GET", "/identity-verification/{SessionId}", show, is_open=True),
    Route("POST", "/identity-verification/{SessionId}", decide, is_open=True),
    Route("GET", "/identity-verification/{SessionId}/pscs/{PscId}", show_psc, is_open=True),
    Route("POST", "/identity-verification/{SessionId}/pscs/{PscId}", decide_psc, is_open=True),
)
