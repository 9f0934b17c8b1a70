# `make demo` and `make test` do all their own set-up in .venv; they need python3 (3.11 or newer), python3-venv and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Of all that is installed little is ever imported: that is compiled when it is.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable
FOR_USE := $(VENV)/.installed-for-use
FOR_TESTS := $(VENV)/.installed-for-tests
SOURCES := daemon tests
# Tests wait for programs, portals and delays: two more than there are processors keep these busy.
WORKERS ?= $(shell expr $$(nproc) + 2)
PYTEST := $(BIN)/pytest -n $(WORKERS) --maxschedchunk=1

# Whatever the environment says: the hundreds of processes that the tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test tested browser screenshots types rewritten coverage attack bench deb systemd format papers catalogues constraints clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo         see b24syncd at work on a simulated portal (KEEP=1: stay up and play with it)'
	@echo 'make test         lint, types, tests'
	@echo 'make coverage     what of the program the tests reach: at least 95 %'
	@echo 'make attack       the long form of the tests, with all variants of the attacks: half an hour to an hour'
	@echo 'make bench        b24syncd beside plain scripts and the limits (LONG=1: in full; PARTS="side_by_side cost": only these)'
	@echo 'make deb          build the package for Debian 12, on Debian 12'
	@echo 'make systemd      try the package in a real systemd (root; debootstrap, systemd-container)'
	@echo 'make screenshots  take the pictures of the console that the documents show'
	@echo 'make papers       write down what the configuration has: docs/configuration.md, the example, tables of keys'
	@echo 'make catalogues   bring the translations of the console up to date with what its pages say'
	@echo 'make format       lay the code out'
	@echo 'make constraints  write down the newest versions of everything that is installed'
	@echo 'make clean        remove .venv and all caches'

demo: $(FOR_USE)
	$(BIN)/b24syncd demo $(if $(filter-out 0,$(KEEP)),--keep)

test: $(FOR_TESTS) browser
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	@$(MAKE) --no-print-directory --jobs=2 types tested

# Both at once: while tests wait, the types are checked.
types: $(FOR_TESTS)
	$(BIN)/mypy daemon/b24syncd tests

tested: rewritten
	$(PYTEST)

# pytest rewrites the assertions of what it imports, and keeps that: otherwise each worker would do it by itself. What fails here is told by the tests.
rewritten: $(FOR_TESTS)
	@$(BIN)/pytest --collect-only -qq > /dev/null || true

# The console is looked at in a real browser. Who is not root, or has no such package, is told that nobody looked.
browser:
	@command -v chromium > /dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || { \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get install --quiet --yes --no-install-recommends chromium \
		|| { apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends chromium; } \
		|| true; }

# Measuring makes a test twice as long. The attacks go the same ways as the other tests, with other values.
coverage: $(FOR_TESTS) browser
	$(PYTEST) --cov tests/console tests/acceptance tests/engine tests/store tests/contract tests/unit

# Its longest tests simulate a month: they are not stuck after the five minutes of the others.
attack: $(FOR_TESTS)
	ATTACK=long $(PYTEST) -o faulthandler_timeout=3600 tests/attack tests/engine tests/acceptance tests/store tests/contract tests/unit

bench: $(FOR_TESTS)
	$(BIN)/python -m tests.bench $(if $(filter-out 0,$(LONG)),--long) $(PARTS)

deb:
	@systemd/debian/build

systemd: $(FOR_TESTS) deb
	$(BIN)/python -m tests.systemd $$(ls -t dist/b24syncd_*.deb | head -n 1)

screenshots: $(FOR_TESTS) browser
	$(BIN)/python -m tests.console.screenshots docs/console

papers: $(FOR_TESTS)
	$(BIN)/python -m b24syncd.cli.papers .

catalogues: $(FOR_TESTS)
	$(BIN)/python -m tests.console.catalogues

format: $(FOR_TESTS)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

$(FOR_USE): pyproject.toml constraints.txt | $(BIN)/pip
	$(INSTALL) .
	@touch $@

# In one go with what is for use.
$(FOR_TESTS): pyproject.toml constraints.txt | $(BIN)/pip
	$(INSTALL) '.[test]'
	@touch $(FOR_USE) $@

$(BIN)/pip:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("b24syncd needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

constraints:
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --editable '.[test]'
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt
	@touch $(FOR_USE) $(FOR_TESTS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist
