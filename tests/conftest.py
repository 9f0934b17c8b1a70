"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples every time: a test that fails by chance hides the one that fails for a reason.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
