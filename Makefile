# make run: start with demonstration data · make serve: the real installation · make test: the whole suite
# make bench: measured ratios · make fuzz, make chaos: the long forms · make lock: new lock files
# make long: power cuts, guards, a region's database, every page at three sizes (hours, not in CI)
# make mutate: takes one guard of the product after another away, in a copy, and sees that a test misses it
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run serve test check bench fuzz chaos mutate long lock clean

.venv/run.stamp: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the application needs …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/test.stamp: requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ .venv/run.stamp

run: .venv/run.stamp
	@$(BIN)/python -m competitions.serving --demo

serve: .venv/run.stamp
	@$(BIN)/python -m competitions.serving

check: .venv/test.stamp
	@$(BIN)/ruff check competitions tests migrations wsgi.py
	@$(BIN)/ruff format --check --quiet competitions tests migrations wsgi.py
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config setup.cfg --no-cache
	@$(BIN)/oxlint --deny-warnings competitions/static/js

test: .venv/test.stamp
	@bash .ci/prerequisites
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile

bench: .venv/test.stamp
	@bash .ci/prerequisites
	@$(BIN)/python -m tests.bench

fuzz: .venv/test.stamp
	@$(BIN)/python -m tests.tabular.fuzz

chaos: .venv/test.stamp
	@bash .ci/prerequisites
	@$(BIN)/python -m tests.chaos

mutate: .venv/test.stamp
	@$(BIN)/python -m tests.mutate

long: .venv/test.stamp
	@bash .ci/prerequisites
	@$(BIN)/python -m tests.long

lock:
	@$(BIN)/python -m pip install --quiet uv
	@for name in requirements requirements-dev; do $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 $$name.in -o $$name.lock; done

clean:
	@rm -rf .venv
