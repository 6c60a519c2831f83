# Shiori: `make run` opens the page on the seed documents, `make test` proves that it works.
# Every target does the set-up it needs; the second time it finds it done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
INDEX := index/default/CURRENT

.PHONY: help setup run index test benchmark profile lint format lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/'

setup: $(READY)  ## make .venv with everything, from the lock file

$(READY): requirements.lock pyproject.toml
	@echo "==> Making $(VENV) and installing the packages of requirements.lock (a few minutes, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shiori needs Python 3.11 or newer; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# The manifest's module says which format an index has: one of another must be built again.
$(INDEX): $(READY) $(wildcard seeds/*.txt) rag/index/manifest.py
	@echo "==> Building the index of seeds/ (the model is unpacked the first time)"
	@$(BIN)/rag build seeds --index index/default
	@touch $@

index: $(INDEX)  ## build the index of seeds/

run: $(INDEX)  ## open the web page on http://127.0.0.1:7860
	@echo "==> Starting the page on http://127.0.0.1:7860 (stop it with Ctrl+C)"
	@$(BIN)/python app.py

test: $(READY)  ## run all tests
	@echo "==> Running the tests"
	@$(BIN)/python -m pytest

benchmark: $(READY)  ## speed beside stock sentence-transformers, in under a minute; fails if it has fallen
	@echo "==> Measuring speed beside stock sentence-transformers"
	@$(BIN)/python -m benchmarks.speed --small

profile: $(READY)  ## where the time goes, into docs/performance.md
	@echo "==> Profiling"
	@$(BIN)/python -m benchmarks.profiles --write docs/performance.md

lint: $(READY)  ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The version of torch is pinned by hand: other versions may come as builds for GPUs, of several gigabytes.
lock: $(READY)  ## write requirements.lock anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet pip-tools
	@echo "torch==2.13.0" > $(VENV)/constraints.txt
	@$(BIN)/pip-compile --quiet --extra dev --strip-extras --constraint $(VENV)/constraints.txt --no-emit-find-links --no-emit-index-url \
	  --no-annotate --no-header --output-file requirements.lock pyproject.toml
	@sed -i 's/+cpu$$//' requirements.lock

clean:  ## remove the environment, the index and all caches of this folder
	rm -rf $(VENV) index/default .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
