"""All state: entities as dicts in the shape they are sent, in memory, and written through to one SQLite file.

Memory is the truth; the file is read once, at start. A field that begins with an underscore is the emulator's own and
never sent (see `wire`).
"""

import asyncio
from pathlib import Path

import orjson

from services.emulator.engine.collection import Collection, Entity, Selection
from services.emulator.engine.state_file import StateFile

__all__ = ["Collection", "Entity", "Selection", "Store", "wire"]

# What an authorisation is found and filtered by, whatever its kind.
PAYER = ("AuthorId", "CardId", "_Fingerprint")
AUTHORISATION = ("Status", "PaymentStatus", "ResultCode")


def wire(entity: Entity) -> Entity:
    return {name: value for name, value in entity.items() if name[0] != "_"}


class Store:
    """Every collection, and the one writer of the state file.

    `keep` bounds the transactions and events of an emulator that runs for weeks; without it, time alone ends them.
    """

    def __init__(self, state_file: Path | None, *, keep: int | None = None) -> None:
        self._file = StateFile(state_file) if state_file else None
        self._dirty: dict[tuple[str, str], None] = {}
        self._writing = asyncio.Lock()
        self._collections: dict[str, Collection] = {}
        self.users = self._collection("user", indexed=("_Fingerprints",))
        self.emoney_months = self._collection("emoney_month", indexed=("UserId",))
        self.sca_sessions = self._collection("sca_session", indexed=("UserId",))
        self.kyc_documents = self._collection("kyc_document", indexed=("UserId",), facets=("Status", "Type"))
        # Scans, as they were uploaded, and the links to look at them.
        self.document_pages = self._collection("document_page", indexed=("DocumentId",), limit=200)
        self.page_links = self._collection("page_link", limit=1_000)
        self.identity_verifications = self._collection("identity_verification", indexed=("UserId",))
        self.ubo_declarations = self._collection("ubo_declaration", indexed=("UserId",))
        self.wallets = self._collection("wallet", indexed=("_OwnerId", "FundsType"))
        self.bank_accounts = self._collection("bank_account", indexed=("UserId",), facets=("Active",))
        self.recipients = self._collection("recipient", indexed=("UserId",), facets=("RecipientScope", "Status"))
        self.mandates = self._collection("mandate", indexed=("UserId", "_AccountId"), facets=("Status",))
        self.banking_aliases = self._collection("banking_alias", indexed=("WalletId", "_Numbers"))
        self.virtual_accounts = self._collection(
            "virtual_account", indexed=("WalletId", "_Numbers"), facets=("Status", "VirtualAccountPurpose")
        )
        self.card_registrations = self._collection("card_registration", indexed=("AccessKey",))
        self.cards = self._collection("card", indexed=("UserId", "Fingerprint"), facets=("Active",))
        self.card_validations = self._collection("card_validation", indexed=("CardId",))
        self.preauthorizations = self._collection("preauthorization", indexed=PAYER, facets=AUTHORISATION)
        # Deposit and extended preauthorizations are one thing with two names; `_IsExtended` tells which.
        self.deposits = self._collection("deposit", indexed=PAYER, facets=AUTHORISATION)
        self.recurring_registrations = self._collection("recurring_registration", indexed=("AuthorId",))
        self.data_collections = self._collection("data_collection")
        self.transactions = self._collection(
            "transaction",
            indexed=(
                *("AuthorId", "_WalletIds", "_CardId", "_Fingerprint", "_AccountId", "MandateId"),
                *("_InstantKey", "CreditedUserId"),
                *("PreauthorizationId", "_DepositId", "RecurringPayinRegistrationId"),
                *("InitialTransactionId", "_RefundOf", "_GivesBack", "RepudiationId", "_DisputeId"),
            ),
            facets=("Status", "ResultCode", "Type", "Nature"),
            limit=keep,
        )
        self.quotes = self._collection("quote")
        self.disputes = self._collection(
            "dispute",
            # `_Unsettled` holds PENDING, and the currency, from a dispute's loss until it has been repaid.
            indexed=("InitialTransactionId", "_WalletId", "_UserIds", "_Unsettled"),
            facets=("Status", "DisputeType"),
        )
        self.dispute_documents = self._collection("dispute_document", indexed=("DisputeId",), facets=("Status", "Type"))
        self.reports = self._collection("report")
        self.reporting_reports = self._collection("reporting_report", facets=("Status",))
        self.intents = self._collection(
            "intent", indexed=("_References", "SettlementId"), facets=("Status", "ExternalProviderName", "Currency")
        )
        self.intent_settlements = self._collection("intent_settlement", facets=("Status", "ExternalProviderName"))
        self.splits = self._collection(
            "split", indexed=("_IntentId",), facets=("Status", "ExternalProviderName", "Currency")
        )
        self.permission_groups = self._collection("permission_group")
        self.ssos = self._collection("sso", indexed=("PermissionGroupId", "Email"))
        self.countries = self._collection("country")
        self.hooks = self._collection("hook", indexed=("EventType",), facets=("Status", "Validity"))
        self.events = self._collection("event", facets=("EventType",), date="Date", limit=keep)
        self.responses = self._collection("response", date="_UsedAt")
        self.deliveries = self._collection("delivery", indexed=("HookId",))
        # What happens by itself at some time to come.
        self.tasks = self._collection("task")
        # The platform's own profile, the clock's lead, and whatever else there is one of.
        self.settings = self._collection("setting")

    def load(self) -> None:
        for kind, body in self._file.open() if self._file else ():
            if kind in self._collections:
                self._collections[kind].load(body)

    def counts(self) -> dict[str, int]:
        """Return how many there are of every kind."""
        return {kind: len(collection) for kind, collection in self._collections.items()}

    def clear(self) -> None:
        """Forget everything, as on the first day."""
        for collection in self._collections.values():
            collection.clear()

    async def flush(self) -> None:
        """Return when every change made so far is in the state file; costs nothing without one."""
        if self._file is None:
            return
        async with self._writing:
            dirty, self._dirty = self._dirty, {}
            if not dirty:
                return
            try:
                await self._file.write([self._row(kind, entity_id) for kind, entity_id in dirty])
            except BaseException:
                self._dirty = dirty | self._dirty
                raise

    async def close(self) -> None:
        await self.flush()
        if self._file:
            await self._file.close()

    def _collection(
        self,
        kind: str,
        *,
        indexed: tuple[str, ...] = (),
        facets: tuple[str, ...] = (),
        date: str = "CreationDate",
        limit: int | None = None,
    ) -> Collection:
        self._collections[kind] = Collection(kind, self._note, indexed=indexed, facets=facets, date=date, limit=limit)
        return self._collections[kind]

    def _note(self, kind: str, entity_id: str) -> None:
        if self._file is not None:
            self._dirty[kind, entity_id] = None

    def _row(self, kind: str, entity_id: str) -> tuple[str, str, bytes | None]:
        entity = self._collections[kind].get(entity_id)
        return kind, entity_id, None if entity is None else orjson.dumps(entity)
