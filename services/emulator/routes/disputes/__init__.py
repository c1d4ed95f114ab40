"""Pay-ins that were taken back: the disputes, their evidence, the money taken, and how it is repaid."""

from services.emulator.routes.disputes import disputes, documents, settlements

MODULES = (
    disputes,
    documents,
    settlements,
)
