"""The pages that Mangopay hosts."""

from services.emulator.routes.hosted import pages

MODULES = (pages,)
