"""Damaged debug files are borne: a few of mutants.py's in each language (`make check-mutants` for thousands)."""

import pathlib
import sys
import types

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from damage import WAYS, damage  # noqa: E402
from mutants import LANGUAGES, Subject, attack, find_originals  # noqa: E402

ORIGINALS = find_originals(LANGUAGES)
COUNT = 2 * len(WAYS)


def test_there_are_programs():
    assert {path.name.split("_")[0] for path in ORIGINALS} >= {"c", "cpp"}


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda path: path.name)
def test_mutants_are_borne(original, tmp_path, capsys):
    subject = Subject(original, tmp_path)
    with subject.program:
        failures = attack(subject, types.SimpleNamespace(seed=0, count=COUNT, keep=None))
    assert not failures, capsys.readouterr().out


def test_a_number_is_always_the_same_mutant():
    image = ORIGINALS[0].read_bytes()
    for seed in range(len(WAYS)):
        kind, mutant = damage(image, seed)
        assert (kind, mutant) == damage(image, seed)
        assert len(mutant) != len(image) or mutant != image, kind
