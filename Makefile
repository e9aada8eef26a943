# `make demo` and `make test` do all of their own set-up. ARGS="..." is handed on.

# rustup's folder and Debian's folders for administrators are missing from many a user's PATH.
export PATH := $(PATH):$(HOME)/.cargo/bin:/usr/sbin:/sbin

.PHONY: help demo test lint bench fuzz

help:
	@echo "make demo    see a failover: two real routers and a client, in network namespaces of their own"
	@echo "             (ARGS=\"--peer keepalived\" and so on; see ARGS=--help)"
	@echo "make test    build and run every test"
	@echo "make lint    formatting, clippy, documentation, licences of dependencies"
	@echo "make bench   measure beside keepalived; numbers for docs/bench.md"
	@echo "make fuzz    run each fuzz target for FUZZ_SECONDS=60 (ARGS=TARGET for one of them)"

demo:
	@ci/setup build
	@cargo run --quiet --bin kad -- demo $(ARGS)

test:
	@ci/setup test
	@ci/test $(ARGS)

lint:
	@ci/setup build
	@ci/lint

bench:
	@ci/setup test
	@ci/bench $(ARGS)

fuzz:
	@ci/setup build
	@ci/fuzz $(ARGS)
