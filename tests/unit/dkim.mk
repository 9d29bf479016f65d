## SPDX-License-Identifier: BSD-2-Clause
unit_dkim = %D%/test_body_hash %D%/test_dkim_field %D%/test_dkim_lib \
	%D%/test_dkim_many %D%/test_dkim_policy %D%/test_dkim_record \
	%D%/test_dkim_verify
check_PROGRAMS += $(unit_dkim) %D%/dkim_exchange
TESTS += $(unit_dkim) %D%/test_dkim_foreign.py
EXTRA_DIST += %D%/test_dkim_foreign.py
