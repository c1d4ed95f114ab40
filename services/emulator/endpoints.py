"""Every endpoint that Mangopay's documentation and its official clients know, and what the emulator makes of it.

documents.py writes the table to ENDPOINTS.md; a test sees that file, list and routes agree.
A path stands behind /v2.01/{ClientId}, unless it begins with a version.
Source: https://docs.mangopay.com/api-reference and the resources of Mangopay's clients for Python and Node.
"""

import re
from collections.abc import Iterator

from services.emulator.engine.errors import ApiError
from services.emulator.engine.router import API, Router
from services.emulator.routes import ROUTES

# Why an endpoint is knowingly left out; everything else is done.
LEFT_OUT: dict[str, str] = {}

KNOWN = {
    "Access": """
        POST /v2.01/oauth/token
        GET /responses/{IdempotencyKey}
    """,
    "Users": """
        POST /sca/users/natural
        POST /sca/users/legal
        PUT /sca/users/natural/{UserId}
        PUT /sca/users/legal/{UserId}
        PUT /sca/users/natural/{UserId}/category
        PUT /sca/users/legal/{UserId}/category
        POST /sca/users/{UserId}/enrollment
        POST /sca/users/{UserId}/consent
        GET /sca/users/{UserId}
        GET /sca/users/natural/{UserId}
        GET /sca/users/legal/{UserId}
        GET /sca/users/{UserId}/sca-status
        GET /users
        DELETE /users/natural/{UserId}
        DELETE /users/legal/{UserId}
        POST /users/natural
        POST /users/legal
        PUT /users/natural/{UserId}
        PUT /users/legal/{UserId}
        GET /users/{UserId}
        GET /users/natural/{UserId}
        GET /users/legal/{UserId}
        GET /users/{UserId}/regulatory
        GET /users/{UserId}/blockStatus
        GET /users/{UserId}/emoney
        GET /users/{UserId}/emoney/{Year}
        GET /users/{UserId}/emoney/{Year}/{Month}
        POST /users/data-formats/validation
        GET /users/{UserId}/verified-identity
        GET /v2.01/countries/authorizations
        GET /v2.01/countries/{CountryCode}/authorizations
    """,
    "Verification": """
        POST /users/{UserId}/kyc/documents
        POST /users/{UserId}/kyc/documents/{KycDocumentId}/pages
        PUT /users/{UserId}/kyc/documents/{KycDocumentId}
        GET /users/{UserId}/kyc/documents/{KycDocumentId}
        GET /users/{UserId}/kyc/documents
        GET /kyc/documents
        GET /kyc/documents/{KycDocumentId}
        POST /kyc/documents/{KycDocumentId}/consult
        POST /users/{UserId}/identity-verifications
        GET /users/{UserId}/identity-verifications
        GET /identity-verifications/{SessionId}
        PUT /identity-verifications/{SessionId}/pscs/{PscId}/retry
        POST /users/{UserId}/kyc/ubodeclarations
        GET /users/{UserId}/kyc/ubodeclarations
        GET /kyc/ubodeclarations/{UboDeclarationId}
        GET /users/{UserId}/kyc/ubodeclarations/{UboDeclarationId}
        PUT /users/{UserId}/kyc/ubodeclarations/{UboDeclarationId}
        POST /users/{UserId}/kyc/ubodeclarations/{UboDeclarationId}/ubos
        PUT /users/{UserId}/kyc/ubodeclarations/{UboDeclarationId}/ubos/{UboId}
        GET /users/{UserId}/kyc/ubodeclarations/{UboDeclarationId}/ubos/{UboId}
    """,
    "Wallets and transactions": """
        POST /wallets
        PUT /wallets/{WalletId}
        GET /wallets/{WalletId}
        GET /users/{UserId}/wallets
        GET /wallets/{WalletId}/transactions
        GET /users/{UserId}/transactions
        POST /transfers
        GET /transfers/{TransferId}
    """,
    "Cards": """
        POST /cardregistrations
        PUT /cardregistrations/{CardRegistrationId}
        GET /cardregistrations/{CardRegistrationId}
        GET /cards/{CardId}
        PUT /cards/{CardId}
        GET /users/{UserId}/cards
        GET /cards/fingerprints/{Fingerprint}
        GET /cards/fingerprints/{Fingerprint}/users
        GET /cards/fingerprints/{Fingerprint}/transactions
        GET /cards/fingerprints/{Fingerprint}/preauthorizations
        GET /cards/fingerprints/{Fingerprint}/deposit-preauthorizations
        GET /cards/fingerprints/{Fingerprint}/extended-preauthorizations
        GET /cards/{CardId}/transactions
        GET /cards/{CardId}/preauthorizations
        GET /cards/{CardId}/deposit-preauthorizations
        GET /cards/{CardId}/extended-preauthorizations
        POST /cards/{CardId}/validation
        GET /cards/{CardId}/validation/{CardValidationId}
    """,
    "Preauthorizations": """
        POST /preauthorizations/card/direct
        GET /preauthorizations/{PreauthorizationId}
        PUT /preauthorizations/{PreauthorizationId}
        GET /preauthorizations/{PreauthorizationId}/transactions
        GET /users/{UserId}/preauthorizations
        POST /payins/preauthorized/direct
        POST /deposit-preauthorizations/card/direct
        POST /deposit-preauthorizations/payment-methods/paypal
        GET /deposit-preauthorizations/{DepositId}
        PUT /deposit-preauthorizations/{DepositId}
        GET /deposit-preauthorizations/{DepositId}/transactions
        GET /users/{UserId}/deposit-preauthorizations
        POST /payins/deposit-preauthorized/direct/full-capture
        POST /payins/deposit-preauthorized/direct/capture-with-complement
        POST /payins/deposit-preauthorized/direct/complement
        POST /extended-preauthorizations/card/direct
        POST /extended-preauthorizations/payment-methods/paypal
        GET /extended-preauthorizations/{ExtendedPreauthorizationId}
        PUT /extended-preauthorizations/{ExtendedPreauthorizationId}
        GET /extended-preauthorizations/{ExtendedPreauthorizationId}/transactions
        GET /users/{UserId}/extended-preauthorizations
        POST /payins/extended-preauthorized/direct/full-capture
    """,
    "Bank accounts and recipients": """
        POST /users/{UserId}/bankaccounts/iban
        POST /users/{UserId}/bankaccounts/us
        POST /users/{UserId}/bankaccounts/ca
        POST /users/{UserId}/bankaccounts/gb
        POST /users/{UserId}/bankaccounts/other
        GET /users/{UserId}/bankaccounts/{BankAccountId}
        GET /users/{UserId}/bankaccounts
        PUT /users/{UserId}/bankaccounts/{BankAccountId}
        GET /bankaccounts/{BankAccountId}/transactions
        GET /users/{UserId}/bankaccounts/{BankAccountId}/mandates
        GET /recipients/payout-methods
        GET /recipients/schema
        POST /users/{UserId}/recipients/validate
        POST /users/{UserId}/recipients
        GET /users/{UserId}/recipients
        GET /recipients/{RecipientId}
        PUT /recipients/{RecipientId}
        GET /users/{UserId}/recipients/{RecipientId}/mandates
        POST /wallets/{WalletId}/bankingaliases/iban
        POST /wallets/{WalletId}/bankingaliases/accountNumber
        GET /bankingaliases/{BankingAliasId}
        PUT /bankingaliases/{BankingAliasId}
        GET /wallets/{WalletId}/bankingaliases
        POST /wallets/{WalletId}/virtual-accounts
        GET /wallets/{WalletId}/virtual-accounts
        GET /wallets/{WalletId}/virtual-accounts/{VirtualAccountId}
        PUT /wallets/{WalletId}/virtual-accounts/{VirtualAccountId}
        GET /virtual-accounts/availability
    """,
    "Mandates": """
        POST /mandates/directdebit/web
        GET /mandates/{MandateId}
        PUT /mandates/{MandateId}/cancel
        GET /mandates
        GET /users/{UserId}/mandates
        GET /mandates/{MandateId}/transactions
    """,
    "Pay-ins": """
        GET /payins/{PayInId}
        POST /payins/card/direct
        POST /payins/card/web
        GET /payins/card/web/{PayInId}/extended
        POST /payins/bankwire/direct
        POST /clients/payins/bankwire/direct
        POST /payins/directdebit/direct
        POST /payins/directdebit/web
        POST /payins/applepay/direct
        POST /payins/googlepay/direct
        POST /payins/paypal/web
        POST /payins/payment-methods/paypal
        PUT /payins/{PayInId}/trackings
        POST /payins/payment-methods/paypal/data-collection
        GET /payins/payment-methods/paypal/data-collection/{DataCollectionId}
        POST /payins/payment-methods/ideal
        POST /payins/payment-methods/bancontact
        POST /payins/payment-methods/blik
        POST /payins/payment-methods/satispay
        POST /payins/payment-methods/klarna
        POST /payins/payment-methods/mbway
        POST /payins/payment-methods/multibanco
        POST /payins/payment-methods/swish
        POST /payins/payment-methods/twint
        POST /payins/payment-methods/bizum
        POST /payins/payment-methods/giropay
        POST /payins/payment-methods/payconiq
        POST /payins/payconiq/web
        POST /payins/payment-methods/openbanking
        POST /payins/payment-methods/googlepay
        GET /payment-methods/openbanking/metadata/supported-banks
        POST /payment-methods/metadata
        POST /recurringpayinregistrations
        GET /recurringpayinregistrations/{RecurringPayinRegistrationId}
        PUT /recurringpayinregistrations/{RecurringPayinRegistrationId}
        POST /payins/recurring/card/direct
        POST /payins/payment-methods/paypal/recurring
        POST /payins/payment-methods/applepay/recurring
        POST /payins/payment-methods/googlepay/recurring
        POST /acquiring/payins/card/direct
        POST /acquiring/payins/payment-methods/ideal
        POST /acquiring/payins/payment-methods/applepay
        POST /acquiring/payins/payment-methods/googlepay
        POST /acquiring/payins/payment-methods/paypal
        POST /acquiring/payins/payment-methods/paypal/data-collection
        GET /acquiring/payins/payment-methods/paypal/data-collection/{DataCollectionId}
        POST /acquiring/payins/{PayInId}/refunds
        POST /acquiring/cards/{CardId}/validation
        POST /simulation/payins/bankwire/{PayInId}
        POST /simulation/payins/bankwire/funding
    """,
    "Refunds": """
        POST /payins/{PayInId}/refunds
        POST /transfers/{TransferId}/refunds
        GET /refunds/{RefundId}
        GET /payins/{PayInId}/refunds
        GET /transfers/{TransferId}/refunds
        GET /payouts/{PayOutId}/refunds
        GET /repudiations/{RepudiationId}/refunds
    """,
    "Payouts": """
        POST /payouts/bankwire
        GET /payouts/{PayOutId}
        GET /payouts/bankwire/{PayOutId}
        POST /payouts/reachability
        POST /clients/payouts
        POST /clients/bankaccounts/iban
    """,
    "Conversions": """
        GET /conversions/rate/{DebitedCurrency}/{CreditedCurrency}
        POST /conversions/quote
        GET /conversions/quote/{QuoteId}
        POST /conversions/quoted-conversion
        POST /conversions/instant-conversion
        POST /clients/conversions/quoted-conversion
        POST /clients/conversions/instant-conversion
        GET /conversions/{ConversionId}
    """,
    "Disputes": """
        GET /disputes
        GET /disputes/pendingsettlement
        GET /disputes/{DisputeId}
        PUT /disputes/{DisputeId}
        PUT /disputes/{DisputeId}/submit
        PUT /disputes/{DisputeId}/close
        GET /disputes/{DisputeId}/transactions
        GET /users/{UserId}/disputes
        GET /wallets/{WalletId}/disputes
        GET /payins/{PayInId}/disputes
        POST /disputes/{DisputeId}/documents
        GET /disputes/{DisputeId}/documents
        PUT /disputes/{DisputeId}/documents/{DisputeDocumentId}
        POST /disputes/{DisputeId}/documents/{DisputeDocumentId}/pages
        GET /dispute-documents
        GET /dispute-documents/{DisputeDocumentId}
        POST /dispute-documents/{DisputeDocumentId}/consult
        GET /repudiations/{RepudiationId}
        POST /repudiations/{RepudiationId}/settlementtransfer
        GET /settlements/{SettlementId}
    """,
    "Platform": """
        GET /clients
        PUT /clients
        PUT /clients/logo
        GET /clients/wallets
        GET /clients/wallets/{FundsType}
        GET /clients/wallets/{FundsType}/{Currency}
        GET /clients/wallets/{FundsType}/{Currency}/transactions
        GET /clients/transactions
        POST /hooks
        GET /hooks
        GET /hooks/{HookId}
        PUT /hooks/{HookId}
        GET /events
        POST /reports/transactions
        POST /reports/wallets
        GET /reports
        GET /reports/{ReportId}
        POST /reporting/reports
        GET /reporting/reports
        GET /reporting/reports/{ReportId}
        GET /clients/ssos
        POST /clients/ssos
        GET /clients/ssos/{SsoId}
        PUT /clients/ssos/{SsoId}
        PUT /clients/ssos/{SsoId}/extendinvitation
        GET /clients/permissiongroups
        POST /clients/permissiongroups
        GET /clients/permissiongroups/{PermissionGroupId}
        PUT /clients/permissiongroups/{PermissionGroupId}
        GET /clients/permissiongroups/{PermissionGroupId}/ssos
    """,
    "Echo": """
        POST /v3.0/{ClientId}/payins/intents
        GET /v3.0/{ClientId}/payins/intents
        GET /v3.0/{ClientId}/payins/intents/{IntentId}
        PUT /v3.0/{ClientId}/payins/intents/{IntentId}
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/captures
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/cancel
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/refunds
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/refunds/{RefundId}/reverse
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/captures/{CaptureId}/disputes
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/capture/{CaptureId}/disputes
        PUT /v3.0/{ClientId}/payins/intents/{IntentId}/captures/{CaptureId}/disputes/{DisputeId}/decision
        PUT /v3.0/{ClientId}/payins/intents/{IntentId}/capture/{CaptureId}/disputes/{DisputeId}/decision
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/splits
        GET /v3.0/{ClientId}/payins/intents/{IntentId}/splits/{SplitId}
        PUT /v3.0/{ClientId}/payins/intents/{IntentId}/splits/{SplitId}
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/splits/{SplitId}/execute
        POST /v3.0/{ClientId}/payins/intents/{IntentId}/splits/{SplitId}/reverse
        GET /v3.0/{ClientId}/payins/intents/splits
        GET /v3.0/{ClientId}/payins/intents/external-providers
        POST /v3.0/{ClientId}/payins/intents/settlements
        GET /v3.0/{ClientId}/payins/intents/settlements
        GET /v3.0/{ClientId}/payins/intents/settlements/{SettlementId}
        PUT /v3.0/{ClientId}/payins/intents/settlements/{SettlementId}
        GET /v3.0/{ClientId}/payins/intents/settlements/{SettlementId}/validations
        POST /v3.0/{ClientId}/payins/intents/settlements/{SettlementId}/cancel
        PUT /v3.0/{ClientId}/payins/intents/settlements/{SettlementId}/cancel
    """,
}


def endpoints() -> Iterator[tuple[str, str, str]]:
    """Yield area, method and path of every known endpoint."""
    for area, lines in KNOWN.items():
        for line in lines.split("\n"):
            if line.strip():
                method, path = line.split()
                yield area, method, path


def is_done(method: str, path: str) -> bool:
    try:
        route, _ = Router(ROUTES).find(method, _whole(path))
    except ApiError:
        return False
    # A name must not be taken for an id: /disputes/pendingsettlement is not /disputes/{DisputeId}.
    return _shape(route.path) == _shape(_whole(path))


def unknown_routes() -> list[str]:
    """Return the routes of the imitated API that no documentation and no client knows."""
    known = {(method, _shape(_whole(path))) for _, method, path in endpoints()}
    return [
        f"{route.method} {route.path.removeprefix(API)}"
        for route in ROUTES
        if route.path.startswith(("/v2.01/", "/v3.0/")) and (route.method, _shape(route.path)) not in known
    ]


def table() -> str:
    """Return all of it as Markdown."""
    lines = ["| | method | path | |", "|---|---|---|---|"]
    for area, method, path in endpoints():
        name = f"{method} {path}"
        lines.append(f"| {area} | {method} | `{path}` | {LEFT_OUT.get(name, 'done')} |")
    beside = [
        f"| Beside it | {name.split()[0]} | `{name.split()[1]}` | the emulator's own |" for name in unknown_routes()
    ]
    return "\n".join(lines + beside) + "\n"


def _whole(path: str) -> str:
    return path if re.match(r"/v\d", path) else API + path


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path).lower()
