"""What is spent of Agora's quota."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUse:
    """Requests of one endpoint on one UTC day."""

    account: str
    endpoint: str
    used: int
    limit: int
