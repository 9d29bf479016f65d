## SPDX-License-Identifier: BSD-2-Clause
unit_dns = \
	%D%/test_dns_cache \
	%D%/test_dns_faults \
	%D%/test_dns_message \
	%D%/test_dns_name \
	%D%/test_dns_rdata \
	%D%/test_dns_threads \
	%D%/test_dns_unbound \
	%D%/test_dns_zone
check_PROGRAMS += $(unit_dns)
TESTS += $(unit_dns)
