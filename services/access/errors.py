"""What can go wrong at the door and in the team. Each class says in one sentence when it is raised.

AccessError
    LinkRefused         the link has expired, was used, or was never issued
    NotAnEmail          what was given as an e-mail address is not one
    WeakPassword        the password does not meet the rule
    WrongPair           the e-mail address or the password is not right
    TryLater            too many tries; `wait` says how long
    ChallengeEnded      the password was given too long ago, or the step was taken already
    WrongCode           the code is not the right one, or was used before
        WrongPresentCode    ... that of the second factor one has, while another is set up
    SecondFactorNeeded  the second factor is required here and cannot be removed
    NoSuchMember        nobody of that id has an access to this environment
    NoSuchSession       no session of one's own has that id
    AlreadyMember       the e-mail address has an access already, or is invited
    ChangedMeanwhile    the member is not as they were when the page was read
    NotOneself          an admin would do to themselves what is done under "Your access"
    StaysAllowed        who is removed could come back, being allowed by a setting
    LastAdmin           without this member the environment would have no admin
    MailNotSetUp        no mail can be sent, because no mail server is set
"""

from collections.abc import Sequence
from datetime import timedelta

from models.access import LinkState


class AccessError(Exception):
    """Nothing was changed; the subclass says why."""


class LinkRefused(AccessError):
    def __init__(self, state: LinkState) -> None:
        super().__init__(f"The link is {state}.")
        self.state = state


class NotAnEmail(AccessError):
    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not an e-mail address.")


class WeakPassword(AccessError):
    def __init__(self, unmet: Sequence[str]) -> None:
        super().__init__(f"The password needs: {'; '.join(unmet)}.")
        self.unmet = unmet


class WrongPair(AccessError):
    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class TryLater(AccessError):
    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        self.minutes = -(-wait // timedelta(minutes=1))
        super().__init__(f"Too many attempts. Try again in {self.minutes} minute{'s' if self.minutes > 1 else ''}.")


class ChallengeEnded(AccessError):
    def __init__(self) -> None:
        super().__init__("This sign-in took too long, or was finished elsewhere. Start again with your password.")


class WrongCode(AccessError):
    def __init__(self) -> None:
        super().__init__("That code is not right, or was used before. Wait for the next one, and check the clock.")


class WrongPresentCode(WrongCode):
    """Beside which of two codes the sentence belongs."""


class SecondFactorNeeded(AccessError):
    def __init__(self) -> None:
        super().__init__("This role needs a second factor in this environment. Set up a new one instead.")


class NoSuchMember(AccessError):
    def __init__(self) -> None:
        super().__init__("This member is not there any more. Somebody may have removed them meanwhile.")


class NoSuchSession(AccessError):
    def __init__(self) -> None:
        super().__init__("This session has ended already.")


class AlreadyMember(AccessError):
    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is in the list already. Change them there.")


class ChangedMeanwhile(AccessError):
    def __init__(self) -> None:
        super().__init__("Somebody changed this access meanwhile. Look at it as it is now, and decide again.")


class NotOneself(AccessError):
    def __init__(self) -> None:
        super().__init__("Change your own second factor under “Your access”: it takes your password and a code.")


class StaysAllowed(AccessError):
    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} is in DASHBOARD_ALLOWED_EMAILS and could ask for an access again. Suspend them instead, or take "
            "them out of that setting first."
        )


class LastAdmin(AccessError):
    def __init__(self) -> None:
        super().__init__("This is the last admin of this environment. Make somebody else an admin first.")


class MailNotSetUp(AccessError):
    def __init__(self) -> None:
        super().__init__("This dashboard has no mail server for this environment.")
