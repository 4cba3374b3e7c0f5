"""How fast the platform is, each job beside its floor: `make bench`, docs/performance.md."""
