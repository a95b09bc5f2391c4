# One line a target. `make accept TARGET=… VIA=api DEFECT=… PYTEST="-m refunds -k PayPal"` passes its words on.
TARGET ?= reference
VIA ?= web
DEFECT ?=
PYTEST ?=
.DEFAULT_GOAL := help
BIN := .venv/bin

accept: .venv/installed  ## the whole acceptance of a target, its verdict and its report
	$(BIN)/python -m tests --target "$(TARGET)" --via $(VIA) $(if $(DEFECT),--defect "$(DEFECT)") -- $(PYTEST)

test: lint .venv/installed  ## lint, types, contracts, the suite's own tests, and the acceptance in the quick profile
	$(BIN)/pytest tests/suite -n 2 -q
	$(BIN)/python -m tests --profile quick

proofs: .venv/installed  ## every defect turns its check red (make test proves one of each family)
	ASHORE_PROOFS=all $(BIN)/pytest tests/suite/test_defects.py -n 2 -q

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

shop: .venv/installed  ## the reference shop and the simulators, to click through
	$(BIN)/python -m fixtures.targets run "$(TARGET)"

providers: .venv/installed  ## the three simulators alone, with a live page, to point a shop at
	$(BIN)/python -m fixtures.providers

target: .venv/installed  ## a new target's folder: make target NAME=my_shop
	$(BIN)/python -m fixtures.targets new "$(NAME)"

steps: .venv/installed  ## the words of the features: every step, its module and how many scenarios use it
	$(BIN)/python -m tests.steps

bench: .venv/installed  ## what the suite costs, as ratios from one run
	$(BIN)/python -m tests.bench

lock:  ## the exact versions, anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.txt

.venv/installed: requirements.txt
	python3 -c 'import sys; sys.exit("Ashore needs Python 3.11 or newer") if sys.version_info < (3, 11) else 0'
	python3 -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m fixtures.browser
	touch $@

help:
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(MAKEFILE_LIST)

.PHONY: accept test proofs lint shop steps providers target bench lock help
