# make study   the first study: trained, drawn, tabulated and reported in results/first_look
# make test    linters, type check and the whole test suite
# make quick   linters and tests of what is declared, read and tabulated, which need no compiler: for every change
# All install into .venv first, again only when pyproject.toml changes. Choose an interpreter with PYTHON=python3.12.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
RESULTS := results/first_look
DRAWN := $(RESULTS)/figures/summary.txt
REPORT := $(RESULTS)/report.html

# Two processes, each with the next group of tests as it has ended one, in the order that tests/conftest.py gives.
TOGETHER := -n 2 --dist loadgroup --no-loadscope-reorder
QUICK := $(addprefix tests/,common declare text tables catalogue measures model/checks study/file \
  test_layers.py test_docs.py engine/test_presentation.py model/test_structure.py \
  engine/compiled/test_cache_folder.py) --ignore-glob='*fuzz*'

.PHONY: study test quick install requirements
.DELETE_ON_ERROR:

# Where a run failed (1), the others are drawn and reported; Ctrl-C (130) ends all. What is there is made again only when
# the tables have changed. No line names $(MAKE), so that `make --dry-run study` trains nothing.
study: install
	@status=0; \
	$(BIN)/workbench run studies/first_look/study.toml --out $(RESULTS) || status=$$?; \
	if [ $$status -gt 1 ] || [ ! -e $(RESULTS)/runs.parquet ]; then exit $$status; fi; \
	if [ ! -e $(DRAWN) ] || [ $(RESULTS)/runs.parquet -nt $(DRAWN) ]; then \
	  $(BIN)/workbench figures $(RESULTS) > /dev/null || exit; \
	fi; \
	if [ ! -e $(REPORT) ] || [ $(RESULTS)/runs.parquet -nt $(REPORT) ]; then \
	  $(BIN)/workbench report $(RESULTS) > /dev/null || exit; \
	fi; \
	echo "Tables: $(RESULTS). Figures: $(RESULTS)/figures. Report: $(REPORT)."; \
	exit $$status

# Every check runs, so that one look shows all that is wrong; pytest comes last and so has the last word.
test: install
	@status=0; began=$$(date +%s); \
	$(BIN)/ruff check . || status=$$?; \
	$(BIN)/ruff format --check . || status=$$?; \
	$(BIN)/mypy || status=$$?; \
	WORKBENCH_TEST_BEGAN=$$began $(BIN)/pytest $(TOGETHER) || status=$$?; \
	exit $$status

# What asks for a compiler is skipped: see tests/conftest.py.
quick: install
	@status=0; began=$$(date +%s); \
	$(BIN)/ruff check . || status=$$?; \
	$(BIN)/ruff format --check . || status=$$?; \
	CXX=no-compiler-for-quick-tests WORKBENCH_TEST_BEGAN=$$began $(BIN)/pytest $(TOGETHER) $(QUICK) || status=$$?; \
	exit $$status

install: requirements $(INSTALLED)

$(INSTALLED): pyproject.toml | requirements
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@

requirements:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "error: '$(PYTHON)' is not a program. Install Python 3.11, 3.12, 3.13 or 3.14, or name it: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { \
	  echo "error: '$(PYTHON)' is $$($(PYTHON) --version 2>&1), but Python 3.11, 3.12, 3.13 or 3.14 is needed." \
	    "Name another: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@command -v g++ > /dev/null || { \
	  echo "error: g++ is missing, and networks are compiled. Install it, e.g. with: apt-get install g++" >&2; \
	  exit 1; }
