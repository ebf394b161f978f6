"""Programs and libraries made for a test of files, and what their loader would load, which it is asked itself."""

import os
import pathlib
import re
import subprocess

HOST = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

#ifndef LM_ID_NEWLM /* musl has one namespace */
#define LM_ID_NEWLM 0
#define dlmopen(space, path, flags) dlopen(path, flags)
#endif

static int show(void *handle, const char *space)
{
	struct link_map *map;
	if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map))
		return fprintf(stderr, "%s\n", dlerror()) && 1;
	while (map->l_prev)
		map = map->l_prev;
	for (; map; map = map->l_next)
		printf("%s %s\n", space, map->l_name);
	return 0;
}

/* Each argument is the way to open it, a letter, and a path: "l/some/plugin.so". */
int main(int count, char **words)
{
	void *apart[16];
	int spaces = 0, status = 0;
	for (int i = 1; i < count; i++) {
		const char *path = words[i] + 1;
		void *handle = words[i][0] == 'n' ? dlmopen(LM_ID_NEWLM, path, RTLD_LAZY)
						  : dlopen(path, RTLD_LAZY | (words[i][0] == 'g' ? RTLD_GLOBAL : 0));
		if (!handle)
			return fprintf(stderr, "%s\n", dlerror()) && 1;
		if (words[i][0] == 'n')
			apart[spaces++] = handle;
	}
	status |= show(dlopen(NULL, RTLD_LAZY), "0");
	for (int i = 0; i < spaces; i++) {
		char number[] = { (char)('1' + i), '\0' };
		status |= show(apart[i], number);
	}
	return status;
}
"""
OPTIONS = {"l": "--plugin", "g": "--global", "n": "--namespace"}
TRACED = re.compile(r"^\t(?:(?P<name>.*) => )?(?P<path>.*?)(?: \(0x[0-9a-f]+\))?$")


def run(command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr}"
    return done.stdout


def clean_environment(**changes):
    return {**{key: value for key, value in os.environ.items() if not key.startswith("LD_")}, **changes}


class Tree:
    """Files below a folder of the test's; all paths that are given to it are relative to that."""

    def __init__(self, folder, compiler="cc"):
        self.folder, self.compiler = pathlib.Path(os.path.realpath(folder)), compiler

    def __truediv__(self, path):
        return self.folder / path

    def _link(self, path, needs, flags, source):
        """Linked with those files in that order, whether it uses them or not."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        files = [str(self.folder / need) for need in needs]
        command = [self.compiler, "-x", "c", "-", "-x", "none", "-o", str(target), "-Wl,--no-as-needed",
                   "-Wl,--unresolved-symbols=ignore-all", *files, *flags]
        done = subprocess.run(command, input=source, text=True, capture_output=True, check=False, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return target

    def library(self, path, *needs, soname=None, rpath=None, runpath=None, flags=(), source=None):
        name = pathlib.Path(path).name if soname is None else soname
        soname_flags = [f"-Wl,-soname,{name}"] if name else []
        mark = re.sub(r"\W", "_", path)
        return self._link(path, needs, ["-shared", "-fPIC", "-nostdlib", *soname_flags, *paths(rpath, runpath), *flags],
                          source or f"int here_{mark} = 1;")

    def program(self, path="program", *needs, rpath=None, runpath=None, flags=(), source=None):
        return self._link(path, needs, [*paths(rpath, runpath), *flags], source or "int main(void) { return 0; }")

    def host(self, path="program", *needs, **options):
        return self.program(path, *needs, source=HOST, **options)


def paths(rpath, runpath):
    if rpath is not None:
        return ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{rpath}"]
    return ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{runpath}"] if runpath is not None else []


def is_vdso(path):
    return path.startswith("linux-vdso")


def traced(text):
    """The loader's answer to LD_TRACE_LOADED_OBJECTS or --list: (paths in order, names that were not found)."""
    lines = [TRACED.match(line) for line in text.splitlines() if line.startswith("\t")]
    missing = [line["name"] for line in lines if line["path"] == "not found"]
    return [line["path"] for line in lines if line["path"] != "not found" and not is_vdso(line["path"])], missing


def loader_list(program, env=None, cwd="/"):
    text = run([program], cwd=cwd, env=clean_environment(LD_TRACE_LOADED_OBJECTS="1", **(env or {})))
    if "statically linked" in text:
        return [], []
    return traced(text)


def opened_list(host, plugins, env=None, cwd="/"):
    """What really is in the started HOST's lists: [(namespace, path)], the program's own name left out."""
    text = run([host, *plugins], cwd=cwd, env=clean_environment(**(env or {})))
    rows = [tuple(line.split(" ", 1)) for line in text.splitlines()]
    return [(space, path) for space, path in rows if path and not is_vdso(path)]


def plugin_options(plugins):
    return [word for plugin in plugins for word in (OPTIONS[plugin[0]], plugin[1:])]


def absolute(path, cwd):
    """As the loader names it, where polyton leaves out the folder that it runs in."""
    return path if path.startswith("/") else f"{str(cwd).rstrip('/')}/{path}"
