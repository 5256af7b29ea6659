import sys
from pathlib import Path

# The harness of the tests that run the program, and its S3 servers.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
