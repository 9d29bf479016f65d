#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Adds up the TAP results in the .trs files named, as `make check` leaves them,
# and prints the closing line; fails if a test failed or none ran.
cat "$@" | awk '
	/^:test-result: (PASS|XFAIL)/ { passed++ }
	/^:test-result: (FAIL|XPASS|ERROR)/ { failed++ }
	/^:test-result: SKIP/ { skipped++ }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped)
			printf ", %d skipped", skipped
		printf "\n"
		exit failed > 0 || passed == 0
	}'
