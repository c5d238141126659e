# The front door. Needs python3.11 with pip and venv, make and git; nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
SYNCED := $(VENV)/.synced

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(UV): requirements/tools.lock
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.lock
	@touch $(UV)

$(SYNCED): $(UV) requirements/dev.lock pyproject.toml src/forthwith/__init__.py
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes requirements/dev.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(SYNCED)

.PHONY: setup
setup: $(SYNCED) ## Build .venv from the locked requirements

.PHONY: run
run: setup ## Start everything on this machine and print what to open
	@exec $(BIN)/forthwith up

.PHONY: lock
lock: $(UV) ## Compile requirements/*.lock anew
	@scripts/lock
