"""Guard mutation: take one guard away, run the tests that should notice, expect red (ACC-19).

    python -m grc.embedded exec -- python -m tests.mutate --only permissions --part 2/8 --seed 1

`guards` finds them (in the code by its syntax, in the database by the models' constraints),
`recording` notes which test comes by which (`watching` does it, inside pytest), `choosing` picks
what should notice, `trying` runs it (`server`, inside pytest). docs/security/guard-mutation.md
tells what was found.
"""
