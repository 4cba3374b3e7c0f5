"""The project around the apps; nothing imports it."""
