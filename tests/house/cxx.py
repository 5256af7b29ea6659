"""What the house checks know about C++ text: enough to tell code from comments and literals, no more."""

import re
from pathlib import Path
from typing import NamedTuple

SUFFIXES = (".cpp", ".h")


class Fault(NamedTuple):
    path: Path
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def cxx_files(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


# A digit separator (10'000) is no quote: it follows a letter or digit.
LITERAL_OR_COMMENT = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])*'
    """,
    re.VERBOSE | re.DOTALL,
)


def code_only(text):
    """`text` with comments and literals blanked; every line keeps its number."""

    def blank(match):
        found = match.group()
        filler = " " if found.startswith("/") else '""'
        return filler + "\n" * found.count("\n")

    return LITERAL_OR_COMMENT.sub(blank, text)


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """(line, is_quoted, path) of every #include. Comments hide none: a directive begins its line."""
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1) == '"', match.group(2)


class Block(NamedTuple):
    head: str
    first_line: int
    last_line: int


TEMPLATE = re.compile(r"template\s*<[^{}]*?>(?=\s*(?:template|requires|class|struct|[\w\[]))")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def is_function_head(head):
    """True for what stands before a body: a parameter list, and no `=` that would make it an initializer."""
    flat = re.sub(r"operator\s*[^\s(\w]+", "operator", TEMPLATE.sub("", head))
    if "(" not in flat:
        return False
    while (shorter := re.sub(r"\([^()]*\)", " ", flat)) != flat:
        flat = shorter
    return "=" not in flat


def functions(text):
    """The outermost function bodies (members and TEST bodies too), each with the lines from its head to its end."""
    code = re.sub(r"^[ \t]*#.*$", "", code_only(text), flags=re.MULTILINE)
    head_begin, depth, block = 0, 0, None
    for match in re.finditer(r"[{};]", code):
        position, token = match.start(), match.group()
        if block is not None:
            depth += {"{": 1, "}": -1, ";": 0}[token]
            if depth > 0:
                continue
            if is_function_head(block.head):
                yield block._replace(last_line=code.count("\n", 0, position) + 1)
            block = None
        elif (head := code[head_begin:position]).count("(") != head.count(")"):
            continue  # braces of a default argument
        elif token == "{":
            if is_function_head(head) or not SCOPE.search(head):
                first_line = code.count("\n", 0, head_begin + len(head) - len(head.lstrip())) + 1
                block, depth = Block(head.strip(), first_line, 0), 1
        head_begin = position + 1
