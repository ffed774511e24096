"""What is known of one user of the calls."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.observation import DiagnosisEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One user in one project: how often they suffered and the last times, newest first;
    the same of others who suffered from them; and the channels and headlines of calls of which the doctor
    says that the trouble came from them."""

    project: str
    uid: str
    suffered: int
    bad_times: Sequence[DiagnosisEvent]
    hurt: int
    hurt_times: Sequence[DiagnosisEvent]
    blamed: Sequence[tuple[str, str]]

    @property
    def is_known(self) -> bool:
        return bool(self.suffered or self.hurt or self.blamed)
