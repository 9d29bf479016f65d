## SPDX-License-Identifier: BSD-2-Clause
EXTRA_DIST += \
	%D%/GNUmakefile.in \
	%D%/chopmark.service \
	%D%/chopmark.sysusers \
	%D%/chopmark.tmpfiles \
	%D%/demo.py \
	%D%/doc/dependencies.md \
	%D%/demo.scn \
	%D%/m4/chopmark.m4 \
	%D%/setup \
	%D%/postfix/main.cf.srs \
	%D%/postfix/master.cf.srs \
	%D%/sendmail/chopmark-srs.m4
