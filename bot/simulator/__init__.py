"""Pretend outside worlds over real HTTP: a Slack and an Agora that refuse what the real ones refuse."""
