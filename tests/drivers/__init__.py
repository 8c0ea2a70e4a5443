"""The conformance suite of the drivers; its asserts tell as much as those of a test."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.contract", f"{__name__}.interruptions")
