# Everything from a fresh clone: `make up` starts Portico, `make test` proves it.
SHELL := /bin/sh
PORT ?= 8000
# Test processes side by side; a file of tests stays in one of them.
WORKERS ?= 2
BIN := .venv/bin
# The tests start hundreds of Python processes: none of them should compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON_READY := .venv/.ready
NODE_READY := node_modules/.ready
CLIENT_READY := .build/.ready
PEERS_READY := .build/peers/.ready

CLIENT_SOURCES := $(shell find host/client microapps tools -type f \
	\( -name '*.ts' -o -name '*.tsx' -o -name '*.svelte' -o -name '*.mjs' -o -name '*.css' -o -name '*.json' -o -name '*.svg' \) \
	-not -path '*/node_modules/*')

.PHONY: up test test-python test-client check format bench soak build screenshot lock clean help

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

up: $(CLIENT_READY) ## Start the platform with the reference application (PORT=8000)
	@exec $(BIN)/portico up --demo --port $(PORT)

test: $(CLIENT_READY) .venv/.browser test-client test-python ## Run every test; ends with pytest's closing line

test-client: $(CLIENT_READY) .venv/.browser ## Tests of the browser code, in Node and in Chromium
	@tools/with-node npx vitest run

test-python: $(CLIENT_READY) .venv/.browser $(PEERS_READY)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(NODE_READY) ## Lint, type checks and dependency rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	tools/with-node npx tsc --build
	tools/with-node npx biome check

format: $(NODE_READY) ## Format Python and TypeScript
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	tools/with-node npx biome check --write

bench: $(CLIENT_READY) ## Run the benchmarks and print their tables
	$(BIN)/python -m benchmarks

soak: $(CLIENT_READY) .venv/.browser ## Long runs
	$(BIN)/python -m pytest -m soak --hypothesis-profile=default -o timeout=3600

build: $(CLIENT_READY) ## Build the browser code

screenshot: $(CLIENT_READY) .venv/.browser ## Make the README's screenshots
	$(BIN)/python -m tools.screenshot

lock: ## Compile the lock files anew
	tools/lock

clean: ## Remove what was built and installed; keeps .portico
	rm -rf .venv .build node_modules host/src/portico/host/static microapps/*/dist

$(PYTHON_READY): requirements.lock pyproject.toml $(wildcard bffs/*/pyproject.toml) tools/python-env
	@tools/python-env
	@touch $@

$(NODE_READY): $(PYTHON_READY) package-lock.json package.json $(wildcard microapps/*/package.json host/client/*/package.json) tools/with-node
	@echo "Installing npm packages ..."
	@tools/with-node npm ci --no-progress --loglevel=error
	@touch $@

$(CLIENT_READY): $(NODE_READY) $(CLIENT_SOURCES)
	@echo "Building the browser code ..."
	@tools/with-node node tools/build.mjs
	@mkdir -p $(@D)
	@touch $@

# Other people's servers, which tests and benchmarks run beside ours.
$(PEERS_READY): $(NODE_READY) benchmarks/peers/package-lock.json tools/peers.py
	@$(BIN)/python -c 'from tools.peers import import_map_deployer; import_map_deployer()'
	@touch $@

.venv/.browser: $(PYTHON_READY) tools/browser.py
	@$(BIN)/python -m tools.browser
	@touch $@
