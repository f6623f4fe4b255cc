"""What the project says about itself in several places agrees."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
GROUPS = {"course": ("course", "site"), "test": ("course", "site", "test", "jax")}
MACHINES = [
    {"python_version": python, "python_full_version": f"{python}.9"} | system
    for python in ("3.11", "3.12", "3.13")
    for system in (
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    )
]
PIN = re.compile(r"(?P<pin>[\w.-]+==\S+(?: ;[^\\]+)?) \\(?P<hashes>(?:\n    --hash=\S+(?: \\)?)+)")


def listed(*groups):
    """Every requirement of the project, of what builds it and of these groups."""
    extras = [PROJECT["optional-dependencies"][group] for group in groups]
    return list(itertools.chain(PROJECT["dependencies"], *extras))


def lock(name):
    return (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name):
    return [Requirement(match["pin"]) for match in PIN.finditer(lock(name))]


def installed_on(machine, name):
    """Name and version of each package that a lock brings to a machine."""
    environment = default_environment() | machine
    chosen = [pin for pin in pins(name) if not pin.marker or pin.marker.evaluate(environment)]
    versions = {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in chosen}
    assert len(versions) == len(chosen), "a package is pinned twice for one machine"
    return versions


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m['python_version']}-{m['os_name']}")
@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_satisfies_what_the_project_requires(name, machine):
    versions = installed_on(machine, name)
    for requirement in map(
        Requirement, listed(*GROUPS[name]) + SETTINGS["build-system"]["requires"]
    ):
        version = versions.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in locks/{name}.txt; renew it: make lock"
        assert requirement.specifier.contains(version), (
            f"{requirement}, locked {version}: make lock"
        )


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_is_pins_with_hashes_and_nothing_else(name):
    text = lock(name)
    rest = PIN.sub("", text).strip()
    assert rest == ""
    hashes = re.findall(r"--hash=(\S+)", text)
    assert len(hashes) >= len(pins(name)) > 100
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes)


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_names_no_host_and_no_torch(name):
    text = lock(name)
    assert "://" not in text
    assert " @ " not in text
    assert "torch" not in {pin.name for pin in pins(name)}


def test_what_the_course_installs_the_tests_install_too():
    assert {str(pin) for pin in pins("course")} <= {str(pin) for pin in pins("test")}


def test_the_locks_are_what_the_bootstrap_installs():
    source = (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8")
    for name, groups in GROUPS.items():
        assert f'"{name}": {groups}'.replace("'", '"') in source


def test_conda_gets_the_same_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, with_pip = environment["dependencies"]
    assert set(conda) == {f"python{PROJECT['requires-python']}", "pip"}
    *packages, cnnlib = with_pip["pip"]
    assert cnnlib == "-e ."
    assert sorted(packages) == sorted(listed("course", "site"))


def test_the_bootstrap_accepts_the_pythons_that_the_project_requires():
    source = (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8")
    supported = re.findall(r"\((3), (\d+)\)", source.split("SUPPORTED = ")[1].splitlines()[0])
    required = SpecifierSet(PROJECT["requires-python"])
    assert {f"3.{minor}" for _, minor in supported} == {
        f"3.{minor}" for minor in range(20) if f"3.{minor}" in required
    }


def test_every_target_of_the_makefile_is_helped_and_known():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    helped = set(re.findall(r'@echo "make ([\w-]+)', makefile))
    phony = set(re.search(r"\.PHONY: (.+)", makefile)[1].split())
    source = (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8")
    known = set(re.findall(r'^    "([\w-]+)": \w+,$', source, re.MULTILINE))
    assert helped == known == phony - {"help"}


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_what_hosted_checks_run_exists(path):
    text = path.read_text(encoding="utf-8")
    assert yaml.safe_load(text)
    for command in re.findall(r"[\w/]*tools/\w+\.py", text):
        assert (ROOT / command).is_file(), f"{path.name} runs {command}"
