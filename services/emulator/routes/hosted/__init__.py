"""The pages that Mangopay hosts."""

from services.emulator.routes.hosted import files, identity, mandate, pay, sca, secure_mode

MODULES = (mandate, pay, sca, secure_mode, files, identity)
