# The course's commands. `make help` lists them.

PYTHON       ?= python3
VENV         ?= .venv
# PyTorch's wheel index. Empty: pip's own. By default the CPU builds, where pip can reach them:
# a plain `torch` on Linux brings several gigabytes of CUDA along.
TORCH_INDEX  ?= auto
SUBMITTED    ?=
DATA         ?=
LABS         ?=
AT_ONCE      ?=
DASK         ?=
WITH         ?=
LECTURE      ?= 03
EDITION      ?= pl
SLIDE        ?= 1
# Jobs of tests at a time, and the one document whose tests to run (04_memory); empty: all.
JOBS         ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
ONLY         ?=

BIN    := $(VENV)/bin
PY     := $(BIN)/python
READY  := $(VENV)/.ready
CPU    := https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := all
.PHONY: all setup test test-fast notebooks diagrams check deck watch site bundle lab study present data data-check full release grade formgrader feedback moodle \
        bench bench-grading lint format clean help

all: setup ## Build the course into build/: decks, pages, PDFs, an index in each language
	@$(PY) -m press build

setup: $(READY) ## Create .venv with everything pinned in constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@index="$(TORCH_INDEX)"; \
	if [ "$$index" = auto ]; then \
	  if $(PY) -c 'import urllib.request as u; u.urlopen("$(CPU)/torch/", timeout=5)' 2>/dev/null; \
	  then index=$(CPU); else index=; fi; \
	fi; \
	echo "installing (about 3.5 GB in $(VENV))$${index:+, PyTorch from $$index}"; \
	$(PY) -m pip install --quiet --disable-pip-version-check $${index:+--extra-index-url $$index} \
	  -c constraints.txt -e .
	@touch $(READY)

test: setup ## Run all tests, or those of one document: make test ONLY=04_memory
	@$(PY) tests/run.py --jobs $(JOBS) $(if $(ONLY),--only "$(ONLY)")

test-fast: setup ## Run the tests that need neither a browser nor the notebooks
	@$(PY) -m pytest -q -m "not browser and not lectures" -n $(JOBS) --dist loadfile

notebooks: setup diagrams ## Regenerate the notebooks from the sources, executing what changed
	@$(PY) -m press editions

diagrams: setup ## Redraw the diagrams in img/
	@$(PY) -m unrolled.diagrams

check: setup ## Read all sources and name what is wrong with them
	@$(PY) -m press check

deck: setup ## Export one lecture's decks into build/: make deck LECTURE=03
	@$(PY) -m press deck --lecture $(LECTURE)

watch: setup ## Make decks again as you save their sources; the open browser shows the new one
	@$(PY) -m press watch

site: setup ## Build what students may have into build/site/ (WITH=solutions: the solutions, too)
	@$(PY) -m press site $(if $(filter solutions,$(WITH)),--solutions)

bundle: setup ## The same as one file for Moodle or a memory stick: build/unrolled.zip
	@$(PY) -m press site $(if $(filter solutions,$(WITH)),--solutions) --zip build/unrolled.zip

lab: setup ## Open JupyterLab for presenting: scratch copies of all notebooks, RISE button
	@$(PY) -m press lab

study: setup ## Open JupyterLab on the labs for studying: your work is saved (EDITION=en)
	@$(PY) -m press lab --study --open labs/$(EDITION)

present: setup ## Present a lecture: make present LECTURE=03 (or gates) EDITION=pl SLIDE=1
	@$(PY) -m press present --lecture "$(LECTURE)" --edition $(EDITION) --slide $(SLIDE)

data: setup ## Fetch the full data sets that are missing, with their licences (DATA="mnist imdb": these)
	@$(PY) -m press data $(DATA)

data-check: setup ## Say which full data sets are there, missing or broken; fetch nothing
	@$(PY) -m press data --check $(DATA)

full: setup ## Execute the labs at full scale; goes on where it stopped (LABS="03_airline …", AT_ONCE=2, DASK=tcp://…)
	@$(PY) -m press full $(LABS) $(if $(AT_ONCE),--at-once $(AT_ONCE)) $(if $(AGAIN),--again) $(if $(DASK),--dask "$(DASK)")

release: setup ## Write the labs' assignments for students, in both languages
	@$(PY) -m press release

grade: setup ## Grade submissions: make grade SUBMITTED=folder-or-archive (or AGAIN=student, REMOVE=student; PARTICIPANTS=list.csv)
	@[ -n "$(SUBMITTED)$(AGAIN)$(REMOVE)" ] || \
	  { echo "say what to grade: make grade SUBMITTED=folder-or-archive (or AGAIN=student, REMOVE=student)"; exit 2; }
	@$(PY) -m press grade $(if $(SUBMITTED),"$(SUBMITTED)") $(if $(AGAIN),--again "$(AGAIN)") \
	  $(if $(REMOVE),--remove "$(REMOVE)") $(if $(PARTICIPANTS),--participants "$(PARTICIPANTS)") $(if $(DECIMAL),--decimal "$(DECIMAL)") $(if $(DASK),--dask "$(DASK)")

formgrader: setup ## Mark open questions by hand, in the browser
	@$(PY) -m press formgrader

feedback: setup ## Write feedback and grades.csv again, with the marks by hand
	@$(PY) -m press feedback $(if $(DECIMAL),--decimal "$(DECIMAL)")

moodle: setup ## Fill in Moodle's grading worksheet, pack its feedback: make moodle WORKSHEET=file.csv LAB=03
	@[ -n "$(WORKSHEET)" ] && [ -n "$(LAB)" ] || { echo "say both: make moodle WORKSHEET=file.csv LAB=03"; exit 2; }
	@$(PY) -m press moodle "$(WORKSHEET)" --lab "$(LAB)" $(if $(DECIMAL),--decimal "$(DECIMAL)")

bench-grading: setup ## Hold the grader to its bank; write bench/grading.json
	@$(PY) -m bench.grading

bench: setup ## Measure decks, cells, BLEU and a changed slide beside nbconvert, torch, Keras, sacreBLEU
	@$(PY) -m bench.decks
	@$(PY) -m bench.cells
	@$(PY) -m bench.beside

lint: setup ## Check format, lint and types
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

format: setup ## Format the code (notebooks are formatted in their sources)
	@$(BIN)/ruff format --exclude '*.ipynb' . && $(BIN)/ruff check --fix --exclude '*.ipynb' .

clean: ## Remove build/ (the virtual environment stays)
	@rm -rf build

help: ## List these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | \
	  awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
