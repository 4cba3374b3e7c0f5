"""`make probe`: tens of thousands of requests by people who should see nothing, and their judge."""
