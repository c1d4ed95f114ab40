"""Strong customer authentication as far as it goes here: an OWNER's account waits until its hosted page says yes.

An e-mail address that contains `accept` needs no page, as in the sandbox.
Source: https://docs.mangopay.com/guides/sca
"""

from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.users import contact

# Long enough to follow the link, as long as Mangopay's.
LINK_LIFE_S = 600


def ask(world: World, user: Entity) -> Entity | None:
    """Leave an OWNER pending and return where to send them; None, and an active account, if no page is needed."""
    user["UserStatus"] = "PENDING_USER_ACTION"
    world.store.users.save(user)
    world.emit("USER_ACCOUNT_VALIDATION_ASKED", user["Id"])
    if "accept" in (contact(user)["Email"] or ""):
        activate(world, user)
        return None
    return redirect(world, user)


def redirect(world: World, user: Entity) -> Entity:
    session = {"Id": new_id("sca_"), "UserId": user["Id"], "ExpiresAt": world.clock.now() + LINK_LIFE_S}
    world.store.sca_sessions.save(session)
    return {"RedirectUrl": f"{world.config.base_url}/sca?token={session['Id']}"}


def activate(world: World, user: Entity) -> None:
    world.emit("SCA_ENROLLMENT_SUCCEEDED", user["Id"])
    if user["UserStatus"] == "PENDING_USER_ACTION":
        user["UserStatus"] = "ACTIVE"
        world.store.users.save(user)
        world.emit("USER_ACCOUNT_ACTIVATED", user["Id"])
