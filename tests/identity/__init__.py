"""Identity providers that run on this machine, honest and hostile: for tests and stories."""
