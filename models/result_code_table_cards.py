"""Result codes of cards and of the rules against fraud: data of `models.result_codes`.

The table is written as in `models.result_code_table`. The codes of five digits are the card vault's own, which it
answers to the payer's browser.
Source: https://docs.mangopay.com/errors/codes
"""

TABLE = """
Saving a card
    001599 Token processing error
        The card's details did not reach the card vault, so the card was not saved.
        > The cardholder can try again, without an ad blocker or antivirus that stops the call.
    101699 CardRegistration error
        The card could not be saved, and no closer reason is given.
        > Start a new card registration; if it fails again, contact Mangopay's support with its id.
    105101 Invalid card number
        No card has this number.
        > The cardholder should check the number and try again.
    105102 Invalid cardholder name
        The name that was given is not the one on the card.
        > The cardholder should enter the name as the card shows it.
    105103 Invalid PIN code
        The card's secret code was wrong.
        > The cardholder should check the card's details and try again.
    105104 Invalid PIN format
        The card's secret code was not written as such codes are.
        > The cardholder should check the card's details and try again.
    105202 Card number: invalid format
        The card number was mistyped, or the card is of another type than the one announced.
        > The cardholder should check the number; an American Express card needs a registration of its own type.
    105203 Expiry date: missing or invalid format
        The card's expiry date was left out, or not written as month and year (MMYY).
        > The cardholder should enter the date as the card shows it.
    105204 CVV: missing or invalid format
        The card's security code was left out, or has the wrong number of digits.
        > The cardholder should enter the 3 digits on the back, or the 4 on the front of American Express.
    105205 Callback URL: Invalid format
        The address to return to after saving the card is not a valid one.
        > A developer must correct the return URL that the platform sends.
    105206 Registration data : Invalid format
        What came back to finish the card registration is not what the card vault answers when all is well.
        > A developer should see that the vault's whole answer ("data=...") is passed on unchanged.
    105299 Token input Error
        The saved details of the card could not be used at the bank, often because too much time had passed.
        > Have the card registered again and use it at once.

Card vault
    01902 This card is not active
        The card has not been put into use, or has been switched off.
        > The cardholder can ask their bank, or use another card.
    02101 Internal Error
        The card vault failed and did not save the card.
        > Start a new card registration a little later.
    02624 Card expired
        The card's expiry date is over.
        > The cardholder needs to use a newer card.
    02625 Invalid card number
        The card number was mistyped, or the card is of another type than the one announced.
        > The cardholder should check the number and try again.
    02626 Invalid date. Use mmdd format
        The card's expiry date was left out, is over, or was not written as month and year (MMYY).
        > The cardholder should enter the date as the card shows it.
    02627 Invalid CCV number
        The card's security code was left out, or has the wrong number of digits.
        > The cardholder should enter the 3 digits on the back, or the 4 on the front of American Express.
    02628 Transaction refused
        The card vault refused to save this card.
        > The cardholder can try another card.
    02631 Delay exceeded
        Too much time passed between the start of the registration and the entry of the card.
        > Start a new card registration.
    02632 Method GET is not allowed
        The card's details were sent to the vault as an address rather than as a form.
        > A developer must send them by POST.
    09101 Username/Password is incorrect
        The card vault does not know the access key that came with the card's details.
        > Start a new card registration; a developer should see that its own access key is sent.
    09102 Account is locked or inactive
        The platform's account at the card vault is locked or not active.
        > Contact Mangopay's support.
    09104 Client certificate is disabled
        The certificate with which the card vault was called is no longer valid.
        > Contact Mangopay's support.
    09201 You do not have permissions to make this API call
        The card vault refused the call, for instance because the data sent do not belong to the access key.
        > Start a new card registration; a developer should see that its data are sent unchanged.

Paying by card
    001023 Author is not the card owner
        The card was saved by another user than the author of the payment.
        > Use a card of the author, or name the card's owner as the author.
    101102 Transaction refused by the bank (Amount limit)
        The cardholder's bank refused the amount: too little money, or a spending limit was reached.
        > The cardholder can have the limit raised, wait until it starts anew, or use another card.
    101103 Transaction refused by the terminal
        The payment was refused on its way to the cardholder's bank, and no closer reason is given.
        > The cardholder can try again or use another card; if many payments fail so, contact Mangopay's support.
    101104 Transaction refused by the bank (card limit reached)
        The card has reached the limit that its bank has set.
        > The cardholder can have the limit raised, wait until it starts anew, or use another card.
    101105 The card has expired
        The card's expiry date is over.
        > The cardholder needs to use a newer card.
    101106 The card is inactive
        The cardholder's bank says that the card is switched off or was never put into use.
        > The cardholder can activate it with their bank, or use another card.
    101112 Maximum amount exceeded
        The amount would take the card above the limit that its bank has set.
        > The cardholder can have the limit raised, or use another card.
    101113 Maximum amount exceeded
        The card has been used as much, or as often, as its bank allows for the time being.
        > The cardholder can try again after 24 hours, or use another card.
    101115 Debit limit exceeded
        What the cardholder may spend, as their bank has set it, is used up.
        > The cardholder can have the limit raised, or use another card.
    101116 Debit transaction frequency exceeded
        The card has been used as many times in a day as its bank allows.
        > The cardholder can try again the next day, or use another card.
    101118 An initial transaction with the same card is still pending
        Another payment with this card has no result yet, so this one was held to be a duplicate.
        > Wait for the result of the first payment before trying again.
    101410 The card is not active
        The saved card has been deactivated, or brought no successful payment within 24 hours after it was saved.
        > The cardholder must save the card again; the deactivated one cannot be brought back.

Authentication of the cardholder (3-D Secure)
    008511 The 3DS authentification has failed due to supplementary security checks
        Additional security checks stopped the authentication of the cardholder.
        > The cardholder can try again later, or pay in another way.
    008515 Authentication not available: do not benefit from liability shift
        The cardholder could not be authenticated, and the bank does not take the risk of fraud upon itself.
        > The cardholder can ask their bank, or use another card.
    101301 SecureMode: 3DSecure authentication has failed
        The cardholder did not pass the authentication by their bank.
        > The cardholder can try again and confirm in their bank's app; if it fails again, their bank can tell why.
    101302 Secure mode: The card is not enrolled with 3DSecure
        The card has not been set up for authentication by its bank.
        > The cardholder can have that set up by their bank, or use another card.
    101303 Secure mode: The card is not compatible with 3DSecure
        This card cannot be used where the cardholder must be authenticated.
        > The cardholder needs to use another card.
    101304 Secure mode: The 3DSecure authentication session has expired
        The cardholder did not finish the authentication by their bank in time.
        > Offer the payment again.
    101305 SecureMode: Soft decline
        The bank wants the cardholder to be authenticated before it decides about the payment.
        > Pay again with SecureMode FORCE while the cardholder is there to authenticate.
    101399 Secure mode: 3DSecure authentication is not available
        Authentication was impossible: the bank's servers were disturbed, or the card or currency does not support it.
        > The cardholder can try again later, or use another card.

Preauthorisations
    001505 The PayIn DebitedFunds can't be higher than the PreAuthorization remaining amount
        The capture asks for more than the preauthorisation has left.
        > Capture at most the remaining amount.

Fraud: the card
    008001 Counterfeit Card
        The card is reported to be a forgery.
        > Do not try it again, and look into the user: this points to fraud.
    008002 Lost Card
        The card is reported lost.
        > The cardholder needs to use another card.
    008003 Stolen Card
        The card is reported stolen.
        > Do not try it again, and look into the user: this may be fraud.
    008004 Card bin not authorized
        Mangopay's fraud team has blocked this card, or the cards that begin with the same digits.
        > The payer needs to use another card.
    008005 Security violation
        The card was blocked because it was used in an unusual way.
        > The payer needs to pay in another way; if you trust the payment, contact Mangopay's support.
    008006 Fraud suspected by the bank
        The cardholder's bank suspects fraud and refused the payment.
        > The cardholder should talk to their bank; do not try the same card again.
    008007 Opposition on bank account (Temporary)
        The card is blocked for the time being.
        > The cardholder can try again later, or use another card.
    008008 Pay-in failed: the issuing bank reports that the bank account linked to this card does not exist.
        The bank no longer knows the account that the card belongs to.
        > The cardholder needs to use another card.
    008508 Unauthorized Card issuer country
        Rules against fraud do not accept cards from the country that issued this one.
        > The payer can use another card; if the rule is the platform's own, it can be reviewed.
    008509 Number of bank cards allowed is exceeded
        The payer has used more different cards than the rules against fraud allow.
        > The payer can use a card that worked before; look into the user if the cards are not theirs.
    008510 Number of clients per card is exceeded
        The same card has been used by more users than the rules against fraud allow.
        > See which users share the card (its fingerprint tells), and whether that is plausible.
    008512 IP location different than card issuer country
        The payer's internet address is in another country than the bank that issued the card.
        > The payer can try without a VPN, or use another card.
    008513 Number of device fingerprints allowed is exceeded
        The payments came from more different devices than the rules against fraud allow.
        > The payer can try from a device used before; look into the user if the devices are not theirs.
    008514 Unauthorized Card BIN
        Rules against fraud do not accept cards that begin with these digits (the BIN).
        > The payer can use another card; if the rule is the platform's own, it can be reviewed.

Fraud: the transaction
    008500 Transaction blocked by Fraud Policy
        A rule against fraud, of Mangopay or of the platform itself, stopped the transaction.
        > Look the transaction up in the fraud panel of Mangopay's own Dashboard: it names the rule.
    008501 Transaction refused due to blocked Country
        No payouts are made to the country of the bank account.
        > The user can give a bank account in another country.
    008502 Transaction refused due to blocked IBAN
        The IBAN to be paid has been blocked.
        > The user can give another bank account; if you see no reason for the block, contact Mangopay's support.
    008503 Transaction refused due to blocked BIC
        The bank to be paid (its BIC) has been blocked.
        > The user can give an account at another bank; if you see no reason for the block, contact Mangopay's support.
    008504 Amount of the transaction exceeded the amount permitted
        The amount is above what the rules against fraud allow at once.
        > Choose a smaller amount; if the rule is the platform's own, it can be reviewed.
    008505 Number of accepted transactions exceeded the velocity limit set
        There have been as many payments in a short time as the rules against fraud allow, such as 10 a day by card.
        > The payer can try again after 24 hours, or pay in another way.
    008506 Unauthorized IP address country
        Rules against fraud do not accept payments from the country of the payer's internet address.
        > The payer can try without a VPN; if the rule is the platform's own, it can be reviewed.
    008507 Cumulative value of transactions exceeded
        Together with earlier payments, this one is above the sum that the rules against fraud allow in a given time.
        > The payer can try again later; if the rule is the platform's own, it can be reviewed.
    008600 Wallet blocked by Fraud policy
        Mangopay has blocked the wallet because it suspects fraud or another risk.
        > Contact Mangopay's support; until the block is lifted, nothing moves in or out.
    008700 User blocked by Fraud policy
        Mangopay has blocked the user because it suspects fraud or another risk.
        > Look at the blocks of the user: the action code tells the reason and what is needed.
    008999 Suspicion of fraud
        The transaction was stopped because it looks like fraud.
        > Do not simply repeat it: look into the user, then contact Mangopay's support.

Fraud: the bank account
    008516 Transaction refused due to blocked GB account
        Mangopay has blocked the British bank account that was to be paid.
        > The user can give another account; if you see no reason for the block, contact Mangopay's support.
    008517 Transaction refused due to blocked US account
        Mangopay has blocked the bank account in the United States that was to be paid.
        > The user can give another account; if you see no reason for the block, contact Mangopay's support.
    008518 Transaction refused due to blocked CA account
        Mangopay has blocked the Canadian bank account that was to be paid.
        > The user can give another account; if you see no reason for the block, contact Mangopay's support.
    008519 Transaction refused due to blocked OTHER account
        Mangopay has blocked the bank account, one of the type OTHER, that was to be paid.
        > The user can give another account; if you see no reason for the block, contact Mangopay's support.
"""
