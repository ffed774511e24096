"""Tests of bot/rules."""
