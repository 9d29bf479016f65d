## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/srs_map.c %D%/srs_map.h
