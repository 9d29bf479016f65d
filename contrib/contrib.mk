## SPDX-License-Identifier: BSD-2-Clause
EXTRA_DIST += \
	%D%/GNUmakefile.in \
	%D%/chopmark.service \
	%D%/chopmark.sysusers \
	%D%/chopmark.tmpfiles \
	%D%/demo.py \
	%D%/doc/dependencies.md \
	%D%/doc/proofs.md \
	%D%/demo.scn \
	%D%/m4/chopmark.m4 \
	%D%/setup
## What systemd needs to know: the service, its user, its directories. Read from
## $(prefix)/lib, also under /usr/local.
units = %D%/chopmark.service:$(unitdir)/chopmark.service \
	%D%/chopmark.sysusers:$(prefix)/lib/sysusers.d/chopmark.conf \
	%D%/chopmark.tmpfiles:$(prefix)/lib/tmpfiles.d/chopmark.conf
unit_edit = sed -e 's|/usr/sbin/chopmarkd|$(sbindir)/chopmarkd|' \
	-e 's|^u chopmark |u $(cmuser) |' -e 's|^User=chopmark|User=$(cmuser)|' \
	-e 's| chopmark \(.*-\)$$| $(cmuser) \1|' \
	-e 's| chopmark -$$| $(cmuser) -|' -e 's|/run/chopmark|$(rundir)|'
.PHONY: install-units uninstall-units
install-units:
	@test '$(unitdir)' != no || exit 0; \
	for u in $(units); do \
	  to='$(DESTDIR)'$${u#*:}; $(MKDIR_P) `dirname "$$to"` && \
	  $(unit_edit) '$(srcdir)'/$${u%%:*} >"$$to" && chmod 644 "$$to" || exit 1; \
	done
uninstall-units:
	@test '$(unitdir)' != no || exit 0; \
	for u in $(units); do rm -f '$(DESTDIR)'$${u#*:}; done

## Lines for the MTAs, and the chapter that explains them.
mtapostfixdir = $(pkgdatadir)/postfix
dist_mtapostfix_DATA = %D%/postfix/main.cf.srs %D%/postfix/master.cf.srs \
	%D%/postfix/main.cf.srs-simple %D%/postfix/master.cf.srs-local
mtasendmaildir = $(pkgdatadir)/sendmail
dist_mtasendmail_DATA = %D%/sendmail/chopmark-srs.m4
dist_doc_DATA = %D%/doc/sizing.md %D%/doc/forwarding.md %D%/doc/signing.md
