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
	%D%/setup
## Lines for the MTAs, and the chapter that explains them.
mtapostfixdir = $(pkgdatadir)/postfix
dist_mtapostfix_DATA = %D%/postfix/main.cf.srs %D%/postfix/master.cf.srs \
	%D%/postfix/main.cf.srs-simple %D%/postfix/master.cf.srs-local
mtasendmaildir = $(pkgdatadir)/sendmail
dist_mtasendmail_DATA = %D%/sendmail/chopmark-srs.m4
dist_doc_DATA = %D%/doc/forwarding.md
