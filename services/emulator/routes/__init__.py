"""A package per family of resources, a module per resource.

Each module names its routes in ROUTES, what it lets happen later in ACTS, and in CONTROLS what at Mangopay a human or a
bank would do, and here the control plane does.
"""

from collections.abc import Callable, Mapping

from services.emulator.engine import idempotency, retention
from services.emulator.engine.agenda import Act
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes import banking, cards, disputes, echo, hosted, money, payins, platform, users

# What is done to the entity with this id, as the body says; raises ApiError for what cannot be done.
Control = Callable[[World, str, Fields], Entity]

MODULES = (
    *(*platform.MODULES, idempotency, retention),
    *(*users.MODULES, *money.MODULES, *banking.MODULES, *cards.MODULES, *payins.MODULES),
    *disputes.MODULES,
    *echo.MODULES,
    *hosted.MODULES,
)
ROUTES: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES)
ACTS: Mapping[str, Act] = {name: act for module in MODULES for name, act in getattr(module, "ACTS", {}).items()}
CONTROLS: Mapping[str, Control] = {
    name: control for module in MODULES for name, control in getattr(module, "CONTROLS", {}).items()
}
