"""The version stands in CMakeLists.txt; wherever else people read one, it is the same."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def found(name, pattern):
    return re.findall(pattern, (REPOSITORY / name).read_text(), re.MULTILINE)


(VERSION,) = found("CMakeLists.txt", r"^project\(heare-auth VERSION (\S+) ")


def test_it_is_semantic():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_changelog_begins_with_it():
    assert found("CHANGELOG.md", r"^## (\S+) ")[0] == VERSION


def test_the_readme_names_the_package_of_it():
    assert set(found("README.md", r"heare-auth_([\d.]+)_")) == {VERSION}


def test_the_manifests_run_the_image_of_it():
    assert found("deploy/kubernetes/kustomization.yaml", r'newTag: "(.*)"') == [VERSION]
