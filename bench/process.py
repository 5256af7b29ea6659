"""What the benchmarks of connections ask of processes: memory of the service, descriptors for themselves."""

import resource
from pathlib import Path

from loading import memory_mb


def resident_mb(pid):
    return memory_mb(Path(f"/proc/{pid}/status").read_text())[0]


def allow_descriptors(count):
    """So many connections, and what a benchmark has open besides."""
    spare = 200
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert limit > count + spare, f"so many connections need more than the {limit} descriptors that are allowed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
