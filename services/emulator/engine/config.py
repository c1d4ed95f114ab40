"""How one emulator is set up."""

from dataclasses import dataclass
from pathlib import Path

from services.emulator.engine.rate_limits import DOCUMENTED


@dataclass(frozen=True, slots=True)
class EmulatorConfig:
    # Where it is reached, without a slash at the end: links, redirects and CardRegistrationURL start with it.
    base_url: str
    client_id: str = "local"
    api_key: str = "local-api-key"
    # Without a file, state lives in memory and ends with the process.
    state_file: Path | None = None
    # At most so many transactions and so many events, for one that runs for weeks; else time alone ends them.
    keep: int | None = None
    # Notifications go to loopback addresses only, unless this says otherwise.
    deliver_anywhere: bool = False
    # 600.0 lets ten minutes of the retry schedule pass in one second.
    clock_speed: float = 1.0
    # Calls in 15, 30 and 60 minutes and in 24 hours; None counts them and refuses none.
    rate_limits: tuple[int, int, int, int] | None = DOCUMENTED
    # Opens the control plane to whoever bears it; None keeps it shut.
    control_token: str | None = None
