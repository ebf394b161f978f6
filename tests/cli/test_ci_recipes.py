"""The recipes of docs/ci.md, taken from there and run: on a C project with two plugins, and on a workspace of cargo.

A service is played as far as a recipe touches it: which steps run after which, in which shell, with which variables,
and what it reads afterwards. Files that it reads must be there, and valid.
"""

import dataclasses
import datetime
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import jsonschema
import pytest

from conftest import POLYTON, ROOT, plain_environment

SCHEMAS = ROOT / "tests/schemas"
CLEAN, FINDINGS, USAGE = range(3)

needs = {name: pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")
         for name in ("cmake", "git", "jq", "actionlint")}


# The page ----------------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs/ci.md").read_text()
FENCED = re.compile(r"^```(\w+) name=([a-z]+)(?: file=(\S+))?\n(.*?)^```$", re.M | re.S)
BLOCKS = {name: (file, text) for _, name, file, text in FENCED.findall(PAGE)}


def recipe(name):
    return BLOCKS[name][1]


def put(name, folder, mode="w"):
    """Write a recipe into the file that the page says it is."""
    path = folder / BLOCKS[name][0]
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, mode) as file:
        file.write(recipe(name))
    return path


def test_each_block_is_tried():
    """A block without a name, or one that no test takes, would rot."""
    fences = re.findall(r"^```.*$", PAGE, re.M)
    assert len(fences) == 2 * len(BLOCKS), [fence for fence in fences if " name=" not in fence and fence != "```"]
    with open(__file__) as file:
        taken = set(re.findall(r"\b(?:recipe|put|shell)\(\"([a-z]+)\"", file.read()))
    assert taken == set(BLOCKS)


# The project -------------------------------------------------------------------------------------------------

SOURCES = {
    "registry.c": """
        #include "project.h"
        int registry_count;
        static const char *registry_names[16];
        void registry_add(const char *name) { registry_names[registry_count++ & 15] = name; }
        int registry_size(void) { return registry_names[0] ? registry_count : 0; }
        """,
    "settings.c": """
        #include "project.h"
        int settings_level;
        int settings_raise(void) { return ++settings_level; }
        """,
    "project.h": """
        #define PUBLIC __attribute__((visibility("default")))
        PUBLIC void registry_add(const char *name);
        PUBLIC int registry_size(void);
        PUBLIC int settings_raise(void);
        PUBLIC int plugin_run(void);
        """,
    "plugin_a.c": """
        #include "project.h"
        int plugin_run(void) { registry_add("a"); return settings_raise(); }
        """,
    "plugin_b.c": """
        #include "project.h"
        #ifndef WITH_SETTINGS
        #define settings_raise() 0
        #endif
        int plugin_run(void) { return registry_size() + settings_raise(); }
        """,
    "host.c": """
        #include <dlfcn.h>
        #include <stdio.h>
        #include <unistd.h>
        int main(int argc, char **argv)
        {
            int status = -1;
            for (int i = 1; i < argc; i++) {
                if (sscanf(argv[i], "--exit=%d", &status) == 1)
                    continue;
                void *plugin = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
                int (*run)(void) = plugin ? (int (*)(void))dlsym(plugin, "plugin_run") : NULL;
                if (!run)
                    return fprintf(stderr, "%s\\n", dlerror()), 1;
                run();
            }
            printf("ready\\n");
            fflush(stdout);
            return status >= 0 ? status : pause();
        }
        """,
    "Makefile": """
include config.mk
CFLAGS = -g -O1 -fPIC -fvisibility=hidden
PLUGINS = build/plugins/libplugin_a.so build/plugins/libplugin_b.so

all: build/host $(PLUGINS)
build/host: host.c | build/plugins
	$(CC) $(CFLAGS) -pie -o $@ $< -ldl
build/plugins:
	mkdir -p $@
build/registry.o build/settings.o: build/%.o: %.c | build/plugins
	$(CC) $(CFLAGS) -c -o $@ $<
build/lib%.a: build/%.o
	$(AR) rcs $@ $<
build/lib%.so: build/%.o
	$(CC) -shared -o $@ $<
$(PLUGINS): build/plugins/lib%.so: %.c $(REGISTRY) build/libsettings.a
	$(CC) $(CFLAGS) $(PLUGIN_FLAGS) -shared -o $@ $^ '-Wl,-rpath,$$ORIGIN/..'
""",
    "CMakeLists.txt": """
cmake_minimum_required(VERSION 3.18)
project(example C)
include(config.cmake)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_library(registry ${REGISTRY} registry.c)
add_library(settings STATIC settings.c)
add_executable(host host.c)
target_link_libraries(host ${CMAKE_DL_LIBS})
foreach(name a b)
  add_library(plugin_${name} MODULE plugin_${name}.c)
  target_link_libraries(plugin_${name} registry settings)
endforeach()
target_compile_definitions(plugin_b PRIVATE ${PLUGIN_B})
""",
}


class Project:
    """A host, two plugins, and a library that both have linked in ("twice") or share ("once"); perhaps another one."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / ".git").mkdir()
        for name, text in SOURCES.items():
            (folder / name).write_text(text)
        put("policy", folder)

    def link(self, registry, with_settings=False):
        flag = "WITH_SETTINGS" if with_settings else ""
        file, kind = {"twice": ("build/libregistry.a", "STATIC"), "once": ("build/libregistry.so", "SHARED")}[registry]
        (self.folder / "config.mk").write_text(f"REGISTRY = {file}\nPLUGIN_FLAGS = {flag and '-D' + flag}\n")
        (self.folder / "config.cmake").write_text(f"set(REGISTRY {kind})\nset(PLUGIN_B {flag})\n")
        shutil.rmtree(self.folder / "build", ignore_errors=True)

    def make(self):
        subprocess.run(["make", "-s"], cwd=self.folder, env=build_environment(), check=True)


def build_environment(with_polyton=True, **changes):
    """What a job has: nothing of the make that may be running these tests."""
    environment = {key: value for key, value in plain_environment().items()
                   if not key.startswith(("MAKE", "MFLAGS", "CARGO", "GITHUB_", "SOURCE_DATE_EPOCH", "LD_"))}
    if with_polyton:
        environment["PATH"] = f"{POLYTON.parent}:{environment['PATH']}"
    return dict(environment, **changes)


def run_shell(text, folder, environment, shell=("bash", "-e")):
    return subprocess.run([*shell, "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)


def shell(name, project, **changes):
    return run_shell(recipe(name), project.folder, build_environment(**changes))


@pytest.fixture(scope="module")
def baselines(tmp_path_factory):
    """What the step "accept" writes, by what is linked."""
    texts = {}
    for registry in ("once", "twice"):
        project = Project(tmp_path_factory.mktemp("accepted") / "project")
        project.link(registry)
        project.make()
        done = run_shell(recipe("baseline").splitlines()[0], project.folder, build_environment())
        assert done.returncode == CLEAN, done.stdout
        texts[registry] = (project.folder / "polyton-baseline.json").read_text()
    assert json.loads(texts["once"])["findings"] == [] != json.loads(texts["twice"])["findings"]
    return texts


# The stories -------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Story:
    registry: str            # how the library is linked
    passes: bool
    known: str = "once"      # what was linked when the baseline was written
    settings: bool = False   # another library is linked into both, too
    is_suppressed: bool = False
    days: int = 0            # after the suppression's last day
    says: tuple = ()


STORIES = {
    "second copy": Story("twice", False, says=("registry_count (static) exists twice: in libplugin_a.so and libplugin_b.so",)),
    "cured": Story("once", True),
    "suppressed": Story("twice", True, is_suppressed=True),
    "suppression ended": Story("twice", False, is_suppressed=True, days=1,
                               says=("registry_count", "ticket 4711\" ended on 2027-06-30")),
    "known": Story("twice", True, known="twice"),
    "something new": Story("twice", False, known="twice", settings=True, says=("settings_level (static) exists twice",)),
}


def last_moment(days=0):
    """The last second of the day on which the suppression of the page ends, or of a later day."""
    day, = re.findall(r"expires: (\S+)", recipe("suppression"))
    moment = datetime.datetime.fromisoformat(f"{day}T23:59:59+00:00") + datetime.timedelta(days=days)
    return str(int(moment.timestamp()))


@pytest.fixture
def tell(tmp_path, baselines):
    """tell(STORY) is the project in which it happens, and the environment."""

    def make(story):
        project = Project(tmp_path / "project")
        project.link(story.registry, story.settings)
        (project.folder / "polyton-baseline.json").write_text(baselines[story.known])
        if story.is_suppressed:
            with open(project.folder / ".polyton.yml", "a") as file:
                file.write(recipe("suppression"))
        return project, {"SOURCE_DATE_EPOCH": last_moment(story.days)}

    return make


def check(story, has_passed, text):
    assert has_passed == story.passes, text
    for words in story.says:
        assert words in text
    is_new = re.search(r"\(new\):+ ?registry_count \(static\) exists", text) is not None
    assert is_new == (not story.passes and story.known == "once"), text


each_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


# First steps -------------------------------------------------------------------------------------------------


def test_look(tmp_path):
    project = Project(tmp_path / "project")
    for registry, code in (("twice", FINDINGS), ("once", CLEAN)):
        project.link(registry)
        done = shell("look", project)
        assert done.returncode == code, done.stdout


def test_look_at_what_is_stripped(tmp_path):
    """It is told, but nothing else; debug files help."""
    project = Project(tmp_path / "project")
    project.link("twice")
    project.make()
    (project.folder / "debug").mkdir()
    for plugin in project.folder.glob("build/plugins/*.so"):
        debug = project.folder / "debug" / f"{plugin.name}.debug"
        subprocess.run(["objcopy", "--only-keep-debug", plugin, debug], check=True)
        subprocess.run(["objcopy", "--strip-all", f"--add-gnu-debuglink={debug}", plugin], check=True)
    done = shell("look", project)
    assert done.returncode == CLEAN and "libplugin_b.so have no symbol table (stripped)" in done.stdout, done.stdout
    done = run_shell(recipe("look").replace("report", "report --debug-dir debug"), project.folder, build_environment())
    assert done.returncode == FINDINGS and "registry_count" in done.stdout, done.stdout


def test_look_at_what_is_missing(tmp_path):
    """A library and a folder are notes; a pattern that fits nothing is refused."""
    project = Project(tmp_path / "project")
    project.link("once")
    project.make()
    (project.folder / "build/libregistry.so").unlink()
    command = recipe("look").splitlines()[1]
    done = run_shell(command, project.folder, build_environment())
    assert done.returncode == CLEAN and "libregistry.so, which libplugin_a.so and 1 more need, was not found" in done.stdout
    (project.folder / "build/plugins").rename(project.folder / "build/modules")
    (project.folder / "build/plugins").mkdir()
    done = run_shell(command.replace("/*.so", ""), project.folder, build_environment())
    assert done.returncode == CLEAN and "there are no ELF files in build/plugins" in done.stdout
    done = run_shell(command, project.folder, build_environment())
    assert done.returncode == USAGE and "build/plugins/*.so" in done.stdout


@each_story
def test_check(story, tell):
    project, changes = tell(story)
    project.make()
    done = shell("check", project, **changes)
    assert done.returncode == (CLEAN if story.passes else FINDINGS)
    check(story, done.returncode == CLEAN, done.stdout)


def test_no_baseline(tmp_path):
    project = Project(tmp_path / "project")
    project.link("once")
    project.make()
    done = shell("check", project)
    assert done.returncode == USAGE
    assert done.stdout == "polyton: polyton-baseline.json: No such file or directory ('polyton baseline' writes a baseline)\n"


def test_new_on_the_command_line(tell):
    """Without "new" in the policy."""
    story = STORIES["known"]
    project, _ = tell(story)
    policy = project.folder / ".polyton.yml"
    policy.write_text(policy.read_text().replace("[new, warning]", "warning"))
    project.make()
    assert shell("check", project).returncode == FINDINGS
    text = recipe("check").replace("--baseline", "--fail-on new --baseline")
    assert run_shell(text, project.folder, build_environment()).returncode == CLEAN
    project.link("twice", with_settings=True)
    project.make()
    assert run_shell(text, project.folder, build_environment()).returncode == FINDINGS


@needs["git"]
def test_baseline(tmp_path):
    """It is written, kept, and written anew when something was cured."""
    project = Project(tmp_path / "project")
    (project.folder / ".git").rmdir()
    subprocess.run(["git", "init", "-q"], cwd=project.folder, check=True)
    project.link("twice")
    project.make()
    assert shell("check", project).returncode == USAGE
    done = shell("baseline", project)
    assert done.returncode == CLEAN, done.stdout
    kept = subprocess.run(["git", "ls-files"], cwd=project.folder, check=True, capture_output=True, text=True).stdout
    assert kept.split() == [".polyton.yml", "polyton-baseline.json"]
    assert shell("check", project).returncode == CLEAN
    project.link("once")
    project.make()
    done = shell("renew", project)
    assert done.returncode == CLEAN and "registry_count" in done.stdout, done.stdout
    project.link("twice")
    project.make()
    assert shell("check", project).returncode == FINDINGS


@pytest.mark.parametrize("days, code", [(10, FINDINGS), (50, CLEAN)])
def test_forecast(tell, days, code):
    """A suppression that holds today, and in a month may not."""
    project, _ = tell(STORIES["suppressed"])
    day = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=days)
    policy = project.folder / ".polyton.yml"
    policy.write_text(re.sub("expires: .*", f"expires: {day}", policy.read_text()))
    project.make()
    assert shell("check", project).returncode == CLEAN
    done = shell("forecast", project)
    assert done.returncode == code, done.stdout
    assert (f"ended on {day}" in done.stdout) == (code == FINDINGS)


def test_sets(tmp_path):
    project = Project(tmp_path / "project")
    project.link("twice")
    assert shell("look", project).returncode == FINDINGS
    with open(project.folder / ".polyton.yml", "a") as file:
        file.write(recipe("sets"))
    assert shell("look", project).returncode == CLEAN
    policy = project.folder / ".polyton.yml"
    policy.write_text(policy.read_text().replace("]\n  - [libplugin_b", ", libplugin_b"))
    assert "[libplugin_a.so, libplugin_b.so]" in policy.read_text()
    assert shell("look", project).returncode == FINDINGS


# Getting polyton: the real bootstrap and the real make, but no package manager, and no other repository than this.

NO_PACKAGES = {"dpkg-query": 'printf "%s installed\\n" "$@"', "apt-get": "exit 1", "rpm": "exit 0", "pacman": "exit 0",
               "git": f'[ "$1 $2 $3 $4" = "clone --depth 1 URL" ] && ln -s "{ROOT}" "$5"'}


def outer_variables():
    """Variables of the make that runs the tests, but for those that would make another polyton."""
    words = os.environ.get("MAKEFLAGS", "").partition("-- ")[2].split()
    return " ".join(word for word in words if not word.startswith(("SAN=", "PREFIX=", "DESTDIR=", "LIBDIR=")))


@pytest.fixture
def bare_home(tmp_path):
    """The environment of a job that has no polyton, and its home."""
    shims = tmp_path / "shims"
    shims.mkdir()
    for name, text in NO_PACKAGES.items():
        (shims / name).write_text(f"#!/bin/sh\n{text}\n")
        (shims / name).chmod(0o755)
    environment = build_environment(with_polyton=False, HOME=str(tmp_path / "home"), POLYTON_REPOSITORY="URL")
    environment["PATH"] = f"{shims}:{environment['PATH']}"
    if outer_variables():
        environment["MAKEFLAGS"] = f" -- {outer_variables()}"
    return environment, tmp_path / "home"


def test_install(bare_home, tmp_path):
    environment, home = bare_home
    done = run_shell(recipe("install"), tmp_path, environment)
    assert done.returncode == 0, done.stdout
    version = subprocess.run([home / ".local/bin/polyton", "--version"], check=True, capture_output=True, text=True).stdout
    assert version.startswith("polyton 0.")


# GitHub Actions ----------------------------------------------------------------------------------------------


class Workflow:
    """A job of a workflow, and what a runner makes of it."""

    KEYS = {"name", "on", "permissions", "jobs"}
    JOB_KEYS = {"runs-on", "steps", "name", "needs", "if", "permissions", "env", "timeout-minutes", "container"}
    STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory"}
    INPUTS = {"actions/checkout": {"repository", "ref", "path"}, "actions/upload-artifact": {"name", "path"},
              "github/codeql-action/upload-sarif": {"sarif_file", "category"}}

    def __init__(self, text):
        yaml = pytest.importorskip("yaml")
        document = yaml.safe_load(text)
        document["on"] = document.pop(True)  # YAML 1.1 reads "on" so
        assert set(document) <= self.KEYS
        assert set(document["on"]) == {"push", "pull_request"}
        assert document["permissions"] == {"contents": "read", "security-events": "write"}
        job, = document["jobs"].values()
        assert {"runs-on", "steps"} <= set(job) <= self.JOB_KEYS
        self.steps = job["steps"]
        for step in self.steps:
            assert set(step) <= self.STEP_KEYS and ("run" in step) != ("uses" in step), step
            if "uses" in step:
                action, version = re.fullmatch(r"([\w-]+/[\w/-]+)@(v\d+)", step["uses"]).groups()
                assert version and set(step.get("with", {})) <= self.INPUTS[action], step
                step["action"] = action

    def is_due(self, step, folder, has_failed):
        condition = step.get("if")
        if not condition:
            return not has_failed
        files, = re.fullmatch(r"\$\{\{ !cancelled\(\) && hashFiles\('([^']+)'\) != '' \}\}", condition).groups()
        return any(folder.glob(files))

    def run(self, folder, environment, checkout):
        """Outcome of the job, its output, its summary, and its uploads by action."""
        environment = dict(environment, CI="true", GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(folder))
        commands = folder.parent / "_runner_file_commands"
        commands.mkdir()
        has_failed, output, summary, uploads = False, "", "", {}
        for number, step in enumerate(self.steps):
            if not self.is_due(step, folder, has_failed):
                continue
            if step.get("action") == "actions/checkout":
                checkout(folder, step.get("with", {}))
            elif "uses" in step:
                uploads[step["action"]] = folder / (step["with"].get("path") or step["with"]["sarif_file"])
                assert uploads[step["action"]].is_file()
            else:
                files = {name: commands / f"{name}_{number}" for name in ("GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
                for file in files.values():
                    file.touch()
                done = run_shell(step["run"], folder, dict(environment, **{key: str(file) for key, file in files.items()}))
                output += done.stdout
                has_failed |= done.returncode != 0
                summary += files["GITHUB_STEP_SUMMARY"].read_text()
                for line in files["GITHUB_PATH"].read_text().splitlines():
                    environment["PATH"] = f"{line}:{environment['PATH']}"
        return not has_failed, output, summary, uploads


# In place of bootstrap, which another test runs: it "installs" the polyton that is under test.
STUB = f"""#!/bin/sh
set -e
[ "$1" = install ] && [ $# -eq 2 ]
mkdir -p "${{2#PREFIX=}}/bin"
ln -s '{POLYTON}' "${{2#PREFIX=}}/bin/polyton"
"""


def check_out_stub(folder, inputs):
    if inputs:
        assert inputs["repository"].endswith("/polyton")
        (folder / inputs["path"]).mkdir()
        (folder / inputs["path"] / "bootstrap").write_text(STUB)
        (folder / inputs["path"] / "bootstrap").chmod(0o755)


def check_sarif(path):
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
    document = json.loads(path.read_text())
    assert [error.message[:200] for error in jsonschema.Draft4Validator(schema).iter_errors(document)] == []
    return document["runs"][0]["results"]


@needs["jq"]
@each_story
def test_github(story, tell, tmp_path):
    project, changes = tell(story)
    environment = build_environment(with_polyton=False, HOME=str(tmp_path / "home"), **changes)
    workflow = Workflow(put("github", project.folder).read_text())
    has_passed, output, summary, uploads = workflow.run(project.folder, environment, check_out_stub)
    check(story, has_passed, output)
    # All three uploads are made, and most of all when the job fails.
    assert set(uploads) == {"github/codeql-action/upload-sarif", "actions/upload-artifact"}
    results = check_sarif(uploads["github/codeql-action/upload-sarif"])
    assert uploads["actions/upload-artifact"].read_text().startswith("<!DOCTYPE html>")
    assert summary.startswith("## polyton: ")
    # Code scanning has what is there, without what is accepted; annotations are about what is new.
    is_accepted = story.is_suppressed and story.passes
    assert (results != []) == (story.registry == "twice" and not is_accepted)
    assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results} <= {"Makefile"}
    annotations = re.findall(r"^::(?:error|warning) file=Makefile,line=1,title=polyton (?:.*?)::(\w+)", output, re.M)
    assert (annotations == []) == story.passes
    assert not story.settings or annotations == ["settings_level"]
    assert "known and not annotated" in output or story.known == "once"


@needs["jq"]
def test_github_when_the_build_fails(tell, tmp_path):
    """Then nothing was looked at, and no step complains of a file that is not there."""
    project, _ = tell(STORIES["cured"])
    (project.folder / "registry.c").write_text("no C\n")
    environment = build_environment(with_polyton=False, HOME=str(tmp_path / "home"))
    has_passed, output, summary, uploads = Workflow(recipe("github")).run(project.folder, environment, check_out_stub)
    assert (has_passed, summary, uploads) == (False, "", {})
    assert "polyton" not in output.partition("registry.c")[2]


def test_github_installs_polyton(bare_home, tmp_path):
    environment, home = bare_home
    step, = (each for each in Workflow(recipe("github")).steps if each.get("name") == "Install polyton")
    (tmp_path / "polyton-source").symlink_to(ROOT)
    done = run_shell(step["run"], tmp_path, dict(environment, GITHUB_PATH=str(tmp_path / "path")))
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "path").read_text() == f"{home}/.local/bin\n"
    assert os.access(home / ".local/bin/polyton", os.X_OK)


@needs["actionlint"]
def test_actionlint(tmp_path):
    (tmp_path / ".git").mkdir()
    done = subprocess.run(["actionlint", put("github", tmp_path)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


# GitLab and Jenkins ------------------------------------------------------------------------------------------


def check_junit(path, story):
    """Failures are what fails the job, suppressed findings are skipped, known ones pass."""
    if shutil.which("xmllint"):
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit-10.xsd", path],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    cases = xml.etree.ElementTree.parse(path).getroot().findall("testsuite/testcase")
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    skipped = [case.find("skipped").get("message") for case in cases if case.find("skipped") is not None]
    assert cases and (failed == []) == story.passes
    assert not story.settings or (len(failed) == 1 and "settings_level" in failed[0])
    assert len(failed) < len(cases) or not story.settings
    assert (skipped != []) == (story.is_suppressed and story.passes)
    assert all(message.endswith("ticket 4711") for message in skipped)


@each_story
def test_gitlab(story, tell):
    yaml = pytest.importorskip("yaml")
    project, changes = tell(story)
    document = yaml.safe_load(put("gitlab", project.folder).read_text())
    assert set(document) == {"stages", "singletons"}
    job = document["singletons"]
    assert set(job) == {"stage", "script", "artifacts"} and job["stage"] in document["stages"]
    assert all(isinstance(line, str) for line in job["script"])
    done = run_shell("\n".join(job["script"]), project.folder, build_environment(CI="true", GITLAB_CI="true", **changes),
                     ("bash", "-eo", "pipefail"))
    check(story, done.returncode == 0, done.stdout)
    artifacts = job["artifacts"]
    assert set(artifacts) == {"when", "reports", "paths", "expire_in"} and artifacts["when"] == "always"
    check_junit(project.folder / artifacts["reports"]["junit"], story)
    for path in artifacts["paths"]:
        assert (project.folder / path).read_text().startswith("<!DOCTYPE html>")


def parse_groovy(text):
    """Calls with their words and blocks, as [(words, [calls of the block])]: as much of Groovy as the recipe has."""
    tokens = re.findall(r"'[^'\\\n]*'|[A-Za-z]+|[(){}\n]|[^\s]", text)
    assert all(re.fullmatch(r"'.*'|[A-Za-z]+|[(){}\n]", token) for token in tokens), tokens
    stack, words = [[]], []
    for token in tokens:
        if token == "{":
            stack[-1].append((words, []))
            stack.append(stack[-1][-1][1])
            words = []
        elif token in "}\n":
            if words:
                stack[-1].append((words, []))
            words = []
            if token == "}":
                stack.pop()
        elif token not in "()":
            words.append(token.strip("'"))
    assert len(stack) == 1 and not words, "braces"
    return stack[0]


def block(calls, *words):
    inner, = (inner for each, inner in calls if each == list(words))
    return inner


@each_story
def test_jenkins(story, tell):
    project, changes = tell(story)
    pipeline = block(parse_groovy(put("jenkins", project.folder).read_text()), "pipeline")
    assert [words for words, _ in pipeline] == [["agent", "any"], ["stages"]]
    has_failed, output, published = False, "", set()
    for (kind, _), inner in block(pipeline, "stages"):
        assert kind == "stage" and {each[0] for each, _ in inner} <= {"steps", "post"}
        if has_failed:
            continue
        for (step, command), _ in block(inner, "steps"):
            assert step == "sh"
            done = run_shell(command, project.folder, build_environment(**changes), ("sh", "-xe"))
            output += done.stdout
            has_failed |= done.returncode != 0
        for (step, path), _ in block(block(inner, "post"), "always") if ["post"] in [each for each, _ in inner] else []:
            published.add(step)
            if step == "junit":
                check_junit(project.folder / path, story)
            else:
                assert step == "archiveArtifacts" and (project.folder / path).is_file()
    check(story, not has_failed, output)
    assert published == {"junit", "archiveArtifacts"}


# make and CMake ----------------------------------------------------------------------------------------------


@each_story
def test_make(story, tell):
    project, changes = tell(story)
    put("make", project.folder, "a")
    done = run_shell("make check-singletons", project.folder, build_environment(**changes))
    assert done.returncode == (0 if story.passes else 2), done.stdout
    check(story, done.returncode == 0, done.stdout)
    # What is accepted is known.
    accepted = run_shell("make accept-singletons check-singletons", project.folder, build_environment(**changes))
    assert accepted.returncode == 0, accepted.stdout


@needs["cmake"]
@each_story
def test_cmake(story, tell):
    """With the baseline that was written of the files that make built."""
    project, changes = tell(story)
    put("cmake", project.folder, "a")
    done = shell("ctest", project, **changes)
    check(story, done.returncode == 0, done.stdout)
    assert ("100% tests passed" in done.stdout) == story.passes
    assert ("1 - singletons (Failed)" in done.stdout) != story.passes


# Cargo -------------------------------------------------------------------------------------------------------

CARGO = "/usr/bin/cargo" if os.access("/usr/bin/cargo", os.X_OK) else shutil.which("cargo")
CRATES = {"registry": "COUNT", "settings": "LEVEL"}


class Workspace:
    """A program and two cdylibs of it, which can have crates with a static in common."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "src").mkdir(parents=True)
        (folder / ".git").mkdir()
        (folder / "src/main.rs").write_text("fn main() {}\n")
        (folder / "Cargo.toml").write_text(
            '[workspace]\nmembers = ["registry", "settings", "plugin_a", "plugin_b"]\n'
            '[profile.release]\nstrip = true\n' + self.package("host"))
        for crate, static in CRATES.items():
            self.write(crate, "", f"use std::sync::atomic::*;\nstatic {static}: AtomicUsize = AtomicUsize::new(0);\n"
                       f"pub fn next() -> usize {{ {static}.fetch_add(1, Ordering::Relaxed) }}\n")
        put("policy", folder)
        put("cargo", folder)

    @staticmethod
    def package(name):
        return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'

    def write(self, crate, manifest, source):
        (self.folder / crate / "src").mkdir(parents=True, exist_ok=True)
        (self.folder / crate / "Cargo.toml").write_text(self.package(crate) + manifest)
        (self.folder / crate / "src/lib.rs").write_text(source)

    def link(self, **crates):
        """The crates that each plugin is made of: plugin_a=("registry",)."""
        for plugin, names in crates.items():
            manifest = '[lib]\ncrate-type = ["cdylib"]\n[dependencies]\n'
            manifest += "".join(f'{name} = {{ path = "../{name}" }}\n' for name in names)
            body = " + ".join(f"{name}::next()" for name in names) or "0"
            self.write(plugin, manifest, f'#[no_mangle]\npub extern "C" fn plugin_run() -> usize {{ {body} }}\n')

    def environment(self, **changes):
        environment = build_environment(CARGO_NET_OFFLINE="true", **changes)
        if CARGO == "/usr/bin/cargo":
            environment["RUSTC"] = "/usr/bin/rustc"
        return environment

    def test(self, **changes):
        done = subprocess.run([CARGO, "test", "-q", "--test", "singletons"], cwd=self.folder,
                              env=self.environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert "running 1 test\n" in done.stdout, done.stdout
        return done.returncode == 0, done.stdout

    def accept(self):
        plugins = sorted((self.folder / "target/tmp/plugins/release").glob("*.so"))
        assert len(plugins) == 2
        subprocess.run([POLYTON, "baseline", "-o", "polyton-baseline.json", *plugins], cwd=self.folder, check=True,
                       env=self.environment())


@pytest.mark.skipif(not CARGO, reason="cargo is not installed")
def test_cargo(tmp_path):
    """All stories in one folder: most of the time goes into building."""
    workspace = Workspace(tmp_path / "workspace")
    (workspace.folder / "polyton-baseline.json").write_text(
        '{"schema": "polyton-baseline", "schema_version": 1, "findings": []}\n')
    headline = recipe("headline").strip()
    workspace.link(plugin_a=["registry", "settings"], plugin_b=["registry"])
    has_passed, output = workspace.test()
    assert not has_passed and headline in output, output
    # Suppressed, and not any more.
    policy = workspace.folder / ".polyton.yml"
    before = policy.read_text()
    policy.write_text(before + recipe("suppression"))
    for days in (0, 1):
        has_passed, output = workspace.test(SOURCE_DATE_EPOCH=last_moment(days))
        assert has_passed == (days == 0), output
    assert "ended on" in output
    policy.write_text(before)
    # Known, and something new.
    workspace.accept()
    assert workspace.test()[0]
    workspace.link(plugin_b=["registry", "settings"])
    has_passed, output = workspace.test()
    assert not has_passed and "(new): settings::LEVEL (static) exists twice" in output, output
    # Cured.
    workspace.link(plugin_b=[])
    has_passed, output = workspace.test()
    assert has_passed, output


# A running process -------------------------------------------------------------------------------------------


@each_story
def test_process(story, tell, polyton, start):
    project, changes = tell(story)
    if story.known == "twice":
        known = Project(project.folder.parent / "known")
        known.link("twice")
        known.make()
        host = start(["build/host", *sorted(map(str, known.folder.glob("build/plugins/*.so")))], cwd=known.folder)
        assert polyton("baseline", "-o", project.folder / "polyton-baseline.json", host.pid, cwd=known.folder).returncode == CLEAN
    project.make()
    done = shell("process", project, **changes)
    assert done.returncode == (CLEAN if story.passes else FINDINGS), done.stdout
    check(story, done.returncode == CLEAN, done.stdout)


def test_process_has_more_findings(tell):
    """So a baseline of the files is not enough."""
    project, _ = tell(STORIES["known"])
    project.make()
    assert shell("check", project).returncode == CLEAN
    done = shell("process", project)
    assert done.returncode == FINDINGS and "PT004 (new)" in done.stdout, done.stdout


@pytest.mark.parametrize("registry, code", [("twice", FINDINGS), ("once", CLEAN)])
def test_run(tmp_path, registry, code):
    project = Project(tmp_path / "project")
    project.link(registry)
    project.make()
    done = shell("run", project)
    assert done.returncode == code, done.stdout
    assert ("registry_count (static) exists twice" in done.stdout) == (code == FINDINGS)
    (project.folder / "tests").mkdir()
    for status in (0, 7):
        (project.folder / "tests/run.sh").write_text(
            f"exec build/host --exit={status} build/plugins/*.so\n")
        done = shell("runtest", project)
        assert done.returncode == (status or code), done.stdout
        assert ("registry_count (static) exists twice" in done.stdout) == (code == FINDINGS), done.stdout


def test_process_that_ends_early(tell):
    """The recipe does not wait for ever."""
    project, _ = tell(STORIES["cured"])
    project.make()
    (project.folder / "build/plugins/libplugin_b.so").write_text("no library\n")
    done = shell("process", project)
    assert done.returncode != CLEAN and "No such process" in done.stdout
    assert "file too short" in done.stdout and "singletons" not in done.stdout, done.stdout
