## SPDX-License-Identifier: BSD-2-Clause
unit_mail_text = \
	%D%/test_address \
	%D%/test_address_list \
	%D%/test_domain \
	%D%/test_encoded \
	%D%/test_fold \
	%D%/test_from \
	%D%/test_header \
	%D%/test_psl \
	%D%/test_received \
	%D%/test_scan
check_PROGRAMS += $(unit_mail_text)
TESTS += $(unit_mail_text)
