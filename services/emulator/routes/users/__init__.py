"""Users: their accounts, and how they prove who they are."""

from services.emulator.routes.users import (
    accounts,
    authentication,
    data_formats,
    emoney,
    identity_verifications,
    kyc,
    regulatory,
    ubo_declarations,
    users,
    verified_identity,
)

MODULES = (
    users,
    accounts,
    authentication,
    emoney,
    kyc,
    identity_verifications,
    ubo_declarations,
    regulatory,
    data_formats,
    verified_identity,
)
