# Shiori: `make run` opens the page on the seed documents, `make test` proves that it works.
# Every target does the set-up it needs; the second time it finds it done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
INDEX := index/default/CURRENT

.PHONY: help install setup run index test check fuzz benchmark profile lint format lock wheel-test clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shiori needs Python 3.11 or newer; set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)

# An environment is one of two: what Shiori runs on, or that and everything that its tests need. The second is the first
# too, so that "make run" after "make test" has nothing to do. Nothing is ever taken out.
install: $(READY)  ## make .venv with what Shiori runs on, from requirements.lock

$(READY): requirements.lock pyproject.toml | $(BIN)/python
	@echo "==> Installing the packages of requirements.lock into $(VENV) (about a minute, once)"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@

setup: $(READY_DEV)  ## make .venv with everything, from requirements-dev.lock

# The lock is complete but for torch, which pip would ask hashes for if it looked for what the others need.
$(READY_DEV): requirements-dev.lock requirements-torch.txt pyproject.toml | $(BIN)/python
	@echo "==> Installing the packages of requirements-dev.lock into $(VENV) (a few minutes, once)"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements-dev.lock
	@$(PIP) install --quiet -r requirements-torch.txt
	@$(PIP) install --quiet --no-deps --editable .
	@touch $(READY) $@

# The manifest's module says which format an index has: one of another must be built again.
$(INDEX): $(wildcard seeds/*.txt) rag/index/manifest.py | $(READY)
	@echo "==> Building the index of seeds/ (the model is unpacked the first time)"
	@$(BIN)/rag build seeds --index index/default
	@touch $@

index: $(INDEX)  ## build the index of seeds/

run: $(INDEX)  ## open the web page on http://127.0.0.1:7860
	@echo "==> Starting the page on http://127.0.0.1:7860 (stop it with Ctrl+C)"
	@$(BIN)/python app.py

# A file is run by one process, in the order that tests/conftest.py gives: the long ones first.
SPREAD := --numprocesses auto --dist loadfile --no-loadscope-reorder --max-worker-restart 1

test: $(READY_DEV)  ## run all tests
	@echo "==> Running the tests, then those that drive the page in a browser"
	@$(BIN)/python -m pytest $(SPREAD) -m "not browser"
	@$(BIN)/python -m pytest -m browser

check: $(READY_DEV)  ## run the quick tests: no browser, no models to train, nothing slow
	@echo "==> Running the quick tests"
	@$(BIN)/python -m pytest $(SPREAD) -m "not browser and not slow" --quiet \
	  tests/answer tests/corpus tests/batch tests/evaluation tests/test_*.py

MINUTES ?= 30
fuzz: $(READY_DEV)  ## draw inputs for every parser, rule and way in, for MINUTES (30)
	@echo "==> Fuzzing for $(MINUTES) minutes"
	@$(BIN)/python .ci/fuzz.py $(MINUTES) $(SEED)

wheel-test: $(READY_DEV)  ## build the wheel, install it into an empty environment, and ask it a question
	@$(BIN)/python .ci/wheel.py

benchmark: $(READY_DEV)  ## speed beside stock sentence-transformers, in under a minute; fails if it has fallen
	@echo "==> Measuring speed beside stock sentence-transformers"
	@$(BIN)/python -m benchmarks.speed --small

profile: $(READY_DEV)  ## where the time goes, into docs/performance.md
	@echo "==> Profiling"
	@$(BIN)/python -m benchmarks.profiles --write docs/performance.md

lint: $(READY_DEV)  ## ruff, mypy (for Linux, Windows and macOS), import-linter, deptry
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 --package rag
	@$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin --package rag
	@$(BIN)/lint-imports
	@$(BIN)/deptry rag
	@$(BIN)/deptry --exclude '.*_worker\.py$$' --ignore DEP002,DEP003,DEP004 \
	  --known-first-party rag,tests,benchmarks,training tests benchmarks training docs examples .ci

format: $(READY_DEV)  ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# For all systems at once, with the hashes of every file. uv only resolves here; pip installs. Of torch, what it needs
# on a CPU is locked and it is not (see requirements-torch.txt). "make lock UPGRADE=--upgrade" takes the newest of all.
UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --custom-compile-command "make lock" $(UPGRADE)

lock: $(READY_DEV)  ## write both lock files anew from pyproject.toml
	@$(PIP) install --quiet uv
	@echo "torch ; sys_platform == 'never'" > $(VENV)/without-torch.txt
	@printf 'networkx\nsetuptools\nsympy\n' | $(UV_COMPILE) - --extra dev --override $(VENV)/without-torch.txt \
	  --no-emit-package torch --output-file requirements-dev.lock
	@$(UV_COMPILE) --constraint requirements-dev.lock --output-file requirements.lock

clean:  ## remove the environment, the index and all caches of this folder
	rm -rf $(VENV) index/default .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
