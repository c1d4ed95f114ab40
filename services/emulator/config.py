"""How one emulator is set up."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EmulatorConfig:
    # Where it is reached, without a slash at the end: links, redirects and CardRegistrationURL start with it.
    base_url: str
    client_id: str = "local"
    api_key: str = "local-api-key"
    # Without a file, state lives in memory and ends with the process.
    state_file: Path | None = None
    # Notifications go to loopback addresses only, unless this says otherwise.
    deliver_anywhere: bool = False
    # 600.0 lets ten minutes of the retry schedule pass in one second.
    clock_speed: float = 1.0
