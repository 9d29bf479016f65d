## SPDX-License-Identifier: BSD-2-Clause
unit_srs = %D%/test_mac %D%/test_secrets %D%/test_srs
check_PROGRAMS += $(unit_srs)
TESTS += $(unit_srs) %D%/test_srs_foreign.py
EXTRA_DIST += %D%/test_srs_foreign.py
