# Two commands on a fresh machine: `make train` and `make test`. Both create .venv first, with the versions in constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LABEL_STUDIO := .venv-label-studio
# Missing Debian packages of programs that tests start.
MISSING = $(strip \
  $(if $(shell command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null),,postgresql) \
  $(if $(shell command -v chromium 2>/dev/null),,chromium) \
  $(if $(shell command -v chromedriver 2>/dev/null),,chromium-driver))
FAST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile quick
SKIPPED = Tests that need $(MISSING) are skipped, with CI=true they fail. As root on Debian, 'make servers' installs it.

.DEFAULT_GOAL := help
.PHONY: help install label-studio servers train test check types unit integration bench format clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## Create .venv with everything the project needs

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("conflict-events needs Python 3.11 or newer, $(PYTHON) is " + sys.version.split()[0] + "; name another with PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,annotate,serve,html,tables,ray,geo,dev]'
	@touch $@

label-studio: $(LABEL_STUDIO)/.installed  ## Create .venv-label-studio with a Label Studio server, separate from .venv

$(LABEL_STUDIO)/.installed: annotations/label_studio/requirements.txt
	$(PYTHON) -m venv $(LABEL_STUDIO)
	$(LABEL_STUDIO)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

servers:  ## Install PostgreSQL and Chromium for tests, if missing (Debian, as root)
	@missing="$(MISSING)"; if [ -z "$$missing" ]; then exit; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo "$(SKIPPED)"; exit; fi; \
	apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends $$missing

train: install  ## Run the default training and print a prediction
	$(BIN)/conflict-events train default

test: install label-studio  ## Run all tests, including those with real servers
	@$(if $(MISSING),echo "$(SKIPPED)")
	OMP_NUM_THREADS=1 LABEL_STUDIO=$(CURDIR)/$(LABEL_STUDIO)/bin/label-studio $(BIN)/python -m pytest -n 2 --dist loadfile

check: install  ## Run lint, type checks and the unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j2 types unit

types: install
	$(BIN)/mypy

unit: install
	$(FAST) -m 'not slow and not integration'

integration: install  ## Run the other tests that need no real server: commands, stores, processes
	$(FAST) -m 'integration and not slow'

bench: install  ## Measure speed, and time and memory against length, and write docs/benchmarks.md (an hour or two)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.benchmarks.speed --write
	$(BIN)/python -m tests.benchmarks.training --write
	$(BIN)/python -m tests.benchmarks --write

format: install  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the environments and caches; keeps models, runs and mlflow.db
	rm -rf $(VENV) $(LABEL_STUDIO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
