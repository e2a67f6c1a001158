# The commands of the project; each installs what is missing. `make help` lists them.
PRESET ?= release
BUILD := $(if $(filter release,$(PRESET)),build,build-$(PRESET))
PREFIX ?= /usr/local
FILTER ?= .
GOLDEN_DIR ?= tests/golden
DEVICE ?= cpu
PYTHON ?= python3
SETUP ?= 1
CMAKE := cmake
# SETUP=0: nothing is installed, neither by apt nor into .venv.
export BISQUE_SETUP := $(SETUP)
SHELL := /bin/sh
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export BISQUE_SHARED ?= $(abspath ../shared)

.DEFAULT_GOAL := build
.PHONY: help setup build demo test install format lint golden test-compat test-gpu bench-gpu fuzz test-sanitize test-fresh test-container test-pip test-arm test-distributed bench docs-images cuda-all wheel lock clean

help: ## prints this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

setup: ## installs Debian packages, .venv and, if missing, nvcc (with SETUP=0, no target installs anything)
	@scripts/setup.sh

build: setup ## builds everything but the tests into build/ (PRESET=debug, asan or tsan into build-NAME/)
	@[ -f $(BUILD)/build.ninja ] || $(CMAKE) --preset $(PRESET)
	@$(CMAKE) --build $(BUILD)

demo: build ## renders the demo head to out/demo.png and out/demo.mp4
	@scripts/demo.sh

test: build ## builds and runs every test
	@$(CMAKE) --build $(BUILD) --target tests/all
	@.venv/bin/python scripts/run_tests.py --build $(BUILD)

install: build ## installs to PREFIX, with a CMake package
	@$(CMAKE) --install $(BUILD) --prefix $(PREFIX)

wheel: build ## packs the Python package bisque3d for any torch from 2.10 into dist/
	@.venv/bin/python scripts/wheel.py $(BUILD)

cuda-all: setup ## builds the CUDA kernels for every architecture from 7.5 to 12.0, into build-cuda-all/
	@$(CMAKE) --preset release -B build-cuda-all -DBISQUE_CUDA=ON -DBISQUE_TESTS=OFF \
	  -DBISQUE_CUDA_ARCHS=all
	@$(CMAKE) --build build-cuda-all --target bisque_ops_cuda

format: ## formats all sources
	@scripts/apt_install.sh scripts/apt-lint.txt
	@scripts/lint.sh --fix

lint: setup ## checks format and clang-tidy, as CI does
	@scripts/apt_install.sh scripts/apt-lint.txt
	@scripts/lint.sh

golden: build ## checks the golden cases of GOLDEN_DIR (tests/golden), on DEVICE=cpu or cuda
	@scripts/golden.sh '$(GOLDEN_DIR)' $(DEVICE)

test-compat: build ## tests the built wheel in torch 2.10.0, 2.11.0, 2.14.1 and 2.15.0
	@scripts/test_compat.sh

test-gpu: ## runs the CUDA tests on a real GPU, with the torch of PYTHON (python3); offline, without building
	@scripts/test_gpu.sh $(PYTHON)

bench-gpu: ## times each op on a real GPU, next to torch
	@$(PYTHON) bench/gpu.py

fuzz: build ## fuzzes every parser for FUZZ_SECONDS (30) each, and the program with FUZZ_MUTATIONS (5000) mutated files
	@scripts/apt_install.sh scripts/apt-lint.txt
	@scripts/fuzz.sh

test-sanitize: setup ## runs all C++ tests under AddressSanitizer, UBSan and ThreadSanitizer
	@scripts/test_sanitize.sh

test-distributed: build ## tests several processes on gloo: torchrun, network namespaces (as root), killed ranks
	@$(CMAKE) --build $(BUILD) --target tests/all
	@scripts/test_distributed.sh

test-fresh: ## runs `make test` in a clone on a bare Debian (FRESH_SUITE=bookworm or trixie); needs root
	@scripts/test_fresh.sh

test-container: ## builds docker/Dockerfile with Docker or buildah from a clean clone, runs its tests and checks its images (needs root without Docker)
	@scripts/test_container.sh

test-arm: setup ## cross builds for 64-bit ARM into build-arm/ and runs tests under qemu, as on a Raspberry Pi 4 and 5
	@scripts/test_arm.sh

test-pip: setup ## installs the tree by pip into a folder outside it, and uses bisque3d.cpp there
	@scripts/test_pip.sh

bench: build ## prints a table and writes out/bench.json; FILTER=regex
	@scripts/bench.sh '$(value FILTER)'

docs-images: build ## renders the pictures of README and docs into docs/pictures/
	@scripts/docs_images.sh

lock: setup ## updates the pins of requirements/*.in
	@for name in dev cuda peers; do .tools/uv/bin/uv pip compile -q --universal --no-header --python-version 3.11 \
	  --overrides $$(test -e requirements/$$name.overrides && echo requirements/$$name.overrides || echo /dev/null) \
	  requirements/$$name.in -o requirements/$$name.lock; done

clean: ## removes build outputs
	rm -rf build build-* out
