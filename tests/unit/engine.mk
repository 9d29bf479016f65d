## SPDX-License-Identifier: BSD-2-Clause
unit_engine = \
	%D%/test_id
check_PROGRAMS += $(unit_engine)
TESTS += $(unit_engine)
