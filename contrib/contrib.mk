## SPDX-License-Identifier: BSD-2-Clause
EXTRA_DIST += \
	%D%/chopmark.service \
	%D%/chopmark.sysusers \
	%D%/chopmark.tmpfiles
