# Build tags: fosite needs ristretto v1's generic API, badger (reached through
# Caddy's PKI app) the old one, so badger must go; the other two drop database
# drivers that nobody here uses. Caddy's own releases set the same tags.
TAGS    := nobadger,nomysql,nopgx
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export GOFLAGS := -buildvcs=false -tags=$(TAGS)

GOLANGCI_LINT := .tools/golangci-lint-v2.15.0
FUZZTIME      ?= 10s
BENCH         ?= .

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/awxgate
	@echo "building bin/awxgate (the first time takes a few minutes)"
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/caddyserver/caddy/v2.CustomVersion=awxgate-$(VERSION)" -o bin/awxgate ./cmd/awxgate

.PHONY: run
run: build ## Start the gateway as Caddyfile.example says (SQLite in ./data)
	@bin/awxgate run --config Caddyfile.example --adapter caddyfile

.PHONY: test-deps
test-deps: ## Install what tests run against: PostgreSQL, from Debian's packages
	@if ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v pg_config >/dev/null && [ -x "$$(pg_config --bindir)/postgres" ]; then exit 0; fi; \
	echo "installing PostgreSQL for the tests (its cluster \"main\" is not used)"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	{ $$sudo apt-get update && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y postgresql; } || \
		echo "PostgreSQL could not be installed: install it by hand, or the tests that need it will fail"

.PHONY: test
test: test-deps ## Run every test, with the race detector
	go test -race -shuffle=on -timeout 30m ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) validate ## Check style, imports, go.mod and the shipped Caddyfiles
	$(GOLANGCI_LINT) run
	go mod tidy -diff

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format Go code and Caddyfiles
	$(GOLANGCI_LINT) fmt
	@for file in $$(git ls-files -co --exclude-standard 'Caddyfile*' '*/Caddyfile*'); do bin/awxgate fmt --overwrite $$file; done

.PHONY: validate
validate: build ## Validate and format-check every shipped Caddyfile
	@for file in $$(git ls-files -co --exclude-standard 'Caddyfile*' '*/Caddyfile*'); do \
		echo "validating $$file"; \
		out=$$(bin/awxgate validate --config $$file --adapter caddyfile 2>&1) || { echo "$$out"; exit 1; }; \
		bin/awxgate fmt --diff $$file || exit 1; \
	done

.PHONY: bench
bench: test-deps ## Run the benchmarks (BENCH=regexp to choose)
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./bench/...

# Go numbers the rounds of a benchmark (#01, #02); tools want them to have one name.
.PHONY: scale
scale: test-deps ## Measure up to ten million tokens (half an hour, 10 GB in /tmp) and draw docs/scale.svg
	AWXGATE_SCALE_SQLITE=10000,100000,1000000 AWXGATE_SCALE_POSTGRES=10000,100000,1000000,10000000 AWXGATE_SCALE_ROUNDS=5 \
		go test -run '^$$' -bench '^BenchmarkScale$$' -benchtime 300ms -timeout 3h ./bench | sed 's/#[0-9]*//' | tee bench/results/scale.txt
	go run ./bench/curves -in bench/results/scale.txt -out docs/scale.svg

.PHONY: fuzz
fuzz: ## Fuzz every parser for FUZZTIME (default 10s) each
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "fuzzing $$package $$target for $(FUZZTIME)"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

$(GOLANGCI_LINT):
	@echo "installing golangci-lint v2.15.0 into .tools (once, a few minutes)"
	@GOFLAGS= GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv .tools/golangci-lint $@
