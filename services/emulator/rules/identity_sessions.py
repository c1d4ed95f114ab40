"""Hosted verification: a session and the persons with significant control in it, from PENDING to their ends.

Source: https://docs.mangopay.com/api-reference/identity-verifications
Chosen: a link that nobody follows expires after seven days; a company's session stays PENDING until each person with
significant control is VALIDATED, which are the active persons of its last declaration, or its representative.
"""

from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import verification
from services.emulator.rules.identity_checks import checks_of

LINK_LIFE_S = 7 * 86_400
EVENTS = {
    "VALIDATED": "IDENTITY_VERIFICATION_VALIDATED",
    "REFUSED": "IDENTITY_VERIFICATION_FAILED",
    "REVIEW": "IDENTITY_VERIFICATION_INCONCLUSIVE",
    "EXPIRED": "IDENTITY_VERIFICATION_EXPIRED",
    "OUT_OF_DATE": "IDENTITY_VERIFICATION_OUTDATED",
}
# From which statuses a session comes to each of the others.
TRANSITIONS = {
    "VALIDATED": ("PENDING", "REVIEW"),
    "REFUSED": ("PENDING", "REVIEW"),
    "REVIEW": ("PENDING",),
    "EXPIRED": ("PENDING",),
    "OUT_OF_DATE": ("VALIDATED",),
}
PSC_STATUSES = ("VALIDATED", "REJECTED", "ABANDONED")


def begin(world: World, user: Entity, return_url: str, tag: str | None) -> Entity:
    session_id, now = new_id("idnver_"), world.clock.now()
    session = {
        "Id": session_id,
        "Tag": tag,
        "HostedUrl": f"{world.config.base_url}/identity-verification/{session_id}",
        "ReturnUrl": return_url,
        "Status": "PENDING",
        "UserId": user["Id"],
        "CreationDate": now,
        "LastUpdate": now,
        "Checks": [],
        "PSCs": [],
    }
    world.store.identity_verifications.save(session)
    world.emit("IDENTITY_VERIFICATION_PENDING", session_id)
    world.later("identity_verification.expire", session_id, after_s=LINK_LIFE_S)
    return session


def may_become(session: Entity, status: str) -> bool:
    return session["Status"] in TRANSITIONS[status]


def conclude(world: World, session: Entity, status: str, checks: list[Entity] | None = None) -> None:
    """Lead a session to its next status, with the checks that were made unless some are given."""
    user = world.find(world.store.users, session["UserId"], "User")
    if status == "OUT_OF_DATE":
        verification.outdate_session(world, session)
        verification.degrade_unless_verified(world, user)
        return
    if status != "EXPIRED":
        session["Checks"] = checks if checks is not None else checks_of(user, status, world.clock.now())
    _save(world, session, Status=status)
    world.emit(EVENTS[status], session["Id"])
    if status == "VALIDATED":
        verification.reconsider(world, user)


def expire(world: World, session_id: str) -> None:
    session = world.store.identity_verifications.get(session_id)
    if session is not None and may_become(session, "EXPIRED"):
        conclude(world, session, "EXPIRED")


def ask_pscs(world: World, session: Entity) -> None:
    """Verify a company as far as it goes without the persons with significant control, and ask these."""
    user = world.find(world.store.users, session["UserId"], "User")
    session["Checks"] = checks_of(user, "VALIDATED", world.clock.now())
    session["PSCs"] = [_psc(world, session, person) for person in _persons(world, user)]
    _save(world, session)
    world.emit("IDENTITY_VERIFICATION_PENDING_PSC_ACTION", session["Id"])
    for _ in session["PSCs"]:
        world.emit("IDENTITY_VERIFICATION_PSC_PENDING", session["Id"])


def conclude_psc(world: World, session: Entity, psc: Entity, status: str) -> None:
    """Note what became of one of them; the last to be VALIDATED validates the session."""
    now = world.clock.now()
    psc |= {"Status": status, "LastUpdate": now, "ValidationDate": now if status == "VALIDATED" else None}
    _save(world, session)
    world.emit(f"IDENTITY_VERIFICATION_PSC_{status}", session["Id"])
    if all(one["Status"] == "VALIDATED" for one in session["PSCs"]):
        conclude(world, session, "VALIDATED", session["Checks"])


def retry_psc(world: World, session: Entity, psc: Entity, told: Entity) -> None:
    """Give somebody a new link, corrected by what was told of them; the former one leads nowhere."""
    psc |= told | {"Status": "PENDING", "ValidationDate": None, "LastUpdate": world.clock.now()}
    psc["HostedUrl"] = _psc_url(world, session, psc)
    _save(world, session)
    world.emit("IDENTITY_VERIFICATION_PSC_PENDING", session["Id"])


def find_psc(session: Entity, psc_id: str) -> Entity | None:
    found: Entity | None = next((psc for psc in session["PSCs"] if psc["Id"] == psc_id), None)
    return found


def _psc(world: World, session: Entity, person: Entity) -> Entity:
    address = person.get("Address") or {}
    psc = {
        "Id": new_id("psc_"),
        "FirstName": person["FirstName"],
        "LastName": person["LastName"],
        "Email": person.get("Email"),
        "DateOfBirth": person["Birthday"],
        "Country": address.get("Country") or person.get("CountryOfResidence"),
        "Nationality": person["Nationality"],
        "PscType": "INDIVIDUAL",
        "Status": "PENDING",
        "ValidationDate": None,
        "HostedUrl": None,
        "Data": [],
        "LastUpdate": world.clock.now(),
    }
    return psc | {"HostedUrl": _psc_url(world, session, psc)}


def _psc_url(world: World, session: Entity, psc: Entity) -> str:
    base = f"{world.config.base_url}/identity-verification/{session['Id']}/pscs/{psc['Id']}"
    return f"{base}?token={new_id('')}"


def _persons(world: World, user: Entity) -> list[Entity]:
    declarations = world.store.ubo_declarations.where("UserId", user["Id"])
    declared = [ubo for ubo in declarations[-1]["Ubos"] if ubo["IsActive"]] if declarations else []
    return declared or [user["LegalRepresentative"]]


def _save(world: World, session: Entity, **changes: object) -> None:
    session |= changes | {"LastUpdate": world.clock.now()}
    world.store.identity_verifications.save(session)
