# The only spelling of a command. `make` alone says what there is.
PYTHON ?= python3.11
BIN := .venv/bin
RUN := $(BIN)/workbench
# Every output is compared but those of cells tagged nbval-ignore-output. BROWSER_PATH: stored pictures are not compared,
# so that none is drawn. OMP_NUM_THREADS: two kernels at once, a thread each; more would wait for one another in circles.
NBVAL := BROWSER_PATH=none OMP_NUM_THREADS=1 $(BIN)/pytest -o addopts="-q -ra" --nbval --nbval-current-env --nbval-cell-timeout=1200 \
	--nbval-kernel-startup-timeout=600 --nbval-sanitize-with tests/nbval_sanitize.cfg
# the longest first: started last, one would leave a worker alone with it
LONG_BOOKS := notebooks/06_improvement_loop.ipynb notebooks/08_gguf_export.ipynb
BOOKS := $(LONG_BOOKS) $(filter-out $(LONG_BOOKS),$(sort $(wildcard notebooks/*.ipynb)))
export HF_HUB_OFFLINE = 1
export TRANSFORMERS_OFFLINE = 1
export TOKENIZERS_PARALLELISM = false
export GRADIO_ANALYTICS_ENABLED = False
# Containers often forbid Python to keep what it compiled. Every process of ours would compile torch and transformers anew:
# 15 processor seconds instead of 6, some hundred times in `make test`.
unexport PYTHONDONTWRITEBYTECODE

# torch: the CUDA build where there is an NVIDIA GPU, else the CPU build; `make TORCH=cpu app` decides by hand.
TORCH ?= $(if $(shell command -v nvidia-smi),cuda,cpu)
CPU_INDEX := https://download.pytorch.org/whl/cpu
WHEELS := $(if $(wildcard $(addsuffix /torch-*cpu*.whl,$(PIP_FIND_LINKS))),$(PIP_FIND_LINKS))# a folder that holds a CPU build already

# uv where it is there, pip otherwise: the same versions, from constraints.txt.
ifneq ($(shell command -v uv),)
VENV := uv venv --quiet --allow-existing --python $(patsubst python%,%,$(PYTHON)) .venv
PIP := uv pip install --quiet --python $(BIN)/python
WHEEL := uv build --wheel --quiet
FROM := $(if $(WHEELS),--find-links $(WHEELS),--torch-backend $(if $(filter cuda,$(TORCH)),auto,cpu))
else
VENV := $(PYTHON) -m venv .venv
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
WHEEL := $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
FROM := $(if $(WHEELS),,$(if $(filter cpu,$(TORCH)),--extra-index-url $(CPU_INDEX)))
endif

# llama-cpp-python is compiled, for CUDA where GPU and nvcc are there, without its part for pictures, which nothing here
# uses, and without AMX: GCC 12.2 loses most of a tile's configuration, and every quantized model dies of it (signal 4).
# Another build: make CMAKE_ARGS="-DGGML_VULKAN=on" app
AMX := $(shell grep -qsw amx_int8 /proc/cpuinfo && echo -DCMAKE_CXX_FLAGS=-mno-amx-int8)
export CMAKE_ARGS ?= -DLLAVA_BUILD=off $(AMX) $(if $(and $(filter cuda,$(TORCH)),$(shell command -v nvcc)),-DGGML_CUDA=on)

.PHONY: help install demo app lab docs test tests check notebooks notebooks-check bench wheel doctor clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/app ## make .venv for demo and app (llama-cpp-python compiles: about five minutes)

.venv/torch: constraints.txt
	@command -v uv >/dev/null || command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) is not there: install Python 3.11, or run make PYTHON=python3.12"; exit 1; }
	@command -v c++ >/dev/null || { echo "no C++ compiler: apt-get install g++ (Debian) or xcode-select --install (Mac)"; exit 1; }
	test -x $(BIN)/python || $(VENV)
	$(PIP) -c constraints.txt $(FROM) torch
	@touch $@

# one file a role; what a role has already is not installed again
.venv/app: .venv/torch pyproject.toml
	$(if $(AMX),$(PIP) --no-cache-dir -c constraints.txt llama-cpp-python # one built with AMX may lie in the cache)
	$(PIP) -c constraints.txt -e ".[train,app]"
	@touch $@

.venv/lab: .venv/app
	$(PIP) -c constraints.txt -e ".[notebooks]"
	@touch $@

.venv/dev: .venv/lab requirements-unsloth.txt
	$(PIP) -c constraints.txt -e ".[bench,dev]"
	$(PIP) --no-deps -r requirements-unsloth.txt
	@touch $@

# needs no model library: docstrings are read, not imported
.venv/docs: constraints.txt pyproject.toml
	test -x $(BIN)/python || $(VENV)
	$(PIP) -c constraints.txt -e ".[docs]"
	@touch $@

demo: .venv/app ## does choosing teach? the loop on the built-in model beside its control, about six minutes
	$(RUN) improve choosing

app: .venv/app ## the workbench in a browser, at http://127.0.0.1:7860
	$(RUN) app

lab: .venv/lab ## the notebooks in a browser
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb

docs: .venv/docs ## README, notebooks and docstrings as a site, in site/
	$(BIN)/python -m mkdocs build --quiet --strict
	@echo "open site/index.html"

test: check tests notebooks-check ## style, types, all tests and notebooks

tests: .venv/dev ## all tests alone
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=15

notebooks-check: .venv/dev ## compare every notebook with its stored outputs
	$(NBVAL) -n 2 --dist loadfile --no-loadscope-reorder $(BOOKS)

check: .venv/dev ## style, types and declared packages alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .

notebooks: .venv/dev ## run every notebook anew and keep its outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=1200 \
		--ExecutePreprocessor.record_timing=False notebooks/*.ipynb

bench: .venv/dev ## speed and memory beside what you would use instead
	$(BIN)/python -m bench

wheel: .venv/torch ## the package as one file, in dist/
	$(WHEEL)
	@ls -sh dist/*.whl

doctor: .venv/app ## what is missing on this machine
	$(RUN) doctor

clean: ## remove runs, caches and made models; keeps .venv
	rm -rf data/runs models/base dist site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis unsloth_compiled_cache
