## SPDX-License-Identifier: BSD-2-Clause
unit_dkim_sign = %D%/test_dkim_keys %D%/test_dkim_published %D%/test_dkim_sign \
	%D%/test_dkim_traps %D%/test_mta_config
check_PROGRAMS += $(unit_dkim_sign)
TESTS += $(unit_dkim_sign)
TESTS += %D%/test_key_command.py
EXTRA_DIST += %D%/test_key_command.py
