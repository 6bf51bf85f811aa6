"""The house itself: its door, its environment files, its two commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import si_research

HEAVY = ("pandas", "numpy", "scipy", "statsmodels", "seaborn", "matplotlib", "pydantic", "rich", "pyreadstat")


def modules_after(code: str) -> set[str]:
    """The modules that a fresh Python holds after running ``code``."""
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["si_research", "si_research.cli"])
def test_the_command_line_runs_as_a_module(module: str) -> None:
    run = partial(subprocess.run, capture_output=True, text=True, check=False)
    done = run([sys.executable, "-m", module, "--version"])
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "si-research")
    assert run([sys.executable, "-m", module, "check", "nowhere"]).returncode == 2


@pytest.mark.parametrize(
    "code",
    [
        "import si_research",
        "import si_research.cli",
        "from click.testing import CliRunner\nfrom si_research.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0",
    ],
)
def test_the_door_opens_without_heavy_libraries(code: str) -> None:
    """`import si_research` and `si-research --help` load nothing that costs time."""
    assert not modules_after(code) & set(HEAVY)


def test_every_public_name_is_there_and_documented() -> None:
    assert len(si_research.__all__) == len(set(si_research.__all__)) <= 40
    for name in si_research.__all__:
        thing = getattr(si_research, name)
        assert not name.lower().startswith("test"), name
        if callable(thing):
            assert thing.__doc__, name


def test_an_unknown_name_says_where_to_look() -> None:
    with pytest.raises(AttributeError, match="__all__"):
        si_research.fit_everything  # noqa: B018


def test_environment_yml_agrees_with_pyproject(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated, and independently: every requirement with its bounds, the Python range, and no stranger."""
    monkeypatch.syspath_prepend(str(project / "tools"))
    import environment_file

    text = (project / "environment.yml").read_text("utf-8")
    assert text == environment_file.render()
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    listed = [entry for entry in YAML(typ="safe").load(text)["dependencies"] if isinstance(entry, str)]
    wanted = declared["dependencies"] + declared["optional-dependencies"]["notebooks"]
    assert sorted(entry.replace("matplotlib-base", "matplotlib") for entry in listed) == sorted(
        [*wanted, "pip", f"python{declared['requires-python']}"]
    )


def pins(path: Path) -> set[str]:
    return set(re.findall(r"^[a-z0-9][^ ]*==[^ ;\\]+(?: ; [^\\]+)?", path.read_text("utf-8"), re.M))


def test_the_lock_files_agree_and_name_no_host(project: Path) -> None:
    study, development = (project / "requirements" / f"{name}.txt" for name in ("study", "development"))
    names = {pin.split("==")[0] for pin in pins(study)}
    assert len(names) > 100
    by_name = {pin.split("==")[0] + pin.partition(";")[2]: pin for pin in pins(development)}
    for pin in pins(study):
        assert by_name[pin.split("==")[0] + pin.partition(";")[2]] == pin
    for lock in (study, development):
        assert "://" not in lock.read_text("utf-8")
        assert "--index" not in lock.read_text("utf-8")


def test_every_requirement_is_locked(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    wanted = declared["project"]["dependencies"] + declared["project"]["optional-dependencies"]["notebooks"]
    wanted += declared["dependency-groups"]["dev"] + declared["dependency-groups"]["build"]
    locked = {pin.split("==")[0] for pin in pins(project / "requirements" / "development.txt")}
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert name is not None
        assert name.group().lower().replace(".", "-") in locked


def test_bootstrap_reads_the_pin_of_uv(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(project / "tools"))
    import bootstrap

    lines = bootstrap.pinned_uv(project / "requirements" / "study.txt").splitlines()
    assert lines[0].startswith("uv==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
    assert len(lines) > 2


def test_bootstrap_sets_up_again_when_a_lock_file_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(project / "tools"))
    import bootstrap

    for name in ("pyproject.toml", "requirements/study.txt", "requirements/development.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((project / name).read_bytes())
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    python = bootstrap.in_venv("python")
    python.parent.mkdir(parents=True)
    python.touch()
    assert not bootstrap.is_ready("study")
    (tmp_path / ".venv" / ".development-stamp").write_text(bootstrap.stamp_of("development"))
    assert bootstrap.is_ready("study")
    assert bootstrap.is_ready("development")
    with (tmp_path / "requirements/development.txt").open("a") as lock:
        lock.write("# changed\n")
    assert not bootstrap.is_ready("study")


def test_no_machine_path_and_no_merge_mark_in_any_file(project: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    marks = ("/" + "root/", "/" + "work/", "/" + "home/", "<" * 7 + " ")
    found = [
        name
        for name in filter(None, tracked)
        if (project / name).suffix in {".py", ".md", ".yml", ".toml", ".txt", ".json", ".ipynb", ""}
        and (project / name).is_file()
        and any(mark in (project / name).read_text("utf-8", errors="replace") for mark in marks)
    ]
    assert found == []
