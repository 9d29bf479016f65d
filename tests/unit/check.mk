## SPDX-License-Identifier: BSD-2-Clause
unit_check = \
	%D%/test_direction \
	%D%/test_finding
check_PROGRAMS += $(unit_check)
TESTS += $(unit_check)
