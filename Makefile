# Two commands do everything: `make run` and `make test`. Both set up what is missing, as root or with sudo, and say so.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON := python3.11
VENV := .venv
PY := $(VENV)/bin/python
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
TYPES = nice -n 10 $(VENV)/bin/mypy && $(VENV)/bin/lint-imports | tail -n 20
SAY = @printf '\033[1m▸ %s\033[0m\n'
# Some containers forbid it, and then each program that is started compiles all that it imports once more: seconds each.
unexport PYTHONDONTWRITEBYTECODE
# Files that mostly wait, for devices with deadlines of their own above all: one after the other beside all that computes,
# and before it in the queue for a processor.
WAITING := $(addprefix tests/,$(addsuffix .py,drivers/test_contract releases/test_settings_program \
	drivers/test_modbus_relay_wire drivers/test_barrier_passages drivers/test_barrier_osdp_wire \
	drivers/test_barrier_lcus_wire drivers/test_code_scanner_triggered_wire drivers/test_printer_escpos_step_wire \
	drivers/test_transport_recordings devices_b/test_escpos_wire provisioning/test_drill provisioning/test_checks \
	hub/test_office_abandoned hub/test_gate_notify))
# At the lowest priority, beside what needs the machine quiet: files that only compute, whom no time is set.
COMPUTING := $(addprefix tests/,$(addsuffix .py,ui/test_ui_walk ui/test_ui_walk_afterwards ui/test_ui_walk_desk \
	ui/test_ui_walk_gate ui/test_ui_walk_pictures ui/test_ui_walk_staff ui/test_ui_screens vision/test_paper_finding \
	vision/test_paper_problems vision/test_text_fields vision/test_id_photo vision/test_finish_pages))
# People with reaction times, and calls over bad lines: a busy machine spoils what they are about.
QUIET := tests/demo tests/kiosk/test_help_networks.py tests/hub/test_browser_help.py
KILLING := tests/demo/test_demo.py::test_killing_programs_in_the_middle_loses_and_doubles_nothing

RUN_PACKAGES := libgl1 libegl1 libmtdev1 libzbar0 libusb-1.0-0 alsa-utils fonts-noto-cjk fonts-hanazono \
	rime-data-stroke rime-data-pinyin-simp espeak-ng
TEST_PACKAGES := fonts-noto-core libfribidi0 chromium libatomic1 gcc libc6-dev poppler-utils

.PHONY: help run test check setup setup-test lock clean release

help:
	@echo 'make run    set up what is missing, then start the hub, a gate, a desk and an invented crowd (Ctrl-C ends it)'
	@echo 'make test   set up what is missing, then format, lint, types, layers and tests'
	@echo 'make setup  only set up'
	@echo 'make release  make a release of the terminal: one file and the list of its parts, in out/release'
	@echo 'make lock   pin the dependencies anew (for developers)'

run: setup
	@exec $(PY) -m kiosk demo --live

test: setup setup-test
	$(SAY) 'format and lint'
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
ifdef PYTEST
	$(SAY) 'types and layers'
	@$(TYPES)
	$(SAY) 'tests: $(PYTEST)'
	@$(PY) -m pytest $(PYTEST)
else
	@# Three compute side by side, files that take longest begin (tests/longest.py); types are checked with what they leave.
	$(SAY) 'tests, and beside them types and layers'
	@mkdir -p out; ( $(TYPES) ) >out/types.txt 2>&1 & checks=$$!; done=0; \
	$(PY) -m pytest -q $(WAITING) >out/waiting.txt 2>&1 & waits=$$!; \
	nice -n 5 $(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --durations 8 \
		$(addprefix --ignore=,$(QUIET) $(WAITING) $(COMPUTING)) || done=$$?; \
	wait $$waits || done=$$?; wait $$checks || done=$$?; cat out/waiting.txt out/types.txt; exit $$done
	@# Two have a processor each to themselves. When programs are killed too, a busy machine spoils what the script says:
	@# that one is alone.
	$(SAY) 'demonstrations and calls, and beside them what only computes'
	@nice -n 19 $(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(COMPUTING) >out/computing.txt 2>&1 & \
	computes=$$!; done=0; \
	$(PY) -m pytest -q -n 2 --dist load --maxschedchunk 1 --durations 8 $(QUIET) --deselect $(KILLING) || done=$$?; \
	wait $$computes || done=$$?; cat out/computing.txt; exit $$done
	@$(PY) -m pytest -q --durations 1 $(KILLING)
endif

setup: $(VENV)/.ready

# What Debian has to bring. Asked each time: it takes a moment, and somebody may have removed a package.
setup-test:
	@$(call need,$(TEST_PACKAGES))

define need
missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q '^install ok' || printf '%s ' $$p; done); \
if [ -n "$$missing" ]; then \
	printf '\033[1m▸ installing from Debian: %s\033[0m\n' "$$missing"; \
	$(AS_ROOT) apt-get update -q; \
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
fi
endef

$(VENV)/.ready: requirements.lock package-lock.json provisioning/assets.py Makefile \
		$(wildcard provisioning/input_*.py provisioning/input_words/* ui/voice/*.py kiosk/voice/*.py ui/locale/*.po) \
		ui/reasons.py ui/services_words.py
	@$(call need,$(RUN_PACKAGES))
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { $(call need,python3.11 python3.11-venv); }
	@command -v npm >/dev/null || { $(call need,nodejs npm); }
	$(SAY) 'Python packages, by hash'
	@[ -x $(PY) ] || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements.lock \
		| grep -v '^Requirement already satisfied' || true
	@$(PY) -m pip check --disable-pip-version-check | grep -v -E 'dlib|face-recognition-models|No broken' || true
	$(SAY) 'fonts and scripts, from npm packages'
	@npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	$(SAY) 'fonts, portraits and weights into place'
	@$(PY) -m provisioning.assets
	$(SAY) 'the voice: clips of all fixed sentences'
	@$(PY) -m kiosk voice-clips
	@touch $@

lock:
	@$(PY) -m pip install -q uv
	@$(VENV)/bin/uv pip compile pyproject.toml --extra dev --override overrides.txt --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --python-version 3.11 \
		-q -o requirements.lock

# Where it goes and who signs it: docs/releases.md
release: setup
	@$(PY) -m provisioning release build --out out/release

clean:
	@rm -rf $(VENV) node_modules out var build ui/assets/fonts hub/console/static/vendor
