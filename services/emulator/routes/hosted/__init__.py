"""The pages that Mangopay hosts."""

from services.emulator.routes.hosted import pay, sca

MODULES = (pay, sca)
