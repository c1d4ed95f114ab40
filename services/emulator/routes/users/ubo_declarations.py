"""Declarations of beneficial owners: who stands behind a company, submitted as a whole and looked at as a whole.

Source: https://docs.mangopay.com/api-reference/ubo-declarations
Chosen: a declaration takes changes while CREATED or INCOMPLETE; one in any of these or VALIDATION_ASKED is in progress;
persons count up to fifteen whether active or not; the magic name is that of the first active one; a refusal or
incompleteness by a magic name has a reason that fits. A declaration to be validated may name its persons again
(`Ubos`), which is not read.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.ids import new_id
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.users.users import user_of
from services.emulator.rules import verification
from services.emulator.rules.ubos import changed_ubo, read_ubo
from services.emulator.rules.users import kyc_type

MAX_UBOS = 15
IN_PROGRESS = ("CREATED", "VALIDATION_ASKED", "INCOMPLETE")
EDITABLE = ("CREATED", "INCOMPLETE")
REASONS = (
    *("MISSING_UBO", "WRONG_UBO_INFORMATION", "UBO_IDENTITY_NEEDED", "SHAREHOLDERS_DECLARATION_NEEDED"),
    *("ORGANIZATION_CHART_NEEDED", "DOCUMENTS_NEEDED", "DECLARATION_DO_NOT_MATCH_UBO_INFORMATION", "SPECIFIC_CASE"),
)
DEFAULT_REASON = {"REFUSED": "DECLARATION_DO_NOT_MATCH_UBO_INFORMATION", "INCOMPLETE": "MISSING_UBO"}
# What the first person of a declaration is called decides in the sandbox; the guide and the reference differ on one.
MAGIC_NAMES = {
    "AcceptUBO": "VALIDATED",
    "RefuseUBO": "REFUSED",
    "RefusedUBO": "REFUSED",
    "IncompleteUBO": "INCOMPLETE",
}


def create(world: World, call: Call) -> Response:
    user = user_of(world, call)
    _refuse_who_declares_nobody(user)
    if any(one["Status"] in IN_PROGRESS for one in world.store.ubo_declarations.where("UserId", user["Id"])):
        message = "You can not create a declaration because you already have a declaration in progress"
        raise invalid_action(message)
    declaration = {
        "Id": new_id("ubo_m_"),
        "UserId": user["Id"],
        "CreationDate": world.clock.now(),
        "ProcessedDate": None,
        "Status": "CREATED",
        "Reason": None,
        "Message": None,
        "Ubos": [],
    }
    world.store.ubo_declarations.save(declaration)
    world.emit("UBO_DECLARATION_CREATED", str(declaration["Id"]))
    return Answer(wire(declaration))


def list_of_user(world: World, call: Call) -> Response:
    return page(world, call, world.store.ubo_declarations.select("UserId", user_of(world, call)["Id"]))


def view(world: World, call: Call) -> Response:
    return Answer(wire(_declaration(world, call.params["UboDeclarationId"])))


def view_of_user(world: World, call: Call) -> Response:
    return Answer(wire(_declaration_of_user(world, call)))


def submit(world: World, call: Call) -> Response:
    declaration, fields = _declaration_of_user(world, call), Fields(call.body)
    fields.require("Status")
    fields.choice("Status", ("VALIDATION_ASKED",))
    fields.check()
    if not any(ubo["IsActive"] for ubo in declaration["Ubos"]):
        raise invalid_action("You can not request validation for a declaration which has no ubo")
    _check_editable(declaration)
    declaration |= {"Status": "VALIDATION_ASKED", "ProcessedDate": None, "Reason": None, "Message": None}
    world.store.ubo_declarations.save(declaration)
    world.emit("UBO_DECLARATION_VALIDATION_ASKED", declaration["Id"])
    world.later("ubo_declaration.decide", declaration["Id"])
    return Answer(wire(declaration))


def add_ubo(world: World, call: Call) -> Response:
    declaration = _declaration_of_user(world, call)
    ubo = read_ubo(Fields(call.body))
    _check_editable(declaration)
    if len(declaration["Ubos"]) >= MAX_UBOS:
        raise invalid_action("You can not create more than 15 UBO for a declaration")
    ubo = {"Id": new_id("ubo_m_"), "CreationDate": world.clock.now()} | ubo
    declaration["Ubos"] = [*declaration["Ubos"], ubo]
    world.store.ubo_declarations.save(declaration)
    return Answer(ubo)


def view_ubo(world: World, call: Call) -> Response:
    return Answer(_ubo_of(_declaration_of_user(world, call), call))


def update_ubo(world: World, call: Call) -> Response:
    declaration = _declaration_of_user(world, call)
    ubo = _ubo_of(declaration, call)
    changed = changed_ubo(ubo, Fields(call.body))
    _check_editable(declaration)
    if not ubo["IsActive"]:
        raise invalid_action("You can not update an UBO that is inactive")
    ubo |= changed
    world.store.ubo_declarations.save(declaration)
    return Answer(ubo)


def decide(world: World, declaration_id: str, fields: Fields) -> Entity:
    """Decide on a submitted declaration by hand: `Status`, and `Reason` and `Message` unless it is VALIDATED."""
    declaration = _declaration(world, declaration_id)
    fields.require("Status")
    status = str(fields.choice("Status", ("VALIDATED", "REFUSED", "INCOMPLETE")))
    reason, message = fields.choice("Reason", REASONS), fields.text("Message")
    fields.check()
    if declaration["Status"] != "VALIDATION_ASKED":
        raise invalid_action(f"A declaration in status {declaration['Status']} cannot become {status}")
    _conclude(world, declaration, status, reason, message)
    return wire(declaration)


def decide_by_name(world: World, declaration_id: str) -> None:
    """Decide on a submitted declaration if its first person has one of the magic names."""
    declaration = world.store.ubo_declarations.get(declaration_id)
    if declaration is None or declaration["Status"] != "VALIDATION_ASKED":
        return
    name = next((ubo["FirstName"] for ubo in declaration["Ubos"] if ubo["IsActive"]), None)
    if name in MAGIC_NAMES:
        _conclude(world, declaration, MAGIC_NAMES[name], None, None)


def _conclude(world: World, declaration: Entity, status: str, reason: str | None, message: str | None) -> None:
    declaration |= {"Status": status, "ProcessedDate": world.clock.now()}
    if status != "VALIDATED":
        declaration |= {"Reason": reason or DEFAULT_REASON[status], "Message": message}
    world.store.ubo_declarations.save(declaration)
    world.emit(f"UBO_DECLARATION_{status}", declaration["Id"])
    user = world.store.users.get(declaration["UserId"])
    if status == "VALIDATED" and user is not None:
        verification.reconsider(world, user)


def _refuse_who_declares_nobody(user: Entity) -> None:
    kind = kyc_type(user)
    if kind == "NATURAL":
        raise invalid_action("Cannot create an UBO for a NaturalUser")
    if kind not in verification.WITH_BENEFICIAL_OWNERS:
        raise invalid_action(f"Cannot create an UBO for a LegalUser of type {kind}")
    verification.require_owner(user)


def _check_editable(declaration: Entity) -> None:
    if declaration["Status"] not in EDITABLE:
        raise invalid_action(f"You can not update a declaration in status {declaration['Status']}")


def _declaration(world: World, declaration_id: str) -> Entity:
    return world.find(world.store.ubo_declarations, declaration_id, "UboDeclaration")


def _declaration_of_user(world: World, call: Call) -> Entity:
    user, declaration = user_of(world, call), _declaration(world, call.params["UboDeclarationId"])
    if declaration["UserId"] != user["Id"]:
        raise not_found("UboDeclaration", declaration["Id"])
    return declaration


def _ubo_of(declaration: Entity, call: Call) -> Entity:
    ubo: Entity | None = next((ubo for ubo in declaration["Ubos"] if ubo["Id"] == call.params["UboId"]), None)
    if ubo is None:
        raise not_found("Ubo", call.params["UboId"])
    return ubo


OF_USER = f"{API}/users/{{UserId}}/kyc/ubodeclarations"
ROUTES = (
    Route("POST", OF_USER, create),
    Route("GET", OF_USER, list_of_user),
    Route("GET", f"{OF_USER}/{{UboDeclarationId}}", view_of_user),
    Route("PUT", f"{OF_USER}/{{UboDeclarationId}}", submit),
    Route("POST", f"{OF_USER}/{{UboDeclarationId}}/ubos", add_ubo),
    Route("GET", f"{OF_USER}/{{UboDeclarationId}}/ubos/{{UboId}}", view_ubo),
    Route("PUT", f"{OF_USER}/{{UboDeclarationId}}/ubos/{{UboId}}", update_ubo),
    Route("GET", f"{API}/kyc/ubodeclarations/{{UboDeclarationId}}", view),
)

ACTS = {"ubo_declaration.decide": decide_by_name}
CONTROLS = {"ubo_declaration.decide": decide}
