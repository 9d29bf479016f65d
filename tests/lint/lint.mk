## SPDX-License-Identifier: BSD-2-Clause
## The source tree itself is tested: who includes whom, sizes, lists, documents.
lint_tests = \
	%D%/documents.py \
	%D%/floors.py \
	%D%/format.py \
	%D%/headers.py \
	%D%/lists.py \
	%D%/selftest.py \
	%D%/supply.py \
	%D%/style.py
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) %D%/tree.py
AM_TESTS_ENVIRONMENT += CC='$(CC)'; export CC;
