# What one types here. `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := asp_dagster asp_dagster_tests benchmarks examples scripts

RELEASE := .venv-release
LOCK := $(RELEASE)/bin/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make lock' --quiet

HELM ?= helm
CHART ?= dagster --repo https://dagster-io.github.io/helm --version 1.13.27

ENGINES := --extra postgres --extra celery --extra kubernetes

# A file to a process, the long ones first, as `asp_dagster_tests/long_files.py` orders them.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder
# To count lines takes a quarter more time, and these tests reach all that are to be reached.
COUNTED := $(addprefix asp_dagster_tests/,spapi catalog mitto partners personal_data \
	test_encodings.py test_failures.py test_wrong_declarations.py)

.PHONY: help demo ui test nightly check format lint types validate docs chart benchmark peers lock audit pictures clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/run.installed ## Land and load a simulated selling partner's last days, and look at them
	@$(BIN)/asp demo

ui: $(VENV)/run.installed ## Open Dagster's UI on the demo's data, simulator running
	@$(BIN)/asp demo ui

test: $(VENV)/dev.installed ## Run the whole test suite
	$(PYTEST) $(addprefix --ignore=,$(COUNTED))
	$(PYTEST) --cov --cov-fail-under=100 $(COUNTED)

nightly: $(VENV)/dev.installed ## Storms in which everything goes wrong, every row compared; then 20,000 hostile inputs
	$(BIN)/python -m asp_dagster_tests.storm --runs 300 --seed 1
	$(BIN)/python -m asp_dagster_tests.machine --kills 60 --seed 1
	$(BIN)/python -m asp_dagster_tests.fuzz --inputs 20000 --seed 1

check: $(VENV)/dev.installed ## Everything that must pass before a change is merged
	$(MAKE) --jobs 2 --output-sync lint types validate docs
	$(MAKE) test

format: $(VENV)/dev.installed ## Format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(VENV)/dev.installed
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/hadolint deploy/Dockerfile deploy/ecs/Dockerfile

types: $(VENV)/dev.installed
	$(BIN)/mypy

# An empty environment: loading the code location needs no setting and no credentials.
validate: $(VENV)/dev.installed
	env -i PATH="$$PATH" HOME="$$HOME" DAGSTER_DISABLE_TELEMETRY=yes $(BIN)/dagster definitions validate -w workspace.yaml

# Strict: a link that leads nowhere, or a page that stands in no menu, ends it.
docs: $(VENV)/dev.installed ## Build the documentation as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

chart: ## Render the values for Kubernetes with Dagster's chart; needs helm and a network
	@mkdir -p build
	$(HELM) template dagster $(CHART) --values deploy/kubernetes/values.yaml > build/chart.yaml

benchmark: $(VENV)/dev.installed ## Measure what the README claims
	$(BIN)/python -m benchmarks.land_and_load
	$(BIN)/python -m benchmarks.large_reports
	$(BIN)/python -m benchmarks.bulk_road
	$(BIN)/python -m benchmarks.quota_efficiency
	$(BIN)/python -m benchmarks.quota_overhead
	$(BIN)/python -m benchmarks.check_cost
	$(BIN)/python -m benchmarks.startup

peers: $(VENV)/dev.installed ## Measure others on the same orders, six minutes; installs them apart
	$(BIN)/python -m benchmarks.peers

lock: $(RELEASE)/installed ## Pin the newest versions that pyproject.toml allows, with their hashes
	$(LOCK) --upgrade --output-file requirements/run.txt
	$(LOCK) --upgrade $(ENGINES) --output-file requirements/deploy.txt
	$(LOCK) --upgrade $(ENGINES) --extra test --extra check --extra docs --output-file requirements/dev.txt

audit: $(RELEASE)/installed ## Look the pinned versions up among the known vulnerabilities
	$(RELEASE)/bin/pip-audit --requirement requirements/dev.txt --require-hashes --disable-pip --strict

pictures: $(VENV)/dev.installed ## Take the documentation's pictures of Dagster's UI anew, with Chromium
	mkdir -p docs/images
	ASP_PICTURES=docs/images $(BIN)/python -m pytest asp_dagster_tests/browser

clean: ## Remove the environments and the demo's data
	rm -rf $(VENV) .venv-peers $(RELEASE) data/demo

# What the lock names and nothing else: the package itself is then put beside it, not built apart.
$(VENV)/run.installed: requirements/run.txt pyproject.toml setup.cfg | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.installed: requirements/dev.txt pyproject.toml setup.cfg | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.installed

$(RELEASE)/installed: pyproject.toml
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --upgrade pip
	$(RELEASE)/bin/python -m pip install --quiet --group release
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
