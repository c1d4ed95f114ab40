"""A package per family of resources, a module per resource.

Each module names its routes in ROUTES, and what it lets happen later in ACTS, if it does.
"""

from collections.abc import Mapping

from services.emulator.engine import idempotency
from services.emulator.engine.agenda import Act
from services.emulator.engine.router import Route
from services.emulator.routes import banking, cards, hosted, money, payins, platform, users

MODULES = (
    *(*platform.MODULES, idempotency),
    *(*users.MODULES, *money.MODULES, *banking.MODULES, *cards.MODULES, *payins.MODULES),
    *hosted.MODULES,
)
ROUTES: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES)
ACTS: Mapping[str, Act] = {name: act for module in MODULES for name, act in getattr(module, "ACTS", {}).items()}
