# Everything runs in .venv, which the first target that you call sets up.
PORT ?= 8000
LAB_FLAGS ?=
RECORD_FLAGS ?=
VERIFY_FLAGS ?=
TEST_FLAGS ?= -n auto --maxprocesses 4 --dist loadfile
ASSIGN_FLAGS ?=
GRADE_FLAGS ?=
# Options of the classroom's commands, from make's command line alone: a shell has its own OUT and NAME.
option = $(if $(findstring command,$(origin $(2))),--$(1) '$(subst ','\'',$($(2)))')
ASSIGN = $(call option,chapter,CHAPTER) $(call option,name,NAME) $(call option,leave-out,LEAVE_OUT) \
	$(call option,plan,PLAN) $(call option,roster,ROSTER) $(call option,format,FORMAT) $(call option,seed,SEED) \
	$(call option,out,OUT) $(ASSIGN_FLAGS)
LMS = $(call option,format,FORMAT) $(call option,chapter,CHAPTER) $(call option,bank,BANK) \
	$(call option,exercises,EXERCISES) $(call option,seed,SEED) $(call option,out,OUT)
BENCH_HUB = $(call option,users,USERS) $(call option,chapter,CHAPTER) $(call option,over,OVER)
GRADE = $(if $(findstring command,$(origin IN)),'$(subst ','\'',$(IN))') $(call option,assignment,ASSIGNMENT) \
	$(call option,gradebook,GRADEBOOK) $(call option,out,OUT) $(GRADE_FLAGS)

BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
IN_VENV := $(BIN)/python
FIND_PYTHON = PYTHON="$(PYTHON)" sh tools/find_python.sh $(firstword $(MAKECMDGOALS))

# A shell may say for other projects where Python and pip look and install. Indexes, proxies and certificates stay.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONSTARTUP PYTHONUSERBASE PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX
unexport PYTHONOPTIMIZE PYTHONDONTWRITEBYTECODE PYTHONWARNINGS PYTHONINSPECT PYTHONCASEOK PYTHONEXECUTABLE __PYVENV_LAUNCHER__
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN PIP_DOWNLOAD PIP_REQUIREMENT
unexport PIP_EDITABLE PIP_CONSTRAINT PIP_IGNORE_INSTALLED PIP_REQUIRE_HASHES PIP_PLATFORM PIP_PYTHON_VERSION PIP_ABI

.DEFAULT_GOAL := help
.PHONY: help serve book check test lab notebooks assign grade record verify ledger lms bench bench-hub lock clean .venv

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: ## set up everything, build the book and serve it on this machine (PORT=8000)
	@python=$$($(FIND_PYTHON)) && "$$python" tools/serve.py --check $(PORT)
	@$(MAKE) --no-print-directory book
	@$(IN_VENV) tools/serve.py $(PORT)

book: .venv ## execute the chapters and build the book into _build/html
	@$(IN_VENV) tools/make_book.py

check: .venv ## in a minute or two: the linter, and the tests that need no browser, no host and no long training
	@$(IN_VENV) -m ruff check --quiet . && $(IN_VENV) -m ruff format --quiet --check .
	@$(IN_VENV) -m pytest -n auto --maxprocesses 4 -q -m "not slow and not rounding"

test: .venv ## run every test (TEST_FLAGS="-n 0 -k gradient" for some)
	@$(IN_VENV) tools/browser.py
	$(IN_VENV) -m pytest $(TEST_FLAGS)

lab: notebooks ## open the chapters in JupyterLab (LAB_FLAGS=--no-browser)
	$(BIN)/jupyter lab $(LAB_FLAGS) notebooks

notebooks: .venv ## write the chapters as notebooks into notebooks/; your own changes there are kept
	@$(IN_VENV) tools/notebooks.py --out notebooks

assign: .venv ## copies of chapters for students, their solutions, and a key (CHAPTER=gradient,capacity NAME= FORMAT=plain|otter|nbgrader)
	@$(IN_VENV) -m classroom.assign $(ASSIGN)

grade: .venv ## grade what students handed in, in a sandbox (IN=canvas.zip ASSIGNMENT=assignments/NAME/private/NAME.json)
	@$(IN_VENV) -m classroom.grading $(GRADE)

record: .venv ## run the training experiments that records/ lacks (RECORD_FLAGS=--help for choices; minutes to hours)
	@$(IN_VENV) -m sevenlenses.record $(RECORD_FLAGS)

verify: .venv ## see whether changed code still gives the recorded numbers (VERIFY_FLAGS=--help for choices)
	@$(IN_VENV) -m sevenlenses.record.verify $(VERIFY_FLAGS)

ledger: .venv ## write the ledger of claims, records/ledger.csv, anew from the records
	@$(IN_VENV) -m sevenlenses.ledger

lms: .venv ## write the question bank for a learning platform: FORMAT=qti|qti21|moodle|gift (CHAPTER=a,b EXERCISES=none BANK=DIR)
	@$(IN_VENV) -m classroom.lms $(LMS)

bench: .venv ## measure speed, size and memory
	@$(IN_VENV) tools/bench.py

bench-hub: .venv ## measure a class on a hub: USERS=10 readers at once, or over so many seconds (OVER=60)
	@$(IN_VENV) tools/bench_hub.py $(BENCH_HUB)

lock: .venv ## resolve requirements.lock anew, for Python 3.11 to 3.13
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock requirements.txt requirements-tools.txt

clean: ## remove what was built; .venv and notebooks/ stay
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

.venv:
	@python=$$($(FIND_PYTHON)) && "$$python" tools/setup_env.py
