"""Everything `make run` and `make test` start: PostgreSQL and Valkey from wheels, then ours.

    python -m grc.embedded run                  servers, tables, sample, web, worker and beat
    python -m grc.embedded exec -- COMMAND …    servers, one command, its exit code
    python -m grc.embedded env                  export lines for a second terminal
    python -m grc.embedded roles                the SQL for a PostgreSQL server of your own

Where `DATABASE_URL` or `REDIS_URL` names a server, that one is used and none is started.
"""
