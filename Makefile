# verbs of tf-pipeline; `make help` lists them
.DEFAULT_GOAL := help
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
MONTH ?=
INBOX ?=
# compiled bytecode saves seconds in every process; some machines switch it off
export PYTHONDONTWRITEBYTECODE :=
export DO_NOT_TRACK := 1

# uv comes from PyPI into a folder of its own, then installs what uv.lock names
UV_VERSION := 0.13.9
UV := .venv-uv/bin/uv
READY := .venv/.ready
RUN := .venv/bin
SQL := dbt_project/models dbt_project/tests

.PHONY: help setup load status ui ui-leads daemon test stress bench check format sample docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## install everything from the lock file

$(UV):
	@$(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# compiled here once, by all cores, and not by every process that starts first
$(READY): $(UV) pyproject.toml uv.lock
	@$(UV) sync --quiet --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

load: $(READY) ## load the inbox's months in order, or MONTH=2016-04 INBOX=folder
	@$(RUN)/tf-pipeline load $(MONTH) $(if $(INBOX),--inbox "$(INBOX)")

status: $(READY) ## who delivered which month, and which delivery is current
	@$(RUN)/tf-pipeline status

ui: $(READY) ## the Dagster UI, for engineers
	@$(RUN)/tf-pipeline ui

ui-leads: $(READY) ## the Dagster UI, read only, for leads (port 3001)
	@$(RUN)/tf-pipeline ui --read-only --port 3001

daemon: $(READY) ## the daemon behind the schedule and the inbox sensor
	@$(RUN)/tf-pipeline daemon

# the checks run at the same time as the tests; their output is shown after the tests
test: $(READY) ## all checks and all tests
	@said=$$(mktemp); trap 'rm -f "$$said"' EXIT; failed=
	nice $(MAKE) --no-print-directory check >"$$said" 2>&1 & checks=$$!
	$(RUN)/pytest -q -n 2 --dist loadscope --no-loadscope-reorder || failed="$$failed tests"
	wait $$checks || failed="$$failed checks"
	cat "$$said"
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

stress: $(READY) ## 50 killed loads, 20 readers during 10 loads, 2,000 randomly damaged deliveries (an hour)
	@TF_KILLS=50 TF_DISKS=2 TF_READER_LOADS=10 TF_EXAMPLES=2000 TF_SPOILT=5 $(RUN)/pytest -s -m "" --timeout 7200 \
	    tests/integration/test_{gates_agree,mutated_deliveries,daemon,readers,kills}.py

bench: $(READY) ## what a load costs: SCALE=10 REPEAT=3 TREES="../old ." (tests/bench/README.md)
	@$(RUN)/python -m tests.bench $(TREES) --scale $(or $(SCALE),1) --repeat $(or $(REPEAT),3) \
	    --dir "$(or $(BENCH_DIR),data/bench)" $(if $(RESULTS),--results "$(RESULTS)")

check: $(READY) ## format, lint, SQL, types, import rule
	@$(RUN)/ruff format --check -q .
	$(RUN)/ruff check -q .
	$(RUN)/sqruff lint --quiet $(SQL)
	$(RUN)/mypy -p tf_pipeline
	$(RUN)/lint-imports --no-logo

format: $(READY) ## format the files as `check` requires
	@$(RUN)/ruff format -q . && $(RUN)/ruff check -q --fix .
	# it fails on SQL that it cannot parse; the linter then lists what is left to do
	$(RUN)/sqruff fix --quiet $(SQL) >/dev/null 2>&1 || $(RUN)/sqruff lint --quiet $(SQL)

sample: $(READY) ## make the synthetic sample in data/inbox again
	@$(RUN)/python -m tf_pipeline.sample --months 2016-04 2016-05 --families 300 --seed 7 --out data/inbox

docs: $(READY) ## dbt's own pages: data/dbt/static_index.html
	@$(RUN)/tf-pipeline docs

# nobody can make a lost key again, and analysts open the releases
clean: ## forget everything that was loaded; key and releases only with CONFIRM=yes
	@cd "$${TF_DATA_DIR:-data}" 2>/dev/null || exit 0
	rm -rf warehouse landing quarantine packs alerts dagster dbt docs .what-if-* .rotating-*
	if [ "$(CONFIRM)" = yes ]; then rm -rf published secrets; \
	elif [ -e published ] || [ -e secrets ]; then \
	    echo "The key and the releases stay in $$PWD; CONFIRM=yes removes them too. Load every month again"; fi
