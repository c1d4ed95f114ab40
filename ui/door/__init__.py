"""The pages of the door: plain HTML outside NiceGUI, so that cookies can be set and strangers cost next to nothing.

The guard has seen to host, origin and session; it left `actor`, `nonce` and `door` in the state of each request.
"""

from services.mail.mailers import LocalMailbox
from ui.door import links, local_mail, owed_factor, own_factor, own_password, requests, sign_in
from ui.door.desk import Desk
from ui.places import Places


def register(places: Places, desk: Desk, mailbox: LocalMailbox | None) -> None:
    for pages in (sign_in, requests, links, owed_factor, own_factor, own_password):
        pages.register(places, desk)
    local_mail.register(places, desk, mailbox)
