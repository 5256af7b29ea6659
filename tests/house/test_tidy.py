"""Every rule of tidy.py fires on an example, and none on what only looks like it."""

from pathlib import Path

import pytest

import tidy
from cxx import code_only, functions

BANNED = [
    "strcpy(to, from);",
    "sprintf(buffer, \"%d\", 1);",
    "sscanf(text, \"%d\", &n);",
    "int n = atoi(text);",
    "auto n = std::stoi(text);",
    "auto n = strtoul(text, nullptr, 10);",
    "int n = rand();",
    "std::mt19937 engine;",
    "system(\"ls\");",
    "std::regex pattern;",
    "auto* home = std::getenv(\"HOME\");",
    "auto* home = getenv(\"HOME\");",
    "std::cout << 1;",
    "std::cerr << 1;",
    "printf(\"%d\", 1);",
    "out << std::endl;",
    "if (memcmp(a, b, 32) == 0) {}",
    "using namespace std;",
    "std::this_thread::sleep_for(1s);",
    "usleep(100);",
    "auto now = std::chrono::system_clock::now();",
    "auto now = time(nullptr);",
    "auto* parts = gmtime(&seconds);",
    "mktemp(name);",
    "setlocale(LC_ALL, \"\");",
    "std::async(work);",
    "thread.detach();",
    "std::recursive_mutex mutex;",
    "assert(x > 0);",
]

INNOCENT = [
    "// strcpy(to, from) is what we never do\n",
    "/* system(\"ls\") */",
    "const char* text = \"std::cout << rand()\";",
    "auto text = R\"(printf(\"x\"))\";",
    "clock.sleep_for(1s);",
    "using namespace std::chrono_literals;",
    "using namespace std::string_view_literals;",
    "result.time(1);",
    "auto n = 10'000; auto system = 'x';",
    "static_assert(sizeof(int) == 4);",
    "double brand(int x);",
    "operand(1);",
]


@pytest.mark.parametrize("code", BANNED)
def test_a_banned_call_is_named_with_its_line_and_what_to_use(code):
    found = list(tidy.check_bans("src/keys/x.cpp", f"\n{code}\n"))
    assert [line for line, _ in found] == [2]
    assert "is banned: use " in found[0][1]


@pytest.mark.parametrize("code", INNOCENT)
def test_what_only_looks_like_a_banned_call_is_let_through(code):
    assert list(tidy.check_bans("src/keys/x.cpp", code)) == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("src/base/clock.cpp", "auto now = std::chrono::system_clock::now();"),
        ("src/app/environment.cpp", "std::getenv(name);"),
        ("src/app/output.cpp", "std::cout << text;"),
        ("src/keys/x_test.cpp", "std::mt19937 engine;"),
    ],
)
def test_the_one_place_for_a_call_may_make_it(file, code):
    assert list(tidy.check_bans(file, code)) == []
    assert list(tidy.check_bans("src/keys/x.cpp", code)) != []


def test_a_reason_in_a_comment_lets_one_call_through():
    for code in ("thread.detach();  // tidy: it may hang\n", "// tidy: it may hang\nthread.detach();\n"):
        assert list(tidy.check_bans("src/keys/x.cpp", code)) == []
    assert list(tidy.check_bans("src/keys/x.cpp", "// tidy:\nthread.detach();\n")) != []
    assert list(tidy.check_bans("src/keys/x.cpp", "// tidy: it may hang\n\nthread.detach();\n")) != []


def body(lines):
    return "".join(f"  int x{n} = f({{{n}}});\n" for n in range(lines))


@pytest.mark.parametrize(
    "head",
    [
        "int f()",
        "Foo::Foo(int x) : x_(x)",
        "bool operator==(const Foo& other) const",
        "template <class T = void, class U = std::vector<int>>\nint f(T x = T{})",
        "TEST(Foo, BarIsSeen)",
        "struct Foo {\n int f() const noexcept",
        "namespace {\nclass Foo final : public Bar {\n public:\n  std::vector<int> f()",
    ],
)
def test_a_function_that_grew_is_named_by_its_first_line(head):
    closing = "};" * (head.count("{") - head.count("{}"))
    text = f"\n\n{head} {{\n{body(70)}}}\n{closing}\n"
    found = [message for _, message in tidy.check_sizes(text)]
    assert len(found) == 1 and "a function of 7" in found[0]
    assert list(tidy.check_sizes(text.replace(body(70), body(60)))) == []


def test_a_long_table_is_no_function():
    assert list(tidy.check_sizes(f"constexpr std::array kTable = {{\n{'  f(1),' + chr(10)}{body(100)}}};\n")) == []


def test_a_namespace_or_class_is_as_long_as_it_likes():
    members = "  void f();\n" + "  int x;\n" * 200
    assert list(tidy.check_sizes(f"namespace a {{\nclass B {{\n{members}}};\n}}\n")) == []


def test_each_function_is_seen_with_its_lines():
    text = "namespace a {\nint f() {\n  if (x) {\n  }\n}\n\nint g()\n{ return 1; }\n}\n"
    assert [(f.head, f.first_line, f.last_line) for f in functions(text)] == [("int f()", 2, 5), ("int g()", 7, 8)]


def test_a_long_file_is_a_fault():
    assert [line for line, _ in tidy.check_sizes("int x;\n" * 401)] == [401]
    assert list(tidy.check_sizes("int x;\n" * 400)) == []


def test_a_header_without_pragma_once_first_is_a_fault():
    assert list(tidy.check_header("#include <x>\n#pragma once\n"))
    assert not list(tidy.check_header("// What it is.\n\n#pragma once\n"))


def test_a_test_file_without_a_test_is_a_fault():
    assert list(tidy.check_has_tests(Path("src/a/b_test.cpp"), "int x;\n"))
    assert list(tidy.check_has_tests(Path("tests/test_b.py"), "x = 1\n"))
    assert not list(tidy.check_has_tests(Path("src/a/b_test.cpp"), "TEST(A, BIsC) {}\n"))
    assert not list(tidy.check_has_tests(Path("tests/test_b.py"), "def test_b():\n"))


@pytest.mark.parametrize(
    "text",
    [
        "// TO" + "DO: later\n",
        "# FIX" + "ME\n",
        "see /wo" + "rk/x\n",
        "cd /ro" + "ot/x\n",
        "index = a.pkg" + ".dev/x\n",
        "x  \n",
        "no newline",
    ],
)
def test_what_is_left_undone_or_of_one_machine_is_a_fault(text):
    assert list(tidy.check_text(text))


def test_a_note_with_its_issue_is_let_through():
    assert not list(tidy.check_text("// TO" + "DO (#12): later\n"))


def test_blanking_keeps_every_line_where_it_is():
    text = 'a /* b\nc */ d "e\\"f" \'"\' // g\nR"x(\n)" )x" h 1\'000\'000 i\n'
    code = code_only(text)
    assert code.count("\n") == text.count("\n")
    assert "".join(code.replace('""', "").split()) == "adh1'000'000i"


def test_the_command_names_file_and_line_and_fails(tmp_path, capsys):
    (tmp_path / "src/keys").mkdir(parents=True)
    (tmp_path / "src/keys/x.cpp").write_text("int x = rand();\n")
    assert tidy.main([str(tmp_path)]) == 1
    assert "src/keys/x.cpp:1: `rand(` is banned: use base/random.h" in capsys.readouterr().out
