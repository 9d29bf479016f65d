## SPDX-License-Identifier: BSD-2-Clause
## The policy and reply files as shipped, and their alternatives.
policy_conf = \
	%D%/policy.conf %D%/policy-cautious.conf %D%/policy-strict.conf \
	%D%/replies.conf %D%/replies-google.conf %D%/replies-plain.conf
EXTRA_DIST += $(policy_conf)
dist_man_MANS += %D%/policy.conf.5 %D%/replies.conf.5
