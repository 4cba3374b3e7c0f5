"""Django's PostgreSQL backend, announcing who acts at every BEGIN."""
