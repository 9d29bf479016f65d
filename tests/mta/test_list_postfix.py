# SPDX-License-Identifier: BSD-2-Clause
"""A mailing list behind a real Postfix."""
import sys

import mailing_list

sys.exit(mailing_list.main("postfix"))
