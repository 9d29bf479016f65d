## SPDX-License-Identifier: BSD-2-Clause
unit_arc = %D%/test_arc_chain %D%/test_arc_field %D%/test_arc_keys \
	%D%/test_arc_return %D%/test_arc_seal %D%/test_arc_vouch
check_PROGRAMS += $(unit_arc) %D%/arc_exchange
TESTS += $(unit_arc) %D%/test_arc_foreign.py
EXTRA_DIST += %D%/test_arc_foreign.py
%C%_test_arc_chain_SOURCES = %D%/test_arc_chain.c %D%/arc_lib.c %D%/arc_lib.h
%C%_test_arc_keys_SOURCES = %D%/test_arc_keys.c %D%/arc_lib.c %D%/arc_lib.h
%C%_test_arc_vouch_SOURCES = %D%/test_arc_vouch.c %D%/arc_lib.c %D%/arc_lib.h
