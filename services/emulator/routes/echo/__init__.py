"""Echo: payments that somebody else acquired, declared as intents, settled by files, and split among sellers."""

from services.emulator.routes.echo import actions, intents, settlements, splits

MODULES = (
    intents,
    actions,
    splits,
    settlements,
)
