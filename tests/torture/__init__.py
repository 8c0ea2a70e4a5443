"""Torture: the processes, the database and the storage are struck while tenants work, and must keep their promises."""

import pytest

pytest.register_assert_rewrite(*(f"{__package__}.{name}" for name in ("door", "house", "run", "tenant", "verdict")))
