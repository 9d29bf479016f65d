## SPDX-License-Identifier: BSD-2-Clause
unit_dmarc = \
	%D%/test_dmarc \
	%D%/test_dmarc_record
check_PROGRAMS += $(unit_dmarc)
TESTS += $(unit_dmarc)
%C%_test_dmarc_SOURCES = %D%/test_dmarc.c %D%/dmarc_vectors.c \
	%D%/dmarc_vectors.h
