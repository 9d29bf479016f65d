# SPDX-License-Identifier: BSD-2-Clause
"""A mailing list behind a real Sendmail."""
import sys

import mailing_list

sys.exit(mailing_list.main("sendmail"))
