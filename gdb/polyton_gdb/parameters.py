"""set|show polyton ...: how the extension behaves. What has an effect is read when it is needed."""

import gdb


class _Prefix(gdb.Command):
    def __init__(self, name, doc):
        self.__doc__ = doc
        super().__init__(name, gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)
        self._name = name

    def invoke(self, argument, _):
        verb, _, family = self._name.partition(" polyton")
        if argument.strip():
            raise gdb.GdbError(f"{self._name}: there is no parameter \"{argument.split()[0]}\" "
                               f"(see \"help {self._name}\")")
        if verb == "set":
            gdb.execute(f"help {self._name}")
            return
        for name in _parameters:
            if f" {name}".startswith(family + " " if family else " "):
                gdb.write(f"{name}:  {gdb.execute(f'show polyton {name}', to_string=True)}")


class _Parameter(gdb.Parameter):
    """A parameter from a table. @says makes one sentence of its value, for `show`."""

    def __init__(self, name, kind, default, doc, says):
        self.__doc__, self.set_doc, self.show_doc = doc, "Set " + says[0], "Show " + says[0]
        self._says = says[1]
        super().__init__(f"polyton {name}", gdb.COMMAND_DATA, kind)
        self.value = default

    def get_set_string(self):
        return ""

    def get_show_string(self, _):
        return self._says(self.value)


class _Library(_Parameter):
    """The library stays what it is once it is loaded, and whoever wants another one must know that."""

    def get_set_string(self):
        from . import library  # pylint: disable=import-outside-toplevel,cyclic-import
        loaded = library.loaded()
        if loaded and self.value != loaded.path:
            return f"{loaded.path} is loaded and stays so until GDB ends."
        return ""


def _limit(value, unit, otherwise):
    return f"{value} {unit}{'s' if value != 1 else ''}" if value and value > 0 else otherwise


_PREFIXES = {
    "set polyton": "Set how polyton behaves.",
    "show polyton": "Show how polyton behaves.",
    "set polyton limits": "Set bounds of what polyton does.",
    "show polyton limits": "Show bounds of what polyton does.",
}

# name: (class, kind, default, text of help, (what it is, what `show` says))
_TABLE = {
    "library": (
        _Library, gdb.PARAM_OPTIONAL_FILENAME, None,
        "Without one it is looked for: by $POLYTON_LIBRARY, beside the extension, where it was installed, in its\n"
        "build tree, and where programs find libraries. It is loaded when it is first needed, and stays.",
        ("the file of libpolyton.", lambda value: f"The file of libpolyton is \"{value}\"." if value
         else "libpolyton is looked for.")),
    "notify": (
        _Parameter, gdb.PARAM_BOOLEAN, True,
        "When the program stops and has loaded objects that bring further copies of a variable, it is said once.",
        ("whether further copies are told of when they come.",
         lambda value: f"Further copies are {'' if value else 'not '}told of when they come.")),
    "types": (
        _Parameter, gdb.PARAM_BOOLEAN, True,
        "Without types no debug info is read: values are words, and layouts are compared by size only.",
        ("whether values are shown by their types.",
         lambda value: "Values are shown " + ("by their types." if value else "as words."))),
    "limits values": (
        _Parameter, gdb.PARAM_UINTEGER, 256,
        "So many different values of each copy are read by their types for a report, the others are words.\n"
        "\"polyton show\" reads all of them. \"unlimited\" or 0 is no bound.",
        ("how many values of a copy are read by their types.",
         lambda value: f"{_limit(value, 'different value', 'All values')} of a copy are read by type.")),
    "limits seconds": (
        _Parameter, gdb.PARAM_UINTEGER, None,
        "A picture that takes longer is given up with an error. \"unlimited\" or 0 is no bound.",
        ("how long a picture may take.",
         lambda value: f"A picture may take {_limit(value, 'second', 'any time')}.")),
}

_parameters = {}


def _value(name):
    return _parameters[name].value


def library():
    return _value("library") or ""


def notify():
    return bool(_value("notify"))


def types():
    return bool(_value("types"))


def typed_values():
    """For struct polyton_options."""
    return _value("limits values") or 0xffffffff


def seconds():
    """None: any time."""
    return _value("limits seconds") or None


def _kept(name, default):
    """What it was set to, if the extension was loaded before."""
    try:
        return gdb.parameter(f"polyton {name}")
    except RuntimeError:
        return default


def register():
    values = {name: _kept(name, row[2]) for name, row in _TABLE.items()}
    for name, doc in _PREFIXES.items():  # which forget what was below them
        _Prefix(name, doc)
    for name, (kind, form, _, *rest) in _TABLE.items():
        _parameters[name] = kind(name, form, values[name], *rest)
