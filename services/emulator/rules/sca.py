"""Strong customer authentication: who must confirm an action on the hosted page, for how long that holds, and the
consent by which a platform acts for a user who is not present.

Only an OWNER of the SCA endpoints is asked; an e-mail address that contains `accept` needs no page, as in the sandbox.
Source: https://docs.mangopay.com/guides/sca

Chosen: a user opened through the legacy endpoints is not asked before they enrol or become an OWNER by the SCA
endpoints; the platform is a proxy, so consent can be given, until the control plane says otherwise; consent is given
and taken back for all four scopes at once.
"""

from collections.abc import Mapping

from starlette.responses import Response

from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, param_error
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.users import contact, is_owner

PRESENT, ABSENT = "USER_PRESENT", "USER_NOT_PRESENT"
CONTEXTS = (PRESENT, ABSENT)
# Long enough to follow the link, as long as Mangopay's.
LINK_LIFE_S = 600
WALLET_ACCESS_S = 180 * 86_400
# What a user may consent to beforehand, with the stem of its events.
SCOPES = {
    "ContactInformationUpdate": "SCA_CONTACT_INFORMATION_UPDATE",
    "RecipientRegistration": "SCA_RECIPIENT_REGISTRATION",
    "Transfer": "SCA_TRANSFER",
    "ViewAccountInformation": "SCA_VIEW_ACCOUNT_INFORMATION",
}


class WalletAccessError(ApiError):
    """The owner must confirm before anybody looks into their wallets; the answer has no body, the link is a header."""

    def __init__(self, redirect_url: str) -> None:
        headers = {"WWW-Authenticate": f"PendingUserAction RedirectUrl={redirect_url}"}
        super().__init__(401, "pending_user_action", "The user must authenticate", headers=headers)

    def response(self, now: int) -> Response:  # noqa: ARG002  (no body to date)
        return Response(status_code=self.status, headers=self.headers)


def challenge(
    world: World,
    user: Entity,
    *,
    context: str | None,
    scope: str,
    resource_id: str,
    on_success: str | None,
    on_failure: str | None,
    on_expiry: str | None,
) -> Entity | None:
    """Return where to send an OWNER who must confirm, None if no page is needed and the caller goes on at once.

    The last three are acts, done to `resource_id` once the page is answered or its ten minutes are over.
    Raises ApiError 403 for a user who is not present and has not consented to what the scope covers.
    """
    if not knows_sca(user):
        return None
    if context == ABSENT:
        check_consent(world, user, scope)
        return None
    if is_accepted_by_email(user):
        return None
    acts = {"yes": on_success, "no": on_failure, "expiry": on_expiry}
    return _find_open(world, user, resource_id, acts) or _open_session(world, user, resource_id, acts)


def check_wallet_access(world: World, call: Call, user_id: str) -> None:
    """Raise the 401 with the way to the page unless the user has confirmed within the last 180 days."""
    context = _context_of(call)
    user = world.store.users.get(user_id)
    if user is None or (context == PRESENT and world.clock.now() < _state(user)["WalletAccessUntil"]):
        return
    redirect = challenge(
        world,
        user,
        context=context,
        scope="ViewAccountInformation",
        resource_id=user_id,
        on_success="wallet_access.grant",
        on_failure=None,
        on_expiry=None,
    )
    if redirect is not None:
        raise WalletAccessError(redirect["RedirectUrl"])


def validate_account(world: World, user: Entity, *, context: str | None) -> Entity | None:
    """Leave an OWNER pending and return where to send them; None, and an active account, if no page is needed.

    Whoever is not present has consented: that was checked before anything was changed.
    """
    user.pop("_IsLegacy", None)
    user["UserStatus"] = "PENDING_USER_ACTION"
    world.store.users.save(user)
    world.emit("USER_ACCOUNT_VALIDATION_ASKED", user["Id"])
    if context == ABSENT or is_accepted_by_email(user):
        confirm(world, user["Id"])
        return None
    return enrolment(world, user)


def enrolment(world: World, user: Entity) -> Entity:
    """Return the way to the page where an OWNER enrols or confirms a new contact."""
    _note(world, user, IsAsked=True)
    acts = {"yes": "user.confirm", "no": "user.fail_to_confirm", "expiry": "user.miss_confirmation"}
    return _open_session(world, user, user["Id"], acts)


def consent(world: World, user: Entity) -> Entity:
    """Return the way to the page where an OWNER says what the platform may do without them."""
    if not is_proxy(world):
        raise param_error({"Invalid SCA request": "Consent cannot be given when no proxy is required by the client."})
    acts = {"yes": "user.give_consent", "no": "user.revoke_consent", "expiry": None}
    return _open_session(world, user, user["Id"], acts)


def status(user: Entity) -> Entity | None:
    """Return how far a user has come with SCA; None if they have never been asked."""
    state = _state(user)
    if not state["IsAsked"]:
        return None
    return {
        "UserStatus": user["UserStatus"],
        "IsEnrolled": state["LastEnrollmentDate"] is not None,
        "LastEnrollmentDate": state["LastEnrollmentDate"],
        "LastConsentCollectionDate": state["LastConsentCollectionDate"],
        "ConsentScope": dict.fromkeys(SCOPES) | state["ConsentScope"],
    }


def knows_sca(user: Entity) -> bool:
    return is_owner(user) and not user.get("_IsLegacy")


def is_accepted_by_email(user: Entity) -> bool:
    """Tell whether the sandbox takes every authentication of this user as done."""
    return "accept" in (user["Email"] or "") or "accept" in (contact(user)["Email"] or "")


def is_proxy(world: World) -> bool:
    """Tell whether the platform may act for users who are not present."""
    setting = world.store.settings.get("sca_proxy")
    return setting is None or bool(setting["IsActive"])


def check_consent(world: World, user: Entity, scope: str | None) -> None:
    """Raise ApiError 403 unless a user, who may be about to be one, has consented to what a scope covers."""
    if not _has_consented(world, user, scope):
        raise ApiError(
            403,
            "sca_proxy_missing",
            "You are not authorized to perform this action. The user has not provided consent to the requested proxy",
        )


def answer(world: World, session: Entity, choice: str) -> None:
    """Let follow what a page's answer (`yes`, `no`) or its end (`expiry`) has for consequence; a page answers once."""
    world.store.sca_sessions.delete(session["Id"])
    act = session["Acts"][choice]
    if act is not None:
        world.later(act, session["ResourceId"])


def expire(world: World, session_id: str) -> None:
    session = world.store.sca_sessions.get(session_id)
    if session is not None:
        answer(world, session, "expiry")


def confirm(world: World, user_id: str) -> None:
    """Enrol a user, take a changed contact as theirs, and activate an account that waited for it."""
    user = world.store.users.get(user_id)
    if user is None or user["UserStatus"] == "CLOSED":
        return
    known = _state(user)["Verified"]
    now = {name: contact(user)[name] for name in ("Email", "PhoneNumber")}
    world.emit("SCA_ENROLLMENT_SUCCEEDED", user_id)
    for name, event in (("Email", "SCA_EMAIL_VERIFIED"), ("PhoneNumber", "SCA_PHONE_NUMBER_VERIFIED")):
        if now[name] and now[name] != known.get(name):
            world.emit(event, user_id)
    user.pop("_IsLegacy", None)
    _note(world, user, IsAsked=True, LastEnrollmentDate=world.clock.now(), Verified=now)
    _drop_links(world, user_id)
    if user["UserStatus"] == "PENDING_USER_ACTION":
        user["UserStatus"] = "ACTIVE"
        world.store.users.save(user)
        world.emit("USER_ACCOUNT_ACTIVATED", user_id)


def give_consent(world: World, user_id: str) -> None:
    _set_consent(world, user_id, "ACTIVE")


def revoke_consent(world: World, user_id: str) -> None:
    _set_consent(world, user_id, "INACTIVE")


def grant_wallet_access(world: World, user_id: str) -> None:
    user = world.store.users.get(user_id)
    if user is not None:
        _note(world, user, WalletAccessUntil=world.clock.now() + WALLET_ACCESS_S)


def _open_session(world: World, user: Entity, resource_id: str, acts: Mapping[str, str | None]) -> Entity:
    session = {
        "Id": new_id("sca_"),
        "UserId": user["Id"],
        "ResourceId": resource_id,
        "Acts": dict(acts),
        "ExpiresAt": world.clock.now() + LINK_LIFE_S,
    }
    world.store.sca_sessions.save(session)
    world.later("sca.expire", session["Id"], after_s=LINK_LIFE_S)
    return _link(world, session)


def _find_open(world: World, user: Entity, resource_id: str, acts: Entity) -> Entity | None:
    """Return the way to the page that asks the same already: a platform may look into a wallet again and again."""
    for session in world.store.sca_sessions.where("UserId", user["Id"]):
        is_same = (session["ResourceId"], session["Acts"]) == (resource_id, acts)
        if is_same and session["ExpiresAt"] > world.clock.now():
            return _link(world, session)
    return None


def _link(world: World, session: Entity) -> Entity:
    return {"RedirectUrl": f"{world.config.base_url}/sca?token={session['Id']}"}


def _context_of(call: Call) -> str:
    said = call.query.get("ScaContext", "")
    context = said.upper() or PRESENT
    if context not in CONTEXTS:
        raise param_error({"ScaContext": f"The requested value '{said}' was not found."})
    return context


def _has_consented(world: World, user: Entity, scope: str | None) -> bool:
    """Tell whether the platform may do what a scope covers; without one, whether it may do anything."""
    given = {name for name, state in _state(user)["ConsentScope"].items() if state == "ACTIVE"}
    return is_proxy(world) and (scope in given if scope else bool(given))


def _set_consent(world: World, user_id: str, state: str) -> None:
    user = world.store.users.get(user_id)
    if user is None:
        return
    before = _state(user)["ConsentScope"]
    changed = [name for name in SCOPES if before.get(name, "INACTIVE") != state]
    if state == "ACTIVE":
        _note(world, user, LastConsentCollectionDate=world.clock.now())
    _note(world, user, IsAsked=True, ConsentScope=dict.fromkeys(SCOPES, state))
    for name in changed:
        world.emit(f"{SCOPES[name]}_CONSENT_{'GIVEN' if state == 'ACTIVE' else 'REVOKED'}", user_id)


def _drop_links(world: World, user_id: str) -> None:
    """Forget the other links to the same confirmation, so that none of them is missed later."""
    for session in world.store.sca_sessions.where("UserId", user_id):
        if session["Acts"]["yes"] == "user.confirm":
            world.store.sca_sessions.delete(session["Id"])


def _state(user: Entity) -> Entity:
    unasked: Entity = {
        "IsAsked": False,
        "LastEnrollmentDate": None,
        "LastConsentCollectionDate": None,
        "ConsentScope": {},
        "Verified": {},
        "WalletAccessUntil": 0,
    }
    known: Entity = user.get("_Sca", {})
    return unasked | known


def _note(world: World, user: Entity, **facts: object) -> None:
    user["_Sca"] = _state(user) | facts
    world.store.users.save(user)


ACTS = {
    "sca.expire": expire,
    "user.confirm": confirm,
    "user.fail_to_confirm": lambda world, user_id: world.emit("SCA_ENROLLMENT_FAILED", user_id),
    "user.miss_confirmation": lambda world, user_id: world.emit("SCA_ENROLLMENT_EXPIRED", user_id),
    "user.give_consent": give_consent,
    "user.revoke_consent": revoke_consent,
    "wallet_access.grant": grant_wallet_access,
}
