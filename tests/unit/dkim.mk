## SPDX-License-Identifier: BSD-2-Clause
unit_dkim = %D%/test_body_hash
check_PROGRAMS += $(unit_dkim)
TESTS += $(unit_dkim)
