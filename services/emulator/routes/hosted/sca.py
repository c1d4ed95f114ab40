"""The page where an OWNER confirms that it is them, and what follows from their answer.

Source: https://docs.mangopay.com/guides/sca
"""

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.hosted.shell import back, page
from services.emulator.rules import sca


def show(world: World, call: Call) -> Response:
    session = _asked(world, call)
    if session is None:
        return page("This link has expired", "Ask the platform for a new one.")
    if session["Acts"]["yes"] == "user.give_consent":
        text = f"May the platform act for account {session['UserId']} while nobody is present?"
        return page("Give your consent", text, yes="I consent", no="I do not, or not any more")
    return page("Confirm that it is you", f"Account {session['UserId']}.", yes="It is me", no="It is not")


def decide(world: World, call: Call) -> Response:
    session, has_agreed = _asked(world, call), call.form.get("choice") == "yes"
    if session is not None:
        sca.answer(world, session, "yes" if has_agreed else "no")
    status = {"controlStatus": "VALIDATED" if session is not None and has_agreed else "FAILED"}
    return back(call.query.get("returnUrl", ""), status)


def answer_for(world: World, user_id: str, fields: Fields) -> Entity:
    """Answer the newest open page of a user in their place: `Choice` is yes or no."""
    user = world.find(world.store.users, user_id, "User")
    fields.require("Choice")
    choice = fields.choice("Choice", ("yes", "no"))
    fields.check()
    sessions = world.store.sca_sessions.where("UserId", user_id)
    if not sessions:
        raise invalid_action("The user has no authentication to answer")
    sca.answer(world, sessions[-1], str(choice))
    return wire(user)


def switch_proxy(world: World, _: str, fields: Fields) -> Entity:
    """Say whether the platform may act for users who are not present; it may until told otherwise."""
    is_active = fields.flag("IsActive")
    fields.require("IsActive")
    fields.check()
    return wire(world.store.settings.save({"Id": "sca_proxy", "IsActive": bool(is_active)}))


def _asked(world: World, call: Call) -> Entity | None:
    session = world.store.sca_sessions.get(call.query.get("token"))
    return None if session is None or session["ExpiresAt"] < world.clock.now() else session


ROUTES = (
    Route("GET", "/sca", show, is_open=True),
    Route("POST", "/sca", decide, is_open=True),
)
ACTS = sca.ACTS
CONTROLS = {"sca.answer": answer_for, "sca.switch_proxy": switch_proxy}
