# `make` lists the targets. Anything longer than a line is a script in tools/.

GO    ?= go
TOOL  := $(GO) tool -modfile=$(CURDIR)/tools/go.mod

# Without the paths of this checkout, so that every checkout shares what was built.
GOFLAGS := -trimpath $(filter-out -trimpath,$(GOFLAGS))

export GO TOOL GOFLAGS

# The nested modules with code of ours; sdk/go joins by existing.
NESTED := interop $(if $(wildcard sdk/go/go.mod),sdk/go)

# The tests that drive the demo wait for the command; the harness's own do not.
INTEROP := $(if $(wildcard cmd/sallyport/demo.go),./...,./harness/...)

.DEFAULT_GOAL := help
.PHONY: help build check lint test unit nested pictures race setup verify bundle fmt vuln deadcode bench bench-large bench-peers peers

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

build: ## compile the binary into bin/
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/...

check: lint ## the fast checks, for every save: form, vet, staticcheck, short tests
	$(GO) test -short ./...

lint: ## form (gofumpt), vet and staticcheck alone
	@unformed=$$($(TOOL) gofumpt -l .); [ -z "$$unformed" ] || { echo "make fmt would change:"; echo "$$unformed"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...

test: setup verify lint unit nested ## everything; what continuous integration runs

unit: ## the product's tests, all of them
	$(GO) test -timeout 15m ./...

nested: ## vet, staticcheck and tests of the nested modules
	tools/nested interop $(INTEROP)
	$(if $(wildcard sdk/go/go.mod),tools/nested sdk/go)

pictures: ## take the pictures of docs/pictures anew, from a demo of today
	cd interop && $(GO) test -count=1 -run TestPicturesOfTheDocuments . -args -pictures

race: ## the product's tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...

setup: ## install what the tests start: PostgreSQL, Redis, Chromium, npm packages
	@tools/setup

verify: ## fail when generated files or module files are not fresh
	@tools/verify $(NESTED)

bundle: ## make the pages' script anew from web/design/script/src (needs make setup)
	@tools/bundle

fmt: ## format the Go code
	$(TOOL) gofumpt -w .

vuln: ## look for known vulnerabilities that reach us (asks an online database)
	@$(TOOL) govulncheck ./... || { [ $$? -ne 3 ] && echo 'vuln: the database gave no answer, so nothing is known' >&2; }

deadcode: ## list functions that nothing reaches, tests included
	$(TOOL) deadcode -test ./...

bench: ## the budgets of the design, as ratios to yardsticks of the same run (BENCH=--json, ...)
	@cd interop && $(GO) run ./bench $(BENCH)

bench-large: ## scale and soak: build tag large
	$(GO) test -tags large -run '^TestLarge' -timeout 4h -v ./...
	cd interop && $(GO) test -tags large -run '^TestLarge' -timeout 4h -v ./crash/...

bench-peers: ## the same work done by other people's servers: build tag peers
	cd interop && $(GO) test -tags peers -run '^$$' -bench Peer -timeout 1h ./...

peers: setup ## tests against real peers, fetched from their registries: build tag peers
	@tools/peers
	cd interop && $(GO) test -tags peers -run Peer -timeout 1h -v ./...
