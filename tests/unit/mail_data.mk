## SPDX-License-Identifier: BSD-2-Clause
unit_mail_data = \
	%D%/test_authres \
	%D%/test_canon \
	%D%/test_canon_portable \
	%D%/test_sets \
	%D%/test_starved \
	%D%/test_tags
check_PROGRAMS += $(unit_mail_data)
TESTS += $(unit_mail_data)
