# The only spelling of a command. `make` alone says what there is.
PYTHON ?= python3.11
BIN := .venv/bin
RUN := $(BIN)/python -m workbench
NBVAL := $(BIN)/pytest -o addopts="-q -ra" --nbval-lax --nbval-current-env --nbval-cell-timeout=300 \
	--nbval-kernel-startup-timeout=120 --nbval-sanitize-with tests/nbval_sanitize.cfg
export HF_HUB_OFFLINE = 1
export TRANSFORMERS_OFFLINE = 1
export TOKENIZERS_PARALLELISM = false
export GRADIO_ANALYTICS_ENABLED = False

.PHONY: help install demo app lab test check notebooks notebooks-check bench doctor clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## make .venv from the pinned requirements (llama-cpp-python compiles: about five minutes)

.venv/installed: requirements.txt requirements-dev.txt requirements-unsloth.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11, or run make PYTHON=python3.12"; exit 1; }
	@command -v c++ >/dev/null || { echo "no C++ compiler: apt-get install g++ (Debian) or xcode-select --install (Mac)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-unsloth.txt
	@touch $@

demo: install ## the whole loop on the built-in model, about five minutes
	$(RUN) improve config/demo.yaml

app: install ## the workbench in a browser, at http://127.0.0.1:7860
	$(BIN)/python app.py

lab: install ## the notebooks in a browser
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb

test: check ## style, types, all tests and notebooks
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=15
	$(NBVAL) notebooks/

notebooks-check: install ## compare every notebook with its stored outputs
	$(NBVAL) notebooks/

check: install ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: install ## run every notebook anew and keep its outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=300 \
		--ExecutePreprocessor.record_timing=False notebooks/*.ipynb

bench: install ## speed and memory beside what you would use instead
	$(BIN)/python -m bench

doctor: install ## what is missing on this machine
	$(RUN) doctor

clean: ## remove runs, caches and made models; keeps .venv
	rm -rf data/runs models/base .pytest_cache .mypy_cache .ruff_cache .hypothesis unsloth_compiled_cache
