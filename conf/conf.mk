## SPDX-License-Identifier: BSD-2-Clause
include conf/policy.mk

## What is installed into the configuration directory. A file that is there
## already is the operator's: it stays, and the shipped one lies among the
## examples to compare.
installed_conf = %D%/chopmark.conf %D%/policy.conf %D%/replies.conf
examplesdir = $(docdir)/examples
dist_examples_DATA = %D%/chopmark.conf $(policy_conf)
dist_man_MANS += %D%/chopmark.conf.5

## Paths that configure was told, put in for those of the shipped files.
conf_edit = sed -e 's|/etc/chopmark|$(confdir)|g' -e 's|/run/chopmark|$(rundir)|g' \
	-e 's|^\#UserID chopmark$$|\#UserID $(cmuser)|'

install-data-local: install-conf install-units
uninstall-local: uninstall-conf uninstall-units
.PHONY: install-conf uninstall-conf
install-conf:
	$(MKDIR_P) '$(DESTDIR)$(confdir)'
	@for f in $(installed_conf); do \
	  to='$(DESTDIR)$(confdir)'/`basename $$f`; \
	  if test -e "$$to"; then \
	    echo " $$to stays as it is"; \
	  else \
	    echo " $(conf_edit) $$f >$$to"; \
	    $(conf_edit) '$(srcdir)'/$$f >"$$to" && chmod 644 "$$to" || exit 1; \
	  fi; \
	done
## Only what nobody changed is taken away.
uninstall-conf:
	@for f in $(installed_conf); do \
	  to='$(DESTDIR)$(confdir)'/`basename $$f`; \
	  if test -e "$$to" && $(conf_edit) '$(srcdir)'/$$f | cmp -s - "$$to"; then \
	    rm -f "$$to"; \
	  fi; \
	done

## The manual pages name the shipped paths, too.
install-data-hook: edit-installed-pages
.PHONY: edit-installed-pages
edit-installed-pages:
	@for f in $(dist_man_MANS); do \
	  name=`basename $$f`; to='$(DESTDIR)$(mandir)'/man$${name##*.}/$$name; \
	  $(conf_edit) "$$to" >"$$to.tmp" && cat "$$to.tmp" >"$$to" && \
	  rm -f "$$to.tmp" || exit 1; \
	done

## After a change of milter/config/options.def: the sample and the manual's
## list made anew.
.PHONY: update-options
update-options: chopmark$(EXEEXT)
	$(SHELL) '$(srcdir)'/%D%/update-options.sh ./chopmark$(EXEEXT) '$(srcdir)'/%D%
EXTRA_DIST += %D%/update-options.sh
