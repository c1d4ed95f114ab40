"""Users: their accounts, and how they prove who they are."""

from services.emulator.routes.users import accounts, kyc, users

MODULES = (
    users,
    accounts,
    kyc,
)
