# SPDX-License-Identifier: BSD-2-Clause
"""Signing behind a real Postfix."""
import sys

import signing

sys.exit(signing.main("postfix"))
