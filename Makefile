# Everything here works in a fresh clone on Debian 12 with Swift: missing packages are installed
# first. The same flags everywhere, so that tests and program share their objects; tests reach
# internal declarations, hence -enable-testing.

SWIFT ?= swift
FLAGS := -c release -Xswiftc -enable-testing
STUDIO := .build/release/studio
PACKAGES := libopenblas-dev libpng-dev libjpeg-dev libwebp-dev libsixel-dev libncursesw5-dev \
	libsqlite3-dev libcurl4-openssl-dev
# For looking at the app in a real terminal.
TERMINAL_PACKAGES := xterm xvfb xdotool tmux fonts-dejavu-core python3-pil

.PHONY: demo run bench bench-ours test test-terminal screens gallery build lint format manual install-packages \
	install-terminal-packages

## demo: show the main job on the sample pictures
demo: build
	@$(STUDIO) demo $(ARGS)

## run: open the app; ARGS="concept list" passes arguments
run: build
	@STUDIO_SAMPLES="$(CURDIR)/Samples" $(STUDIO) $(ARGS)

## bench: compare the speed with llama.cpp, Transformers and OpenVINO (35 GB, an hour; Benchmarks/README.md)
bench: build
	@Benchmarks/bench.py all $(ARGS)

## bench-ours: measure only studio, on a random 3B checkpoint
bench-ours: build
	@Benchmarks/bench.py all --peers ours $(ARGS)

## test: run every test that needs neither a network nor weights from outside
test: install-packages
	@log=$$(mktemp); { $(SWIFT) test $(FLAGS) 2>&1; echo $$? > $$log.status; } | tee $$log; \
	status=$$(cat $$log.status); \
	if [ "$$status" != 0 ]; then \
		echo; echo "What failed, once more:"; grep -aE '✘|error:' $$log | tail -40; \
	fi; \
	rm -f $$log $$log.status; exit $$status

## test-terminal: look at the app's pixels in a real xterm
test-terminal: build install-terminal-packages
	Tests/Scripts/app_in_xterm.py $(STUDIO) $(ARGS)

## screens: take the pictures of docs/screens again
screens: build install-terminal-packages
	Tools/take_screens.py $(STUDIO) docs/screens $(ARGS)

## gallery: make docs/gallery.html again, with its pictures where Chromium is installed
gallery: build
	Tools/make_gallery.py $(STUDIO) docs/gallery.html --screens docs/screens

build: install-packages
	$(SWIFT) build $(FLAGS) --product studio

## lint: check the format of all Swift files
lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

## format: bring all Swift files into format
format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

## manual: write the manual page from the program's own help
manual: build
	$(STUDIO) manual > Documentation/studio.1

## install-terminal-packages: install what test-terminal and screens need
install-terminal-packages:
	@$(MAKE) --no-print-directory install-packages PACKAGES="$(TERMINAL_PACKAGES)"

## install-packages: install the Debian packages that are missing
install-packages:
	@command -v $(SWIFT) >/dev/null || { \
		echo "Swift 6.2 or newer is needed; see https://www.swift.org/install" >&2; exit 1; }
	@if ! command -v dpkg-query >/dev/null; then \
		echo "Not a Debian system: make sure the development files of OpenBLAS, libpng," \
			"libjpeg-turbo, libwebp, libsixel, ncursesw, SQLite and libcurl are installed." >&2; \
		exit 0; \
	fi; \
	missing=; \
	for package in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
			|| missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		echo "Installing$$missing"; \
		$$sudo apt-get update && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
			$$missing; \
	fi
