## SPDX-License-Identifier: BSD-2-Clause
unit_base = \
	%D%/test_arena \
	%D%/test_buf \
	%D%/test_clock \
	%D%/test_file \
	%D%/test_ip \
	%D%/test_lines \
	%D%/test_log \
	%D%/test_names \
	%D%/test_num \
	%D%/test_slice \
	%D%/test_stats
check_PROGRAMS += $(unit_base)
TESTS += $(unit_base)
