"""Pretend calls with known faults, and how well their causes are found. Shares no number with the doctor."""
