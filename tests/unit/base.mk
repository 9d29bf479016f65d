## SPDX-License-Identifier: BSD-2-Clause
unit_base = %D%/test_slice
check_PROGRAMS += $(unit_base)
TESTS += $(unit_base)
