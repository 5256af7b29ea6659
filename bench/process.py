"""What the benchmarks of connections ask of processes: memory of the service, descriptors for themselves."""

from pathlib import Path

from loading import memory_mb

from harness import allow_descriptors


def resident_mb(pid):
    return memory_mb(Path(f"/proc/{pid}/status").read_text())[0]


def require_descriptors(count):
    """So many connections, and what a benchmark has open besides."""
    spare = 200
    assert allow_descriptors(count + spare), f"{count} connections need more descriptors than this process may have"
