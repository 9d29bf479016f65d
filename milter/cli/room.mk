## SPDX-License-Identifier: BSD-2-Clause
bin_PROGRAMS += chopmark
chopmark_SOURCES = \
	%D%/cli.h \
	%D%/cmd_check.c \
	%D%/cmd_config.c \
	%D%/cmd_key.c \
	%D%/cmd_srs.c \
	%D%/feed.c %D%/feed.h \
	%D%/main.c \
	%D%/print.c %D%/print.h \
	%D%/show.h \
	%D%/show_json.c \
	%D%/show_text.c \
	%D%/show_timing.c
chopmark_LDADD = libchopmark.a $(CHOPMARK_LIBS)
dist_man_MANS += %D%/chopmark.1
