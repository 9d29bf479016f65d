# SPDX-License-Identifier: BSD-2-Clause
"""Signing behind a real Sendmail."""
import sys

import signing

sys.exit(signing.main("sendmail"))
