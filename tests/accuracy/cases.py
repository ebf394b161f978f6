"""The processes that polyton's rows are judged on: those of tests/bindings, and more that load much, twice, or apart.

They are chosen for having symbols to compare (rustc, node, java with its debug files), for many plug-ins of many
authors in one process, or for what is known to be there more than once. Each is a Program, as in tests/bindings.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/bindings"))

from programs import Missing, Program, PROGRAMS, PYTHON_LIBRARY, apache, found, free_port, plain, python  # noqa: E402

OFTEN_THE_SAME = ("cat", "sleep", "sqlite3", "gtk3-widget-factory")  # little that the others do not have

SCIENCE = """
import sys, numpy, scipy.linalg, scipy.sparse.linalg, scipy.spatial, scipy.stats, scipy.optimize, pandas
numpy.linalg.inv(numpy.eye(200) + numpy.random.rand(200, 200))
sys.stdin.read()
"""
RUST_EXTENSIONS = """
import importlib, sys
for name in ("cryptography.hazmat.bindings._rust", "pydantic_core", "libcst.native", "rpds", "ssl"):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
sys.stdin.read()
"""
FOLDER = """
import ctypes, pathlib, sys
for path in sorted(pathlib.Path({folder!r}).rglob("*.so")):
    try:
        ctypes.CDLL(str(path))
    except OSError:
        pass
sys.stdin.read()
"""
GSTREAMER = """
import sys, gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
for plugin in Gst.Registry.get().get_plugin_list():
    plugin.load()
sys.stdin.read()
"""
NAMESPACE = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.dlmopen.restype = ctypes.c_void_p
import zlib
libc.dlmopen(ctypes.c_long(-1), b"libz.so.1", 2) or sys.exit("no dlmopen")
sys.stdin.read()
"""
JAVA = """
import java.awt.Font;
import java.awt.image.BufferedImage;
public class Waits {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.awt.headless", "true");
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        try {
            image.createGraphics().setFont(new Font("Serif", Font.PLAIN, 12));
            image.createGraphics().drawString("text", 8, 32);
            javax.imageio.ImageIO.write(image, "jpeg", new java.io.ByteArrayOutputStream());
        } catch (Throwable none) {
        }
        new java.util.zip.CRC32().update(1);
        java.lang.management.ManagementFactory.getPlatformMBeanServer();
        java.net.InetAddress.getLoopbackAddress().isReachable(1);
        System.in.read();
    }
}
"""


OPENMP_USER = """
int openmp_user(void)
{
	int sum = 0;
#pragma omp parallel for reduction(+ : sum)
	for (int i = 0; i < 9; i++)
		sum += i;
	return sum;
}
"""


def openmp(folder):
    """An extension that clang built, beside a library that gcc built: each compiler has its own runtime."""
    (folder / "user.c").write_text(OPENMP_USER)
    made = subprocess.run([found("clang", "clang-14"), "-fopenmp", "-shared", "-fPIC", "-o", folder / "libuser.so",
                           folder / "user.c"], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Missing(f"clang -fopenmp: {made.stderr.strip()[:200]}")
    return [found("/usr/bin/python3"), "-c", f"import ctypes, sys\nctypes.CDLL('libMagickCore-6.Q16.so.6')\n"
            f"ctypes.CDLL('{folder}/libuser.so').openmp_user()\nsys.stdin.read()"]


def llvm(folder):
    """The software renderer, and a compiler's library of another version."""
    return [found("/usr/bin/python3"), "-c", "import ctypes, sys\nctypes.CDLL('libLLVM-14.so.1')\n"
            "ctypes.CDLL('libLLVM-15.so.1')\nsys.stdin.read()"]


def pyenv():
    return pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions"


def unstripped_python(folder):
    """A CPython built on the machine itself, with all its symbols, and every extension module that it has."""
    for path in reversed(sorted(pyenv().glob("3.1[1-9]*/bin/python3"))):
        if list(path.parent.parent.glob("lib/libpython3*.so.1.0")):
            return [str(path), "-c", PYTHON_LIBRARY]
    raise Missing("no python3 with a symbol table")


def rust_extensions(folder):
    for path in (shutil.which("python3"), *sorted(map(str, pyenv().glob("*/bin/python3")))):
        if path and not subprocess.run([path, "-c", "import pydantic_core, cryptography"], capture_output=True,
                                       check=False).returncode:
            real = subprocess.run([path, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True,
                                  check=True)
            return [real.stdout.strip(), "-c", RUST_EXTENSIONS]
    raise Missing("no python3 that has pydantic_core and cryptography")


def every_file_of(*folders):
    def command(folder):
        for plugins in folders:
            if os.path.isdir(plugins):
                return [found("/usr/bin/python3"), "-c", FOLDER.format(folder=plugins)]
        raise Missing(f"no {folders[0]}")
    return command


def java(folder):
    (folder / "Waits.java").write_text(JAVA)
    return [found("java"), "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n", str(folder / "Waits.java")]


ADDONS = ("sharp", "@napi-rs/canvas", "better-sqlite3", "@swc/core", "lightningcss", "@node-rs/argon2",
          "@node-rs/jieba", "@parcel/watcher", "rollup", "bcrypt")


def node_addons(folder):
    """Add-ons of npm, from the folder ACCURACY_NPM in which they are installed."""
    where = os.environ.get("ACCURACY_NPM", "")
    if not where:
        raise Missing(f"ACCURACY_NPM names no folder in which `npm install {' '.join(ADDONS)}` was run")
    path = pathlib.Path(where) / "waits.js"
    path.write_text(f"""
for (const name of {json.dumps(ADDONS)})
    try {{ require(name); }} catch (e) {{ console.log(name, e.message); }}
try {{ new (require('better-sqlite3'))(':memory:'); }} catch (e) {{ }}
process.stdin.resume();
""")
    return [found("node"), str(path)]


def uwsgi(folder):
    """All its languages in one process."""
    plugins = pathlib.Path("/usr/lib/uwsgi/plugins")
    names = [name for name in ("python3", "psgi", "lua53", "lua52", "lua51", "mono", "php", "rack", "http", "xslt",
                               "router_redis", "geoip", "msgpack", "curl_cron", "graylog2", "logzmq", "rrdtool",
                               "stats_pusher_statsd", "ldap", "pam", "sqlite3", "xattr", "webdav", "emperor_pg",
                               "transformation_gzip", "cgi", "cache", "carbon", "corerouter", "rawrouter",
                               "sslrouter", "fastrouter", "rsyslog", "syslog", "zabbix")
             if (plugins / f"{name}_plugin.so").exists()]
    if "python3" not in names:
        raise Missing("no uwsgi plugins")
    return [found("uwsgi-core", "uwsgi"), "--plugins", ",".join(name for name in names if name != "mono"),
            "--http-socket", f"127.0.0.1:{free_port()}"]


def samba(folder):
    for name in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
        (folder / name).mkdir()
    config = folder / "smb.conf"
    config.write_text(f"""[global]
server role = standalone
smb ports = {free_port()}
interfaces = lo
bind interfaces only = yes
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
log file = {folder}/log
""")
    return [found("smbd"), "-F", "--no-process-group", "-s", str(config)]


def ffmpeg(folder):
    return [found("ffmpeg"), "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc=duration=600", "-f", "null", "-"]


def libreoffice(folder):
    path = "/usr/lib/libreoffice/program/soffice.bin"
    if not os.path.exists(path):
        raise Missing("no soffice.bin")
    command = [path, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore"]
    # The first run makes the profile, and asks to be started again.
    subprocess.run([*command, "--terminate_after_init"], capture_output=True, timeout=60, check=False)
    return [*command, "--writer"]


def qemu(folder):
    return [found("qemu-system-x86_64"), "-display", "none", "-machine", "none", "-nodefaults", "-monitor", "none",
            "-S", "-audiodev", "none,id=a", "-chardev", "null,id=c"]


def postgres(folder):
    """One server process without clients, with the extensions' libraries loaded."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        raise Missing("no postgres")
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
    if user:
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    made = subprocess.run([*user, str(programs[-1].with_name("initdb")), "-D", data, "-A", "trust"],
                          capture_output=True, text=True, cwd=folder, check=False)
    if made.returncode:
        raise Missing(f"initdb: {made.stderr.strip()[-200:]}")
    library = programs[-1].parent.parent / "lib"
    wanted = [name for name in ("postgis-3", "postgis_raster-3", "pgcrypto", "hstore", "ltree", "citext", "pg_trgm",
                                "btree_gist", "xml2") if (library / f"{name}.so").exists()]
    return [*user, str(programs[-1]), "-D", str(data), "-k", str(folder), "-p", str(free_port()), "-c",
            f"shared_preload_libraries={','.join(wanted)}", "-c", "listen_addresses="]


def old_python(folder):
    for path in sorted(pyenv().glob("2.7*/bin/python2.7")):
        return [str(path), "-c", "import ssl, sqlite3, ctypes, json, sys, curses, pyexpat, _io, cPickle, datetime\n"
                "sys.stdin.read()"]
    raise Missing("no python2.7")


MORE = [
    Program("python3-science", "python3-scipy python3-pandas", python(SCIENCE), maps=("_multiarray_umath", "_fblas")),
    Program("python3-rust", "(three extension modules in Rust: cryptography, pydantic_core, libcst)", rust_extensions,
            maps=("_rust.abi3.so", "_pydantic_core")),
    Program("python3-unstripped", "(CPython of pyenv)", unstripped_python, maps=("_sqlite3", "_ssl")),
    Program("openmp-twice", "libmagickcore-6.q16-6 clang libomp-dev", openmp, maps=("libgomp.so", "libomp.so")),
    Program("llvm-twice", "libllvm14 libllvm15", llvm, maps=("libLLVM-14.so", "libLLVM-15.so")),
    Program("namespace", "python3 zlib1g", python(NAMESPACE), maps=("libz.so",)),
    Program("audit", "libc-bin", plain("cat"),
            env={"LD_AUDIT": "/usr/lib/x86_64-linux-gnu/audit/sotruss-lib.so"}, maps=("sotruss-lib.so",)),
    Program("java-awt", "openjdk-17-jre openjdk-17-dbg", java, maps=("libjvm.so", "libjdwp.so", "libmanagement.so")),
    Program("node-addons", "nodejs", node_addons, maps=("better_sqlite3.node",)),
    Program("uwsgi", "uwsgi-core uwsgi-plugins-all uwsgi-dbg", uwsgi, maps=("psgi_plugin.so", "libpython3")),
    Program("php-imagick", "php8.2-imagick php8.2-gd", plain("php", "-r", "new Imagick(); fgets(STDIN);"),
            maps=("imagick.so",)),
    Program("vlc-plugins", "vlc-plugin-base", every_file_of("/usr/lib/x86_64-linux-gnu/vlc/plugins"),
            maps=("libvlccore.so", "plugins/video_output/")),
    Program("gstreamer", "gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly "
            "gstreamer1.0-libav gir1.2-gstreamer-1.0", python(GSTREAMER),
            maps=("libgstwebrtc.so", "libgstvulkan.so", "libgstlibav.so", "libgstaasink.so")),
    Program("ffmpeg", "ffmpeg", ffmpeg, maps=("libavcodec.so",)),
    Program("samba", "samba", samba, maps=("libsmbd-base",)),
    Program("libreoffice", "libreoffice-writer-nogui", libreoffice, maps=("libmergedlo.so",)),
    Program("gimp", "gimp xvfb", plain("gimp", "--no-splash", "-n"), maps=("libgegl-0.4.so",), needs_display=True),
    Program("qemu", "qemu-system-x86", qemu),
    Program("postgres", "postgresql-15 postgresql-15-postgis-3", postgres, maps=("postgis-3.so",)),
    Program("R", "r-base-core", lambda folder: [found("/usr/lib/R/bin/exec/R"), "--no-save", "--no-echo"],
            env={"R_HOME": "/usr/lib/R"}, input="x <- solve(diag(50)); library(grid)\n",
            maps=("libR.so", "stats.so")),
    Program("octave", "octave", plain("octave-cli", "--no-gui"), input="x = inv(rand(100));\n",
            maps=("liboctave.so",)),
    Program("emacs", "emacs-nox", plain("emacs-nox", "-Q", "--batch", "--eval", "(read-string \"\")")),
    Program("python2.7", "(CPython of pyenv)", old_python, maps=("datetime.so", "_ssl.so")),
]



def cargo(folder):
    path = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo") / "bin/cargo"
    if not path.exists():
        raise Missing("no cargo")
    sysroot = subprocess.run([str(path.with_name("rustc")), "--print", "sysroot"], capture_output=True, text=True,
                             check=False).stdout.strip()
    return [os.path.join(sysroot, "bin/cargo"), "login"]


def syslog_ng(folder):
    config = folder / "syslog.conf"
    (folder / "in").touch()
    config.write_text(f"""@version: 3.38
source s {{ file("{folder}/in"); }};
destination d {{ file("/dev/null"); }};
log {{ source(s); destination(d); }};
""")
    return [found("syslog-ng"), "-F", "--no-caps", "-f", str(config), "-R", f"{folder}/persist",
            "-p", f"{folder}/pid", "-c", f"{folder}/control"]


def mono(folder):
    return [found("mono-sgen"), "--debugger-agent=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:"
            f"{free_port()}", "/nonexistent.exe"]


# No rule was changed for these: they were looked at when the rules had been mended for all the others.
UNSEEN = [
    Program("cargo", "(Rust's toolchain)", cargo),
    Program("syslog-ng", "syslog-ng-core syslog-ng-dbg", syslog_ng, maps=("libsyslog-ng",)),
    Program("mono", "mono-runtime-sgen mono-dbg", mono),
    Program("magick", "imagemagick-6.q16", plain("convert-im6.q16", "-", "/dev/null"), maps=("libMagickCore",)),
    Program("gsl", "gsl-bin libgsl-dbg", plain("gsl-histogram", "0", "10"), maps=("libgsl.so",)),
    Program("sqlite3", "sqlite3", plain("sqlite3", ":memory:"), input="select 1;\n"),
]

CASES = [one for one in PROGRAMS if one.name not in OFTEN_THE_SAME] + MORE + UNSEEN
