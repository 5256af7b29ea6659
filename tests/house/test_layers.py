"""The layer check is only worth something if it fails: each forbidden thing is added to a copy and must be named."""

import shutil
from pathlib import Path

import pytest

import layers

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path):
    shutil.copytree(REPOSITORY / "src", tmp_path / "src")
    return tmp_path


def faults(house):
    return [str(fault) for fault in layers.check(house)]


def add_line(path, line):
    """Adds `line` at the end and returns its number."""
    text = path.read_text()
    path.write_text(f"{text}{line}\n")
    return text.count("\n") + 1


def test_the_house_as_it_stands_has_no_fault(house):
    assert faults(house) == []


@pytest.mark.parametrize(
    ("file", "include", "why"),
    [
        ("keys/verifier.cpp", '"http/api.h"', "keys may not include"),
        ("http/api.h", '"fetch/http_client.h"', "http may not include"),
        ("base/clock.cpp", '"log/logger.h"', "base may not include"),
        ("json/reader.cpp", '"crypto/sha256.h"', "json may not include"),
        ("http/api.h", '"storage/object_store.h"', "http may not include"),
        ("keys/verifier.cpp", "<boost/asio.hpp>", "Boost is another room's"),
        ("http/api.h", "<openssl/evp.h>", "OpenSSL is another room's"),
        ("keys/verifier.h", "<curl/curl.h>", "libcurl is another room's"),
        ("base/text.h", "<CLI/CLI.hpp>", "CLI11 is another room's"),
        ("http/server.h", "<toml++/toml.h>", "toml++ is another room's"),
        ("keys/verifier.cpp", "<nlohmann/json.hpp>", "no library"),
        ("keys/verifier.cpp", "<gtest/gtest.h>", "for tests alone"),
        ("keys/verifier.cpp", '"support/fake_clock.h"', 'no "room/file.h"'),
        ("keys/verifier.cpp", '"verifier.h"', 'no "room/file.h"'),
    ],
)
def test_a_forbidden_include_is_named_with_file_and_line(house, file, include, why):
    line = add_line(house / "src" / file, f"#include {include}")
    found = faults(house)
    assert any(fault.startswith(f"src/{file}:{line}: ") and why in fault for fault in found), found


def test_a_test_file_may_make_what_its_room_is_handed_and_no_more(house):
    path = house / "src/http/layers_probe_test.cpp"
    path.write_text('#include "crypto/sha256.h"\n')
    assert faults(house) == []
    path.write_text('#include "s3/s3_store.h"\n')
    assert "src/http/layers_probe_test.cpp:1: http may not include" in faults(house)[0]


def test_a_header_that_shows_a_library_is_for_its_room_alone(house):
    add_line(house / "src/crypto/fernet.h", "#include <openssl/evp.h>")
    found = faults(house)
    assert any('"crypto/fernet.h" shows an outside library' in fault for fault in found), found


def test_a_test_file_may_include_googletest_and_the_support_folder(house):
    path = house / "src/keys/layers_probe_test.cpp"
    path.write_text('#include <gtest/gtest.h>\n\n#include "support/fake_clock.h"\n')
    assert faults(house) == []


def test_a_room_that_names_another_room_than_agreed_is_a_fault(house):
    path = house / "src/json/CMakeLists.txt"
    path.write_text(path.read_text().replace("DEPS base", "DEPS base crypto"))
    assert any(fault.startswith(str(path)) and "json names base crypto" in fault for fault in faults(house))


def test_a_library_that_another_room_owns_is_not_linked(house):
    path = house / "src/json/CMakeLists.txt"
    path.write_text(path.read_text().replace("DEPS base", "DEPS base LIBRARIES Boost::headers"))
    assert any("json may not link Boost::headers" in fault for fault in faults(house))


def test_a_folder_that_is_no_room_is_a_fault(house):
    (house / "src/attic").mkdir()
    assert any("a room is made by heare_library(attic" in fault for fault in faults(house))
    (house / "src/attic/CMakeLists.txt").write_text("heare_library(attic)\n")
    assert any("attic is no room" in fault for fault in faults(house))


def test_the_command_fails_where_there_is_a_fault(house, capsys):
    assert layers.main([str(house)]) == 0
    add_line(house / "src/keys/verifier.cpp", '#include "http/api.h"')
    assert layers.main([str(house)]) == 1
    assert "src/keys/verifier.cpp:" in capsys.readouterr().out
