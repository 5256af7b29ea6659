"""Runs clang-tidy over every file of a build's compile_commands.json, in parallel, longest first.

A file that was clean is not read again until its preprocessed text, its flags or the checks change. That is remembered
in the user's cache folder, as ccache does, so that a fresh clone profits too.

usage: lint.py --build FOLDER [--jobs N] [--changed] [--analyzer] [FILE...]
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CLANG_TIDY = "clang-tidy-19"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heare-auth/lint"
# For tests, whose macros and fixtures make half of the other checks idle: what finds faults in tests as well.
TEST_CHECKS = """-*,readability-identifier-naming,google-build-using-namespace,bugprone-use-after-move,
bugprone-argument-comment,bugprone-dangling-handle,bugprone-unused-raii,bugprone-string-constructor,
performance-for-range-copy,readability-duplicate-include,misc-definitions-in-headers"""
# The Clang static analyzer alone. It takes as long as all else together, so it is not part of every run.
ANALYZER_CHECKS = "-*,clang-analyzer-*"
# In tests it takes what a list of std::function holds for lost. There the address sanitizer looks for leaks.
ANALYZER_TEST_CHECKS = f"{ANALYZER_CHECKS},-clang-analyzer-cplusplus.NewDeleteLeaks"
# In benchmarks `for (auto _ : state)` is the form that the library wants, and nobody reads `_`.
ANALYZER_BENCH_CHECKS = f"{ANALYZER_CHECKS},-clang-analyzer-deadcode.DeadStores"
# What clang-tidy counts in system headers is no news.
CHATTER = re.compile(r"^\d+ warnings? (and \d+ errors? )?generated\.$|^\[\d+/\d+\] ")


def preprocessed(entry):
    """The file's text as the compiler sees it, and the project's own files that are in it."""
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    command = words[: words.index("-o")] + ["-E", entry["file"]]
    text = subprocess.run(command, cwd=entry["directory"], capture_output=True, check=True).stdout
    line_marker = re.compile(rf'^# \d+ "({re.escape(str(REPOSITORY))}/[^"]*)"', re.MULTILINE)
    own = set(line_marker.findall(text.decode(errors="replace")))
    return command, text, {str(Path(path).resolve()) for path in own}


def changed_files():
    """What differs from the place where this branch left the main one, new files included."""

    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout

    known = git("for-each-ref", "--format=%(refname:short)").split()
    main = next((name for name in ("origin/main", "main") if name in known), "HEAD")
    base = git("merge-base", "HEAD", main).strip()
    names = git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard")
    return {str(REPOSITORY / name) for name in names.split("\n") if name}


class Linter:
    def __init__(self, build, changed, analyzer):
        self.build = build
        self.changed = changed
        self.analyzer = analyzer
        CACHE.mkdir(parents=True, exist_ok=True)
        version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
        if b"LLVM version 19" not in version:
            sys.exit(f"{CLANG_TIDY} is not clang-tidy 19")
        self.salt = version + (REPOSITORY / ".clang-tidy").read_bytes()

    def checks(self, name):
        is_test = name.endswith("_test.cpp") or name.startswith("tests/")
        if self.analyzer:
            of_a_bench = ANALYZER_BENCH_CHECKS if name.startswith("bench/") else ANALYZER_CHECKS
            return [f"--checks={ANALYZER_TEST_CHECKS if is_test else of_a_bench}"]
        return [f"--checks={TEST_CHECKS}"] if is_test else []

    def lint(self, entry):
        """(file, report), where the report is empty for a clean file, and None for one that was left out."""
        file = entry["file"]
        name = str(Path(file).relative_to(REPOSITORY))
        command, text, own = preprocessed(entry)
        if self.changed is not None and not own & self.changed:
            return name, None
        checks = self.checks(name)
        seen = self.salt + shlex.join(command + checks).encode() + text
        stamp = CACHE / hashlib.sha256(seen.replace(str(REPOSITORY).encode(), b"")).hexdigest()
        if stamp.exists():
            return name, None
        run = subprocess.run([CLANG_TIDY, "-p", self.build, "--quiet", *checks, file], capture_output=True, text=True)
        lines = [line for line in (run.stdout + run.stderr).splitlines() if not CHATTER.match(line)]
        if run.returncode == 0:
            stamp.touch()
            return name, ""
        return name, "\n".join(lines)


def entries(build, wanted):
    found = json.loads((build / "compile_commands.json").read_text())
    if wanted:
        found = [entry for entry in found if Path(entry["file"]).resolve() in wanted]
    # What includes Beast or many tests takes longest; size is guess enough.
    return sorted(found, key=lambda entry: -Path(entry["file"]).stat().st_size)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--changed", action="store_true", help="only files that differ from the main branch")
    parser.add_argument("--analyzer", action="store_true", help="the Clang static analyzer instead of the usual checks")
    parser.add_argument("files", nargs="*", type=lambda text: Path(text).resolve())
    options = parser.parse_args()

    linter = Linter(options.build.resolve(), changed_files() if options.changed else None, options.analyzer)
    wanted = entries(options.build, options.files)
    read, failed = 0, 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(linter.lint, entry) for entry in wanted]):
            name, report = done.result()
            read += report is not None
            if report:
                failed += 1
                print(f"{name}:\n{report}\n", flush=True)
    print(f"clang-tidy: {len(wanted)} files, {read} read, {failed} with faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
