## SPDX-License-Identifier: BSD-2-Clause
unit_spf = \
	%D%/test_spf \
	%D%/test_spf_lib \
	%D%/test_spf_macro \
	%D%/test_spf_memo \
	%D%/test_spf_record \
	%D%/test_spf_vectors
check_PROGRAMS += $(unit_spf)
TESTS += $(unit_spf)
EXTRA_DIST += \
	tests/vectors/spf-syntax.txt \
	tests/vectors/spf-evaluation.txt \
	tests/vectors/spf-macros.txt \
	tests/vectors/spf-limits.txt \
	tests/vectors/spf-explanation.txt
