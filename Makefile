# Everything starts from `make setup`, which does nothing when the lock and pyproject.toml are older than its stamp.
# Needed on the machine: Python 3.11 or newer with venv, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# Four workers for two cores: a third of the time a test waits, for a disk or another program. Each begins with a part of
# its own, so that the screens, which wait, run beside the arithmetic, which does not; who is done takes from the others.
PYTEST := $(BIN)/python -m pytest -n 4 --dist worksteal

# Without byte code the screens take four times as long to open, and a stray path or prefix would mix in other packages.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_HASHES
export PIP_USER := 0
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test check lint types bench soak dist lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo    set up, then open a made-up company in the terminal'
	@echo 'make test    set up, then run the tests'
	@echo 'make check   formatting, lint, types and tests: what a change must pass'
	@echo 'make bench   the speed and size promises, measured'
	@echo 'make soak    the long promises: kills, power cuts, crowds, damaged files; FULL=1 tries all that is promised'
	@echo 'make dist    the wheel, in dist/'
	@echo 'make lock    work out requirements.lock anew from pyproject.toml'
	@echo 'make clean   remove everything that these targets made'

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@python=; for p in '$(PYTHON)' python3 python3.14 python3.13 python3.12 python3.11; do \
	    "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { python=$$p; break; }; \
	done; \
	[ -n "$$python" ] || { echo 'kpitui needs Python 3.11 or newer: install it, or name it with make PYTHON=/path/to/python3' >&2; exit 1; }; \
	if $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then :; else \
	    echo "Making $(VENV) with $$("$$python" -V)"; \
	    "$$python" -m venv --clear $(VENV) || { echo 'Python has no venv module: install it (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }; \
	fi
	@# -qq: whatever other indexes the machine's pip.conf names, only the locked hashes get in, so its warnings are noise.
	$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@# Python 3.11's venv brings a setuptools that nothing here uses and that slows every start a little.
	@$(BIN)/python -m pip uninstall -qq -y setuptools
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib kpitui
	@touch $@

demo: setup
	@$(BIN)/kpitui demo

test: setup
	$(PYTEST)

check: lint types test

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks

soak: setup
	$(BIN)/python -m pytest -m soak
	$(BIN)/python -m soak $(if $(FULL),--full) $(if $(SEED),--seed $(SEED)) $(if $(RECORD),--write docs/reliability.md)

dist: setup
	$(BIN)/python -m hatchling build -t wheel -t sdist

# The resolver lives in an environment of its own, so that it is nobody's dependency.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-lock/bin/python -m pip install --quiet --group lock
	$(VENV)-lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet --upgrade -o requirements.lock
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-lock build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find kpitui tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
