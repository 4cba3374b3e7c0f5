"""Kills and restarts under load, judged from outside the application (Must show 4, OPS-9)."""
