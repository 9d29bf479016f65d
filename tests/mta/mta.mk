## SPDX-License-Identifier: BSD-2-Clause
mta_tests = %D%/test_xclient.py %D%/test_beside_postfix.py %D%/test_beside_sendmail.py \
	%D%/test_postfix.py %D%/test_readme.py %D%/test_restart.py %D%/test_sendmail.py
TESTS += $(mta_tests)
EXTRA_DIST += $(mta_tests) \
	%D%/beside.py \
	%D%/chopmark.py \
	%D%/host.py \
	%D%/netns.py \
	%D%/postfix.py \
	%D%/run.py \
	%D%/sendmail.py \
	%D%/smtp.py
mta_signing = %D%/test_signing_postfix.py %D%/test_signing_sendmail.py
TESTS += $(mta_signing)
EXTRA_DIST += $(mta_signing) %D%/login.py %D%/signing.py %D%/sink.py
mta_rewriting = %D%/test_rewriting_postfix.py %D%/test_rewriting_sendmail.py
TESTS += $(mta_rewriting)
EXTRA_DIST += $(mta_rewriting) %D%/rewriting.py
mta_replacing = %D%/test_replacing_postfix.py %D%/test_replacing_sendmail.py
TESTS += $(mta_replacing)
EXTRA_DIST += $(mta_replacing) %D%/replacing.py
mta_bodies = %D%/test_bodies_postfix.py %D%/test_bodies_sendmail.py
TESTS += $(mta_bodies)
EXTRA_DIST += $(mta_bodies) %D%/bodies.py
mta_forward = %D%/test_forward_postfix.py %D%/test_forward_sendmail.py
TESTS += $(mta_forward)
EXTRA_DIST += $(mta_forward) %D%/forward.py %D%/next_hop.py
TESTS += %D%/test_content_filter.py
EXTRA_DIST += %D%/test_content_filter.py %D%/returner.py
mta_arc = %D%/test_arc_postfix.py %D%/test_arc_sendmail.py \
	%D%/test_list_postfix.py %D%/test_list_sendmail.py
TESTS += $(mta_arc)
EXTRA_DIST += $(mta_arc) %D%/arc.py %D%/mailing_list.py
TESTS += %D%/test_two_daemons.py
EXTRA_DIST += %D%/test_two_daemons.py %D%/senders.py
