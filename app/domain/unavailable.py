"""Unavailable: what stands behind the service does not answer. Nothing was changed, and later it may answer."""


class Unavailable(Exception):
    """Neither the caller's fault nor a bug; whoever asks may ask again in a while. The text says what is away."""


class Collided(Unavailable):
    """Two transactions were in each other's way, and this one was undone. It may be begun again at once."""
