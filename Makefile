# The front door. Needs python3.11 with pip and venv, make and git; nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
MINUTES ?= 5
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
SYNCED := $(VENV)/.synced
# Most tests wait more than they work; those with faults and browsers keep the cores busy.
PYTEST := $(BIN)/pytest --dist worksteal -n

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{split($$1, t, ":"); printf "  make %-11s %s\n", t[1], $$2}'

$(UV): requirements/tools.lock
	@command -v $(PYTHON) >/dev/null || { echo "Forthwith needs $(PYTHON); or say: make PYTHON=python3 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .tools || { echo "Install the venv module first (Debian: apt-get install python3-venv)"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.lock
	@touch $(UV)

$(SYNCED): $(UV) requirements/dev.lock pyproject.toml src/forthwith/__init__.py
	@echo "Building $(VENV) from the locked requirements ..."
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements/dev.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(SYNCED)

.PHONY: setup
setup: $(SYNCED) ## Build .venv; the command line is then .venv/bin/forthwith

.PHONY: run
run: setup ## Start everything on this machine and print what to open
	@exec $(BIN)/forthwith up

.PHONY: check
check: setup ## Format, lint, security, types, import contracts, generated files
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/python scripts/reference.py --check
	@scripts/check-committed

.PHONY: audit
audit: setup ## Ask for known vulnerabilities of everything locked
	@$(BIN)/python scripts/audit.py

.PHONY: format
format: setup ## Format the code and mend what the linter can
	@$(BIN)/ruff check --quiet --fix --exit-zero .
	@$(BIN)/ruff format --quiet .

.PHONY: test
test: setup ## The tests of everyday work
	@$(PYTEST) 3 -m "not slow and not faults and not browser and not fuzz and not live"

# Fault tests wait most of all, the longest begin first, and each process is handed one at a time.
FAULTS := $(BIN)/pytest -n 4 --dist load --maxschedchunk 1 -m faults

.PHONY: faults
faults: setup ## Kill, freeze and cut real processes; within five minutes
	@$(FAULTS) $$(grep --recursive --files-with-matches --include='*.py' mark.faults tests)

.PHONY: test-all
test-all: setup ## All tests: also slow ones, faults, browser, fuzz
	@scripts/install-test-tools
	@$(PYTEST) 3 -m "not slow and not faults and not browser and not fuzz and not live"
	@$(MAKE) --no-print-directory faults
	@$(PYTEST) 2 -m "(slow or browser or fuzz) and not faults and not live"

.PHONY: live
live: setup ## Tests against real vendors, for the keys that are set
	@$(BIN)/pytest -m live

.PHONY: coverage
coverage: setup ## Line and branch coverage of the everyday tests
	@$(PYTEST) 3 -m "not slow and not faults and not browser and not fuzz and not live" --cov --cov-report=term-missing:skip-covered

.PHONY: bench
bench: setup ## All benchmarks in their quick form
	@$(BIN)/python -m benchmarks --quick

.PHONY: bench-full
bench-full: setup ## All benchmarks, as docs/performance.md shows them
	@$(BIN)/python -m benchmarks

.PHONY: soak
soak: setup ## Kill, freeze and cut for MINUTES=5 with SEED=1; writes docs/reliability.md
	@$(BIN)/python tests/faults/soak.py --minutes $(MINUTES) --seed $(SEED) --write docs/reliability.md

.PHONY: examples
examples: setup ## Draw the example cards anew (needs Debian's fonts-noto-cjk)
	@$(BIN)/python -m examples.make_cards

.PHONY: docs
docs: setup ## Write the generated pages: configuration, metrics, .env.example
	@$(BIN)/python scripts/reference.py

.PHONY: lock
lock: $(UV) ## Compile requirements/*.lock anew
	@scripts/lock

.PHONY: new-app
new-app: setup ## Make the room of a new application: make new-app NAME=tickets
	@$(BIN)/python -m scripts.new_app $(NAME)
