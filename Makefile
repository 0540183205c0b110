# Four targets for every day, one for the pages and one for a release. What they need beside Go and git, Go fetches; check and web also
# need npm, for the .proto compiler and the pages.

.PHONY: run test bench check web release

# Start a server with 200 bots in it and check what they see.
run:
	go run . demo

# Run all tests, the rules of the house among them.
test:
	go test ./...

# Hold the server against the machine, and against the tutorial's method; BENCH="--pairs 3 idle" asks for more, or less.
bench:
	go run ./bench $(BENCH)

# Check what CI checks beside the tests: vet, staticcheck, formatting, go.mod, generated files and built pages as staged or committed.
check:
	go vet ./...
	go tool staticcheck ./...
	@echo "go tool gofumpt -l ."; files=$$(go tool gofumpt -l .) && \
	if [ -n "$$files" ]; then echo "not formatted by gofumpt:"; echo "$$files"; exit 1; fi
	go mod tidy -diff
	go generate ./...
	$(MAKE) web
	git diff --exit-code -- '*.pb.go' web examples/browser-tag

# Build archives of the server and the bots, as of the last commit, for all systems into dist: make release VERSION=v1.2.3.
release:
	go run ./internal/release --version "$(VERSION)" --output dist

# Build what browsers are shown, from web and examples/browser-tag, with the packages of web/package-lock.json.
web:
	npm --prefix web ci
	npm --prefix web run generate
	npm --prefix web run build
