#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Adds up the TAP results that `make check` left in the build tree ($1) and
# prints the closing line; fails if a test failed or none ran.
find "$1/tests" -name '*.trs' -exec cat {} + | awk '
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
