# Each target sets up what it needs. HOST, PORT, DATA_DIR and PYTHON may be given: make run PORT=8001

PY := .venv/bin/python
INSTALL := sh grc/embedded/install.sh
WITH_SERVERS := $(PY) -m grc.embedded exec
export TICKMARK_STARTED := $(shell date +%s)

.PHONY: help run test check bench tamper mutate fuzz faults format checks probe lock audit

help:
	@echo 'make run     start Tickmark on http://127.0.0.1:8000/ with a sample engagement'
	@echo 'make test    all checks and all tests'
	@echo 'make check   the checks alone: format, lint, types, migrations, settings, templates'
	@echo 'make bench   measure what must be fast'
	@echo 'make fuzz    ask the API 200,000 generated requests (ARGS="--requests N --seed S")'
	@echo 'make probe   ask for everything as who should see nothing (ARGS="--requests N --seed S")'
	@echo 'make faults  kill and restart everything under load, and judge (ARGS="--kills N --minutes M")'
	@echo 'make mutate  take one guard away at a time and expect red (ARGS="--part 2/8 --only walls")'
	@echo 'make tamper  change copies of the trail in every way, and see each found (ARGS="--seed S")'
	@echo 'make lock    write the hashes of the locked packages, after requirements.lock changed'
	@echo 'make audit   ask for known vulnerabilities of the locked packages (needs the network)'
	@echo 'make format  put every file into the format the checks ask for'

run:
	@$(INSTALL) run
	@$(PY) -m grc.embedded run

test: check
	@CHROMIUM="$$($(INSTALL) chromium)" && export CHROMIUM && \
	$(WITH_SERVERS) -- $(PY) -m pytest

check:
	@$(INSTALL) test
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check --quiet .
	@$(WITH_SERVERS) -- $(MAKE) --no-print-directory checks

# With servers and their addresses in the environment.
checks:
	$(PY) -m mypy tenants audits evidence grc
	$(PY) manage.py makemigrations --check --dry-run
	env -u TICKMARK_LOCAL SITE_ADDRESS=https://tickmark.example EVIDENCE_ADDRESS=https://evidence.tickmark.example $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m djlint --quiet --lint tenants audits evidence grc
	$(PY) -m pytest -n 0 tests/test_architecture.py

bench:
	@$(INSTALL) test
	@$(WITH_SERVERS) --migrate --sync -- $(PY) -m tests.bench lists queries uploads imports examination package
	@$(WITH_SERVERS) --migrate --sync -- $(PY) -m tests.bench sweep

fuzz:
	@$(INSTALL) test
	@$(WITH_SERVERS) --migrate --sync -- $(PY) -m tests.fuzz $(ARGS)

probe:
	@$(INSTALL) test
	@$(WITH_SERVERS) -- $(PY) -m tests.probe $(ARGS)

mutate:
	@$(INSTALL) test
	@$(WITH_SERVERS) -- $(PY) -m tests.mutate $(ARGS)

faults:
	@$(INSTALL) test
	@$(PY) -m tests.faults $(ARGS)

tamper:
	@$(INSTALL) test
	@$(WITH_SERVERS) --migrate --sync -- $(PY) -m tests.tamper $(ARGS)

format:
	@$(INSTALL) test
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

lock:
	@$(INSTALL) test
	@$(PY) -m grc.embedded.lock

audit:
	@sh grc/embedded/audit.sh
