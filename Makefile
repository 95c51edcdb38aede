# make demo   install into .venv, extract lines from the sample pictures, say where the results are
# make test   every check and test
# make set    the set of drawings that the networks are trained and scored on
# make bench  the benchmarks
# make lab    every idea of docs/LEARN.md trained and measured, an hour; make lab-small: a few minutes

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What pip installs as torch; a CPU build, where you have one, is a tenth of the size of a CUDA build.
TORCH  ?= torch==2.13.0

.PHONY: demo test check bench lab lab-small set clean

$(VENV)/base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/dev: $(VENV)/base
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	touch $@

demo: $(VENV)/base
	$(BIN)/python examples/demo.py

test: $(VENV)/dev check
	$(BIN)/python -m pytest

check: $(VENV)/dev
	$(BIN)/ruff check src tests bench examples
	$(BIN)/ruff format --check src tests bench examples
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python

set: sets/all/index.json
sets/all/index.json: $(VENV)/dev
	$(BIN)/nurie data build -o sets/all

bench: set
	$(BIN)/python bench/extract_speed.py
	$(BIN)/python bench/colorize_speed.py
	$(BIN)/python bench/train_speed.py

lab: set
	$(BIN)/python bench/lab.py --docs

lab-small: set
	$(BIN)/python bench/lab.py --runs runs/lab-small --steps 10

clean:
	rm -rf $(VENV) out
