"""Checks that a room includes only what it may: itself, `base`, the rooms that it names, and its own libraries.

usage: layers.py [REPOSITORY]
"""

import re
import sys
from pathlib import Path

from cxx import SUFFIXES, Fault, cxx_files, includes

# Which rooms a room names: the picture in ARCHITECTURE.md, and exactly the DEPS of its heare_library call. `base` is
# everybody's. What is reachable only through another room must be named to be included.
ROOMS = {
    "base": set(),
    "log": {"base"},
    "json": {"base"},
    "crypto": {"base"},
    "fetch": {"base"},
    "storage": {"base", "crypto"},
    "s3": {"storage", "crypto", "fetch", "json"},
    "keys": {"storage", "crypto", "json"},
    "metrics": {"base", "fetch"},
    "http": {"keys", "metrics", "log", "json"},
    "app": {"http", "metrics", "keys", "s3", "storage", "fetch", "crypto", "json", "log", "base"},
}

# Outside libraries: the rooms that may use them, how an #include of theirs begins, and their targets in CMake.
EVERY_ROOM = set(ROOMS)
LIBRARIES = [
    ("Boost", {"http"}, r"boost/", r"Boost::"),
    ("OpenSSL", {"crypto"}, r"openssl/", r"OpenSSL::"),
    ("libcurl", {"fetch"}, r"curl/", r"CURL::"),
    ("CLI11", {"app"}, r"CLI/", r"CLI11::"),
    ("toml++", {"app"}, r"toml\+\+/|toml\.hpp", r"tomlplusplus::"),
    ("simdjson", set(), r"simdjson", r"simdjson::"),
    ("fmt", EVERY_ROOM, r"fmt/", r"fmt::"),
]
THREADS = "Threads::Threads"
TEST_LIBRARY = re.compile(r"gtest/|gmock/")
# What a test may include besides: the folders of tests/ that hold headers.
TEST_FOLDERS = {"support", "contract"}
# Folders of the system's own headers; every other folder in angle brackets is a library.
SYSTEM_FOLDER = re.compile(r"(sys|arpa|net|netinet|linux|bits)/")

HEARE_LIBRARY = re.compile(r"^\s*heare_library\(\s*(\w+)([^)]*)\)", re.MULTILINE)


def parse_call(text):
    """(room, DEPS, LIBRARIES, line) of a CMakeLists.txt's heare_library call, or None."""
    match = HEARE_LIBRARY.search(text)
    if not match:
        return None
    values = {"DEPS": [], "LIBRARIES": []}
    current = None
    for word in match.group(2).split():
        if word in values:
            current = values[word]
        elif current is not None:
            current.append(word)
    line = text.count("\n", 0, match.start(1)) + 1
    return match.group(1), set(values["DEPS"]), values["LIBRARIES"], line


def library_of(include):
    return next((library for library in LIBRARIES if re.match(library[2], include)), None)


def check_call(path):
    call = parse_call(path.read_text()) if path.exists() else None
    room = path.parent.name
    if call is None or call[0] != room:
        yield Fault(path, 1, f"a room is made by heare_library({room} …)")
        return
    _, deps, libraries, line = call
    if room not in ROOMS:
        yield Fault(path, line, f"{room} is no room of ARCHITECTURE.md; tests/house/layers.py lists them")
    elif deps != ROOMS[room]:
        wanted = " ".join(sorted(ROOMS[room])) or "nothing"
        yield Fault(path, line, f"{room} names {' '.join(sorted(deps)) or 'nothing'}; agreed is {wanted}")
    for target in libraries:
        owner = next((library for library in LIBRARIES if re.match(library[3], target)), None)
        if target != THREADS and (owner is None or room not in owner[1]):
            yield Fault(path, line, f"{room} may not link {target}")


def vendor_headers(source):
    """Headers of each room that show an outside library (fmt aside), directly or through one of their own room."""
    direct, own = set(), {}
    for path in cxx_files(source):
        if path.suffix != ".h":
            continue
        name = str(path.relative_to(source))
        own[name] = set()
        for _, quoted, include in includes(path.read_text()):
            library = library_of(include)
            if quoted:
                own[name].add(include)
            elif library and library[0] != "fmt":
                direct.add(name)
    while grown := {name for name, included in own.items() if included & direct} - direct:
        direct |= grown
    return direct


def reachable(room):
    """The rooms below a room: a test may make what its room is handed."""
    rooms = set(ROOMS.get(room, ()))
    for below in list(rooms):
        rooms |= reachable(below)
    return rooms


def check_quoted(room, include, is_test, source, vendor):
    folder = include.split("/")[0]
    if is_test and folder in TEST_FOLDERS:
        return None
    made_by_cmake = (source / f"{include}.in").exists()
    if "/" not in include or not (made_by_cmake or (source / include).exists()):
        return f'"{include}" is no "room/file.h" under src'
    if folder == room:
        return None
    if folder != "base" and folder not in (reachable(room) if is_test else ROOMS.get(room, set())):
        return f'{room} may not include "{include}": it names {", ".join(sorted(ROOMS.get(room, []))) or "no room"}'
    if include in vendor:
        return f'"{include}" shows an outside library, and so is for {folder} alone'
    return None


def check_angled(room, include, is_test):
    if TEST_LIBRARY.match(include):
        return None if is_test else f"<{include}> is for tests alone"
    library = library_of(include)
    if library:
        return None if room in library[1] else f"{room} may not include <{include}>: {library[0]} is another room's"
    if "/" in include and not SYSTEM_FOLDER.match(include):
        return f"<{include}> is of no library that tests/house/layers.py knows"
    return None


def check(repository):
    source = repository / "src"
    rooms = sorted(path for path in source.iterdir() if path.is_dir())
    vendor = vendor_headers(source)
    for room in rooms:
        yield from check_call(room / "CMakeLists.txt")
        for path in cxx_files(room):
            is_test = path.stem.endswith(("_test", "_test_support"))
            for line, quoted, include in includes(path.read_text()):
                if quoted:
                    message = check_quoted(room.name, include, is_test, source, vendor)
                else:
                    message = check_angled(room.name, include, is_test)
                if message:
                    yield Fault(path.relative_to(repository), line, message)


def main(arguments):
    repository = Path(arguments[0]) if arguments else Path(__file__).parents[2]
    faults = list(check(repository.resolve()))
    for fault in faults:
        print(fault)
    count = sum(1 for path in (repository / "src").rglob("*") if path.suffix in SUFFIXES)
    print(f"layers: {count} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
