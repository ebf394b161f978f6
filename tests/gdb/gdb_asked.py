"""Asking GDB a list of questions in one go: see asking.py for what a step can be."""

import json
import pathlib
import shutil
import subprocess

import pytest

from conftest import EXTENSION, FAULTS, GDB, SETTINGS, gdb_environment

ASKING = pathlib.Path(__file__).with_name("asking.py")
LOAD = f"source {EXTENSION}"


class Answers(list):
    """One answer a step, in their order; @output is what GDB printed beside."""

    output = ""

    def of(self, step, number=0):
        return [answer for answer in self if answer["step"] == step][number]

    def text(self, step, number=0):
        """Of a step that must have gone well."""
        answer = self.of(step, number)
        assert answer["error"] is None, f"{answer}\n{self.output}"
        return answer["text"]

    def error(self, step, number=0):
        answer = self.of(step, number)
        assert answer["error"] is not None, answer
        return answer["error"]


def ask(folder, steps, *arguments, gdb=None, settings=(), timeout=120, env=None, script=ASKING, **options):
    """Answers of a GDB that was started with these arguments; @gdb is another one than that under test."""
    command = [*(GDB if gdb is None else [gdb]), "-nx", "-q", "-batch"]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    for setting in (*SETTINGS, *settings):
        command += ["-iex", setting]
    command += ["-x", script]  # done when all arguments are, but it must stand before --args
    asked, answers = folder / "asked.json", folder / "answers.json"
    asked.write_text(json.dumps(list(steps)))
    answers.unlink(missing_ok=True)
    done = subprocess.run([*command, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=timeout, check=False,
                          env=gdb_environment(**{**(env or {}), "ASKED": str(asked), "ANSWERS": str(answers)}), **options)
    output = done.stdout + done.stderr
    assert answers.exists() and not FAULTS.search(output), f"exit status {done.returncode}\n{output}"
    told = Answers(json.loads(answers.read_text()))
    told.output = output
    return told
