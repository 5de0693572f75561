# Targets for developers and CI. `make` without a target lists them.

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Every import of one of our targets must be declared in Package.swift.
BUILD_FLAGS := --explicit-target-dependency-import-check error
# A directory with the static libstdc++ alone, which the linker searches first.
STATIC_LIBSTDCXX := $(CURDIR)/.build/static-libstdc++
# swift-argument-parser uses four declarations of FoundationEssentials, which is 5 MB of the program. ParserFoundation
# has them in its place (decision 0053). The parser doesn't declare that, so debug builds alone check the imports.
WITHOUT_FOUNDATION := -Xswiftc -module-alias -Xswiftc FoundationEssentials=ParserFoundation \
	-Xswiftc -Xcc -Xswiftc -fmodule-map-file=$(CURDIR)/Sources/CJansson/module.modulemap
# Its regular expressions are a megabyte of the program. A use of its functions fails to compile; TextSearch has those
# for literal text (decision 0053).
WITHOUT_STRING_PROCESSING := -Xswiftc -Xfrontend -Xswiftc -disable-implicit-string-processing-module-import
# A megabyte of relocations takes 9 kB in a form that the linker gold can't write.
PACKED_RELOCATIONS := -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs
# Generic types find their protocol conformances at build time, and not by a search through all of them at run time.
STATIC_METADATA := -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
# The C++ and compiler libraries of the Swift runtime are linked statically, the loader searches no
# directory relative to the program, and its tables are read-only before the program starts (full RELRO).
# -Osize takes 6 % from the file, and lists of 100,000 prefixes take no longer (decision 0053).
RELEASE_FLAGS := -c release -Xswiftc -Osize --static-swift-stdlib --disable-local-rpath -Xswiftc -L$(STATIC_LIBSTDCXX) \
	-Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xlinker --strip-all -Xlinker -z -Xlinker relro \
	-Xlinker -z -Xlinker now -Xlinker --no-export-dynamic -Xlinker --icf=all $(PACKED_RELOCATIONS) $(STATIC_METADATA) \
	$(WITHOUT_FOUNDATION) $(WITHOUT_STRING_PROCESSING) -Xswiftc -Xfrontend -Xswiftc -function-sections
# Creating namespaces whose processes have different owners needs root.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env=PATH,TPROXY_TEST_SEED,TPROXY_CACHE,TPROXY_ARCHIVE)
# The seed and the number of configurations of the differential test.
SEED ?=
COUNT ?=
# Debian suites whose kernel or programs are tested; by default all from bullseye on.
SUITES ?=
NAMESPACE_SUITES := NetnsTests|DifferentialTests
# Parts of the benchmarks, separated by commas; QUICK=1 is a short measurement and writes no document.
BENCH ?= applying,dataplane,startup,plugin,ebpf
SOURCES := Package.swift Sources Tests

.DEFAULT_GOAL := help
.PHONY: help setup setup-test build bpf image man deb demo test test-unit test-netns test-image test-kernels test-distros \
	differential traffic faults fuzz fuzz-minimise bench flood lint format golden screenshots check install clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are needed to build
	@.ci/setup

setup-test: ## Install the Debian packages that are needed to build and test
	@.ci/setup test
	@.ci/setup-validator

build: setup ## Build the release binaries, .build/release/tproxy and tproxy-cni
	@mkdir -p $(STATIC_LIBSTDCXX)
	@ln -sf "$$($(dir $(shell command -v $(SWIFT)))clang -print-file-name=libstdc++.a)" $(STATIC_LIBSTDCXX)
	$(SWIFT) build $(RELEASE_FLAGS) --target ParserFoundation
	$(SWIFT) build $(RELEASE_FLAGS) --product tproxy
	$(SWIFT) build $(RELEASE_FLAGS) --product tproxy-cni
	@.ci/libraries .build/release/tproxy
	@.ci/libraries .build/release/tproxy-cni
	@! grep -q TPROXY_FAULT .build/release/tproxy .build/release/tproxy-cni || \
		{ echo "a release binary contains fault injection (TPROXY_FAULT)" >&2; exit 1; }

image: build ## Build the container image, .build/image/tproxy.tar (an OCI archive), and its SBOM
	@.ci/setup image
	.ci/image/build .build/release .build/image

# The program of swift-argument-parser that describes options.
GENERATE_MANUAL := .build-manual/debug/generate-manual

man: build ## Write the manual pages, .build/man
	@.ci/setup packages
	$(SWIFT) build --package-path .build/checkouts/swift-argument-parser --scratch-path .build-manual --product generate-manual
	rm -rf .build/man
	.ci/packages/manual .build/release/tproxy $(GENERATE_MANUAL) "$$(git log -1 --format=%cs)" .build/man
	.ci/packages/check-manual .build/man

deb: man ## Build the Debian packages, .build/deb
	.ci/packages/deb .build/release $(GENERATE_MANUAL) .build/deb
	lintian --fail-on error,warning --allow-root .build/deb/*.changes

bpf: setup ## Compile the eBPF programs; lint compares the object with its sources
	.ci/programs build

demo: build ## Rehearse the default configuration with real packets, in throwaway namespaces
	$(AS_ROOT) .build/release/tproxy rehearse --config rulesets/default/tproxy.yaml \
		--facts rulesets/default/facts.json

test: test-unit test-netns test-image ## Run all tests; those that load rules run in a namespace of their own

test-unit: setup-test
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build $(BUILD_FLAGS)

test-netns: setup-test
	@for suite in $(subst |, ,$(NAMESPACE_SUITES)); do \
		grep -q "name: \"$$suite\"" Package.swift || { echo "Package.swift has no test target $$suite" >&2; exit 1; }; \
	done
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(AS_ROOT) unshare --net env REQUIRE_NETNS=1 TPROXY_ENVOY="$$(.ci/kubernetes/envoy)" \
		$(SWIFT) test --skip-build $(BUILD_FLAGS) --no-parallel --filter '$(NAMESPACE_SUITES)'

test-image: image setup-test ## Check the image, and run pods with it through containerd and podman
	.ci/image/check .build/release .build/image
	$(AS_ROOT) .ci/kubernetes/pods .build/image/tproxy.tar "$$(.ci/kubernetes/envoy)"

test-kernels: build ## Boot the kernels of Debian's SUITES in QEMU, and test every backend there
	@.ci/setup kernels
	.ci/compatibility/kernels .build/release/tproxy $(SUITES)

test-distros: image ## Test every backend with the nft and iptables of Debian's SUITES, in chroots, and pods in one
	@.ci/setup distros
	$(AS_ROOT) .ci/compatibility/distros .build/release/tproxy $(SUITES)

differential: setup-test ## Compare every backend with the interpreter: SEED=number, COUNT=configurations
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(AS_ROOT) unshare --net env REQUIRE_NETNS=1 TPROXY_DIFFERENTIAL_SEED=$(SEED) \
		TPROXY_DIFFERENTIAL_COUNT=$(COUNT) $(SWIFT) test --skip-build $(BUILD_FLAGS) --no-parallel \
		--filter DifferentialTests.DifferentialTests

faults: setup-test ## Try every fault of every command (slow), and rewrite docs/faults.md
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	-$(AS_ROOT) unshare --net env REQUIRE_NETNS=1 TPROXY_TEST_FAULTS=all RECORD=1 \
		$(SWIFT) test --skip-build $(BUILD_FLAGS) --no-parallel --filter NetnsTests.FaultTests
	git --no-pager diff --stat -- docs/faults.md

bench: build ## Compare with nft, kumactl's sequence and others; BENCH=applying,dataplane,startup,plugin,ebpf QUICK=1
	@.ci/setup bench
	$(SWIFT) build $(RELEASE_FLAGS) --product TproxyBench
	$(AS_ROOT) unshare --net --mount .build/release/TproxyBench $(BENCH) --json .build/bench.json \
		$(if $(QUICK),--quick,--document docs/performance.md)

traffic: setup-test ## Replace rules under traffic, for SECONDS=60 and APPLIES=200 of each backend; prints figures
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(AS_ROOT) unshare --net env REQUIRE_NETNS=1 \
		TPROXY_TRAFFIC_SECONDS=$(or $(SECONDS),60) TPROXY_TRAFFIC_APPLIES=$(or $(APPLIES),200) \
		$(SWIFT) test --skip-build $(BUILD_FLAGS) --no-parallel --filter UnderTrafficTests

# The number of SYNs for each kind of change, and the backend; by default all backends.
SEGMENTS ?= 2000000
BACKEND ?=

flood: build setup-test ## Replace rules under floods of SYNs: SEGMENTS=number BACKEND=name; prints a table
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	set -o pipefail; $(AS_ROOT) unshare --net env REQUIRE_NETNS=1 TPROXY_FLOOD_SEGMENTS=$(SEGMENTS) \
		TPROXY_FLOOD_BACKEND=$(BACKEND) TPROXY_FLOOD_PROGRAM=$(CURDIR)/.build/release/tproxy \
		$(SWIFT) test --skip-build $(BUILD_FLAGS) --no-parallel --filter FloodTests | tee .build/flood.txt
	@printf '%s\n' '| change | backend | SYNs | changes | wrong |' '|---|---|---:|---:|---:|'
	@grep '^| ' .build/flood.txt

# Seconds for each fuzzer, and its name; by default all of Tests/FuzzTargets.
TIME ?= 60
FUZZER ?=

fuzz: setup ## Search for inputs that break a reader: TIME=seconds for each, FUZZER=name for one
	.ci/fuzz build
	.ci/fuzz run $(TIME) $(FUZZER)

fuzz-minimise: setup ## Add the inputs that fuzzing has found to the corpus of the regression tests
	.ci/fuzz build
	.ci/fuzz minimise $(FUZZER)

lint: setup ## Check the format, the dependency directions and the house rules
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	.ci/lint

format: ## Format the sources
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

golden: setup-test ## Rewrite rulesets/ and the generated documents; review the diff before you commit
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	-RECORD=1 $(SWIFT) test --skip-build $(BUILD_FLAGS) --filter GoldenTests
	-$(AS_ROOT) unshare --net env RECORD=1 \
		$(SWIFT) test --skip-build $(BUILD_FLAGS) --filter GoldenListingTests
	git --no-pager diff --stat -- rulesets docs

check: lint build test ## Run all checks that must pass before a commit

screenshots: setup-test ## Make the pictures of the documents from docs/review.html, in a browser
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	RECORD=1 $(SWIFT) test --skip-build $(BUILD_FLAGS) --filter ReviewTests.ScreenshotTests
	git --no-pager diff --stat -- docs/pictures

install: ## Install the release binaries under $(DESTDIR)$(PREFIX)
	@test -x .build/release/tproxy -a -x .build/release/tproxy-cni || { echo "run 'make build' first" >&2; exit 1; }
	install -D -m 0755 .build/release/tproxy $(DESTDIR)$(PREFIX)/bin/tproxy
	install -D -m 0755 .build/release/tproxy-cni $(DESTDIR)$(PREFIX)/lib/cni/tproxy-cni

clean: ## Remove the build directories
	rm -rf .build .build-fuzz
