# Four targets say it all. What they need beside Go, Go fetches.

.PHONY: run test bench check

# Start a server with 200 bots in it and check what they see.
run:
	go run . demo

# Run all tests.
test:
	go test ./...

# Run the micro-benchmarks; compare two runs with: go tool benchstat before.txt after.txt
bench:
	go test -run '^$$' -bench . -benchmem ./...

# Check what CI checks beside the tests: vet, staticcheck, formatting, generated files.
check:
	go vet ./...
	go tool staticcheck ./...
	@unformatted=$$(go tool gofumpt -l $$(git ls-files '*.go' | grep -v '\.pb\.go$$')); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofumpt:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go generate ./...
	git diff --exit-code -- '*.pb.go'
