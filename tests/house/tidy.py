"""House rules that no compiler and no clang-tidy check knows, each with what to do instead.

usage: tidy.py [REPOSITORY]
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

from cxx import Fault, code_only, cxx_files, functions

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70


class Ban(NamedTuple):
    pattern: str  # in code, with comments and literals blanked
    instead: str
    allowed: str = r"(?!)"  # paths, from the repository's root, that may


def call(names):
    return rf"(?<![\w.>])(?:std::|::)?(?:{names})\s*\("


ONLY_CLOCK = r"src/base/clock\.cpp"
# Tests speak to the world as they like; what the program does is what these are about.
TESTS = r"tests/|fuzz/|bench/|.*_test(_support)?\.(cpp|h)$"

BANS = [
    Ban(call("strcpy|strcat|strncpy|strncat|stpcpy"), "std::string, or std::ranges::copy into a span"),
    Ban(call("sprintf|vsprintf|snprintf"), "fmt::format, or fmt::format_to_n for a buffer"),
    Ban(call("gets|scanf|sscanf|strtok"), "a parser of our own over std::string_view"),
    Ban(call("atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod|sto[ilfd]|stou?ll?"),
        "std::from_chars: it knows errors, and no locale", TESTS),
    Ban(call("rand|srand|random|drand48") + r"|\bstd::(mt19937\w*|random_device|default_random_engine)\b",
        "base/random.h", TESTS),
    Ban(call("system|popen"), "nothing: this program starts no others", TESTS),
    Ban(r"\bstd::w?(regex|smatch|cmatch)\b", "a parser of our own: std::regex recurses with its input, and is slow"),
    Ban(call("getenv|secure_getenv|setenv|putenv"), "the environment that app hands in",
        r"src/app/environment\.cpp|" + TESTS),
    Ban(r"\bstd::(cout|cerr|clog)\b|" + call("printf|puts|putchar|fprintf|fputs|perror")
        + r"|\bfmt::print\b", "the logger, or an output that app hands in", r"src/app/|src/main\.cpp|" + TESTS),
    Ban(r"\bstd::endl\b", r"'\n'"),
    Ban(call("memcmp|bcmp"), "crypto::equal_constant_time for digests, operator== for texts"),
    Ban(r"\busing\s+namespace\s+(?!std::(chrono_|string_view_|string_)?literals)",
        "the full name, or `using a::b;`"),
    Ban(r"\bthis_thread::sleep_(for|until)\s*\(|" + call("sleep|usleep|nanosleep"),
        "Clock::sleep_for; a test waits for a condition", r"src/base/clock\.cpp"),
    # The steady clock is what waiting goes by, whatever clock is handed in.
    Ban(r"\b(system_clock|high_resolution_clock)::now\b|" + call("time|gettimeofday|clock_gettime"),
        "a Clock that is handed in", ONLY_CLOCK + "|" + TESTS),
    Ban(call("localtime|gmtime|mktime|strftime|strptime|asctime|ctime"), "base/time_format.h"),
    Ban(call("tmpnam|tempnam|mktemp|tmpfile"), "mkostemp: no race for the name"),
    Ban(call("setlocale"), "nothing: the program's output is the same everywhere"),
    # The writer of a log whose reader has stalled cannot be joined: it shares what it needs, and is left behind.
    Ban(r"\.detach\s*\(", "a thread that somebody joins", r"^src/log/logger\.cpp$"),
    # These keep the future, which joins.
    Ban(r"\bstd::async\b", "a thread that somebody joins", r"^src/(keys/arena|storage/file_store)\.cpp$"),
    Ban(r"\bmutable\s+std::(atomic|recursive_mutex)|\bstd::recursive_mutex\b", "a lock that is taken once"),
    Ban(r"(?<![\w.>])assert\s*\(", "an `if` that ends the program: release builds drop assert", TESTS),
    Ban(r"\bSUCCEED\s*\(|\bEXPECT_TRUE\s*\(\s*true\s*\)|\bDISABLED_", "a test that can fail, or no test"),
]
COMPILED_BANS = [(re.compile(ban.pattern), ban.instead, re.compile(ban.allowed)) for ban in BANS]

# Two words each, so that this file does not break its own rule.
LEFT_UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b(?!\s*\(#\d+\))")
MACHINE = re.compile("/wo" + r"rk/|/ro" + r"ot/|\bpkg" + r"\.dev\b|\bpy" + r"env\b")

CODE_FOLDERS = ("src", "tests", "fuzz", "bench")
TEXT_FOLDERS = (*CODE_FOLDERS, "cmake", "docs", "packaging", ".ci")
TEXT_SUFFIXES = {".cpp", ".h", ".py", ".cmake", ".txt", ".md", ".json", ".toml", ".sh", ".yml", ".yaml", ""}
# Bytes on the wire and expected output: what is in them is data.
DATA_FOLDERS = ("tests/http/malformed", "tests/data", "tests/golden", "fuzz/corpus")


# What stands in a comment on the line, or on the one above, where a banned call is right: `// tidy: why it is`.
ALLOWED_HERE = re.compile(r"//\s*tidy: \S")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_bans(name, text):
    code = code_only(text)
    lines = ["", *text.splitlines()]
    for pattern, instead, allowed in COMPILED_BANS:
        if allowed.match(name):
            continue
        for match in pattern.finditer(code):
            line = line_of(code, match.start())
            if not any(ALLOWED_HERE.search(near) for near in lines[line - 1 : line + 1]):
                yield line, f"`{match.group().strip()}` is banned: use {instead}"


def check_sizes(text):
    count = text.count("\n")
    if count > FILE_LINES_MAX:
        yield count, f"{count} lines, where {FILE_LINES_MAX} is a lot: two things in one?"
    for function in functions(text):
        lines = function.last_line - function.first_line + 1
        if lines > FUNCTION_LINES_MAX:
            yield function.first_line, f"a function of {lines} lines, where {FUNCTION_LINES_MAX} is a lot"


def check_header(text):
    lines = [line for line in code_only(text).splitlines() if line.strip()]
    if not lines or lines[0].strip() != "#pragma once":
        yield 1, "a header begins with #pragma once"


def check_has_tests(path, text):
    test = None
    if path.name.endswith("_test.cpp"):
        test = r"^TEST(_F|_P)?\(|^TYPED_TEST\(|_SUITE_P\("
    elif path.name.startswith("test_") and path.suffix == ".py":
        test = r"^\s*def test_"
    if test and not re.search(test, text, re.MULTILINE):
        yield 1, "a test file without a test"


def check_text(text):
    for match in LEFT_UNDONE.finditer(text):
        word = match.group()
        yield line_of(text, match.start()), f"{word} without an issue: write it as {word} (#12), or do it"
    for match in MACHINE.finditer(text):
        yield line_of(text, match.start()), f"`{match.group()}` is of one machine"
    for match in re.finditer(r"[ \t]+$", text, re.MULTILINE):
        yield line_of(text, match.start()), "white space at the end of a line"
    if text and not text.endswith("\n"):
        yield line_of(text, len(text)), "no newline at the end"


def text_files(repository):
    for path in sorted(repository.iterdir()):
        if path.is_file() and (path.suffix in TEXT_SUFFIXES or path.name.startswith(".")):
            yield path
    for folder in TEXT_FOLDERS:
        for path in sorted((repository / folder).rglob("*")):
            name = str(path.relative_to(repository))
            if path.is_file() and path.suffix in TEXT_SUFFIXES and not name.startswith(DATA_FOLDERS):
                yield path


def check(repository):
    for path in text_files(repository):
        name = path.relative_to(repository)
        text = path.read_text(encoding="utf-8")
        for line, message in [*check_text(text), *check_has_tests(path, text)]:
            yield Fault(name, line, message)
    for folder in CODE_FOLDERS:
        for path in cxx_files(repository / folder):
            name = path.relative_to(repository)
            text = path.read_text(encoding="utf-8")
            checks = [*check_bans(str(name), text), *check_sizes(text)]
            if path.suffix == ".h":
                checks += check_header(text)
            for line, message in checks:
                yield Fault(name, line, message)


def main(arguments):
    repository = (Path(arguments[0]) if arguments else Path(__file__).parents[2]).resolve()
    faults = list(check(repository))
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
