## SPDX-License-Identifier: BSD-2-Clause
unit_forward = %D%/test_doomed %D%/test_forward_options %D%/test_socketmap %D%/test_srs_map
check_PROGRAMS += $(unit_forward)
TESTS += $(unit_forward) %D%/test_cli_srs.py
EXTRA_DIST += %D%/test_cli_srs.py
%C%_test_forward_options_LDADD = libconfigtest.a $(LDADD)
