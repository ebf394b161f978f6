"""The commands of the machine interface, as an editor or a script would use them."""

import re

import pytest

import modules


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("modules")
    modules.build(path)
    return path


@pytest.fixture
def mi(folder, start, run_gdb, version):
    """mi(command) is the answer of one command on a host that has loaded red.so and blue.so."""
    if version < (12, 1):
        pytest.skip("this GDB's machine interface cannot be extended")

    def run(command):
        running = start([folder / "host", folder / "red.so", folder / "blue.so"])
        return run_gdb(f'interpreter-exec mi "{command}"', pid=running.pid)
    return run


def test_report(mi):
    answer = mi("-polyton-report ^registry$")
    assert answer.count('rule="PT002"') == 1 and 'singleton="registry"' in answer
    assert "per_thread" not in re.search(r"^\^done,.*$", answer, re.MULTILINE)[0]
    assert re.search(r'subject=\{type="debugger",pid="\d+"', answer)


def test_show(mi):
    """With GDB's text of each cell, beside the library's."""
    done = re.search(r"^\^done,(.*)$", mi("-polyton-show registry"), re.MULTILINE)[1]
    cells = re.findall(r'object="([a-z.]+)",symbol="registry".*?cells=\[\{state="(\w+)",address="(0x[0-9a-f]+)".*?gdb="(.*?[^\\])"\}\]',
                       done)
    assert [(name, state) for name, state, _, _ in cells] == [("host", "initial"), ("red.so", "initial"),
                                                              ("blue.so", "initial")]
    assert cells[1][3].startswith("{count = 10, name = 0x") and cells[2][3].startswith("{reserved = 7, count = 20, ")
    assert 'threads=[{tid="' in done and "None" not in done


@pytest.mark.parametrize("view, member", [("objects", "path"), ("threads", "tcb"), ("tls", "tls")])
def test_lists(mi, view, member):
    done = re.search(r"^\^done,(.*)$", mi(f"-polyton-{view}"), re.MULTILINE)[1]
    assert f'{member}=' in done and done.startswith(("objects=[{", "threads=[{"))


@pytest.mark.parametrize("command, complaint", [
    ("-polyton-show", "usage: -polyton-show NAME"),
    ("-polyton-show nothing_like_it", 'nothing with several copies is called'),
    ("-polyton-report a b", "usage: -polyton-report [REGEX]"),
    ("-polyton-objects a", "usage: -polyton-objects"),
])
def test_complaints(mi, command, complaint):
    assert re.search(r'^\^error,msg=".*' + re.escape(complaint), mi(command), re.MULTILINE)
