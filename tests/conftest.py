"""What holds for all tests: examples are counted, and no clock fails one on a busy machine."""

from hypothesis import settings

settings.register_profile("comity", deadline=None)
settings.load_profile("comity")
