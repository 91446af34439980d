.DEFAULT_GOAL := help
SHELL := /bin/bash
# Without bytecode every process compiles Django again, which costs it three seconds and 20 MB.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
SERVE := .venv
UNIT := .venv-unit
DEV := .venv-dev
NEEDS_NO_DATABASE := tests/vault/crypto tests/emotion/classifier
PIP := -m pip install --disable-pip-version-check --quiet
# A lock names everything with its hash, so nothing else is resolved or installed. uv installs several times faster; where it
# cannot reach the registry that pip is configured for, pip does it. With --compile the first start is as quick as the next.
install = $(1)/bin/python $(PIP) --require-hashes -r requirements/uv.txt && \
	$(1)/bin/uv pip install --quiet --python $(1)/bin/python --no-deps --require-hashes $(2) 2>/dev/null \
	|| $(1)/bin/python $(PIP) --no-deps --require-hashes $(2)
need_python = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=python3.11 make $(1)")'
lock = $(DEV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make locks" $(ARGS)

.PHONY: help run setup admin test unit integration e2e lint format messages bench mutants chaos throughput reliability privacy-proof \
	locks licences clean

help:  ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

run: setup  ## Start everything on this machine
	@$(SERVE)/bin/python manage.py serve

setup: $(SERVE)/.ready  ## Make keys, databases, catalogue and static files (safe to repeat)
	@$(SERVE)/bin/python manage.py setup

admin: setup  ## Make an administrator of the catalogue
	@$(SERVE)/bin/python manage.py createsuperuser

unit: $(UNIT)/.ready  ## Run the tests that need no database, browser or tensorflow
	@$(UNIT)/bin/python -m pytest --unit $(or $(ARGS),-n auto)

test: $(DEV)/.ready  ## Run the whole suite, or what ARGS names
	@$(DEV)/bin/python -m pytest $(or $(ARGS),-n auto --dist loadgroup --training)
	$(if $(ARGS),,@$(MAKE) --no-print-directory test-postgresql)

integration: $(DEV)/.ready  ## Run the tests that need a database or a while, but no browser
	@$(DEV)/bin/python -m pytest -n auto --dist loadgroup --training -m integration $(ARGS)

e2e: $(DEV)/.ready  ## Run the tests that drive a browser or start the whole site
	@$(DEV)/bin/python -m pytest -n auto --dist loadgroup -m e2e $(ARGS)

test-postgresql: $(DEV)/.ready  ## Run what a database can change once more, on PostgreSQL
	@$(DEV)/bin/python -m pytest -n auto -p tests.postgresql -m "not (browser or stack or slow)" \
		$(or $(ARGS),$(NEEDS_NO_DATABASE:%=--ignore=%) tests/accounts tests/vault tests/emotion tests/recommender tests/rights tests/wellbeing)

lint: $(DEV)/.ready $(DEV)/node/.ready  ## Check style, types, scripts, templates, spelling and migrations
	@$(DEV)/bin/ruff check .
	@$(DEV)/bin/ruff format --check .
	@$(DEV)/bin/mypy
	@$(DEV)/node/node_modules/.bin/biome check --error-on-warnings
	@$(DEV)/bin/djlint templates --lint --quiet
	@$(DEV)/bin/codespell
	@$(DEV)/bin/python manage.py check
	@$(DEV)/bin/python manage.py makemigrations --check --dry-run
	@$(DEV)/bin/python manage.py check_wording
	@$(DEV)/bin/python manage.py check_marking
	@$(DEV)/bin/python manage.py check_catalogue --shipped

format: $(DEV)/.ready $(DEV)/node/.ready  ## Tidy the code
	@$(DEV)/bin/ruff check --fix-only --exit-zero .
	@$(DEV)/bin/ruff format .
	@$(DEV)/node/node_modules/.bin/biome check --write

messages: $(DEV)/.ready  ## Write every marked text into locale/, and compile what is translated (needs gettext)
	@$(DEV)/bin/python manage.py makemessages --all --no-wrap --no-obsolete --add-location file \
		--ignore "research/*" --ignore "tests/*" --ignore ".venv*"
	@$(DEV)/bin/python manage.py compilemessages --ignore ".venv*"

bench: $(DEV)/.ready  ## Print speed and memory as JSON
	@for script in research/benchmarks/*.py; do $(DEV)/bin/python $$script; done

mutants: $(DEV)/.ready  ## Make mistakes on purpose and count those the tests notice
	@$(DEV)/bin/python -m research.mutants $(ARGS)

chaos: $(DEV)/.ready  ## Do harm to a running site and count what became of every snapshot
	@$(DEV)/bin/python -m tests.chaos.run --json docs/measurements/chaos.json $(ARGS)
	@$(DEV)/bin/python -m tests.chaos.report

throughput: $(DEV)/.ready  ## Measure the whole pipeline and how it grows
	@$(DEV)/bin/python research/benchmarks/pipeline.py --json docs/measurements/pipeline.json --scale-json docs/measurements/scale.json
	@$(DEV)/bin/python -m tests.chaos.report

reliability: $(DEV)/.ready  ## Write docs/reliability.md from the last measurements
	@$(DEV)/bin/python -m tests.chaos.report

privacy-proof: $(DEV)/.ready  ## Live a day, play every attacker, write docs/privacy-proof.md
	@$(DEV)/bin/python -m tests.proof

locks: $(DEV)/bin/uv  ## Pin everything that requirements/*.in need, with hashes (ARGS=--upgrade for newer releases)
	@cd requirements && uv() { ../$(lock) "$$@"; } && \
		uv uv.in -o uv.txt && \
		uv --no-deps models.in -o models.txt && \
		uv serve.in train.in unit.in dev.in -o dev.txt && \
		uv serve.in -c dev.txt -o serve.txt && \
		uv train.in -c dev.txt -o train.txt && \
		uv serve.in unit.in -c dev.txt -o unit.txt
	@$(MAKE) --no-print-directory $(DEV)/.ready
	@$(DEV)/bin/npm install --prefix requirements --package-lock-only --omit-lockfile-registry-resolved --silent

licences: $(DEV)/.ready  ## List the licence of every package that is installed
	@$(DEV)/bin/python requirements/list_licences.py

clean:  ## Remove the virtual environments and caches, never your data
	@rm -rf $(SERVE) $(UNIT) $(DEV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(SERVE)/.ready: requirements/serve.txt requirements/models.txt
	@$(call need_python,run)
	@echo "Preparing the virtual environment (a minute or so, once)..."
	@test -x $(SERVE)/bin/pip || $(PYTHON) -m venv $(SERVE)
	@$(call install,$(SERVE),--compile -r requirements/serve.txt -r requirements/models.txt)
	@touch $@

$(UNIT)/.ready: requirements/unit.txt requirements/models.txt
	@$(call need_python,unit)
	@echo "Preparing the environment of the unit tests (a minute or so, once)..."
	@test -x $(UNIT)/bin/pip || $(PYTHON) -m venv $(UNIT)
	@$(call install,$(UNIT),--compile -r requirements/unit.txt -r requirements/models.txt)
	@touch $@

$(DEV)/.ready: requirements/dev.txt requirements/models.txt
	@$(call need_python,test)
	@echo "Preparing the development environment (a few minutes, once)..."
	@test -x $(DEV)/bin/pip || $(PYTHON) -m venv $(DEV)
	@$(call install,$(DEV),-r requirements/dev.txt -r requirements/models.txt)
	@touch $@

$(DEV)/node/.ready: $(DEV)/.ready requirements/package-lock.json
	@mkdir -p $(DEV)/node && cp requirements/package.json requirements/package-lock.json $(DEV)/node
	@$(DEV)/bin/npm ci --prefix $(DEV)/node --silent --no-audit --no-fund
	@touch $@

$(DEV)/bin/uv:
	@$(call need_python,locks)
	@test -x $(DEV)/bin/pip || $(PYTHON) -m venv $(DEV)
	@$(DEV)/bin/python $(PIP) --require-hashes -r requirements/uv.txt
