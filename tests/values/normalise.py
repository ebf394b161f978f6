"""One spelling for values: what GDB, polyton and the fixture's programs print of one variable, as the same words.

This is the only place that knows how either of them spells anything. What the words are is described in
fixtures/14_values/README.
"""

import re

# Of Rust's names before "(" or "{" these say which variant it is; all others name a type.
VARIANTS = {"Some", "None", "Ok", "Err", "Empty", "Circle", "Box"}
STATES = {"alive", "uninitialised", "destroyed"}
# Without bytes, so nothing is said of them.
NOTHING = {"PhantomData", "Global"}
# What holds nothing.
NONE = {"nullopt", "empty"}
# Said of the whole, so behind what it holds, whoever says it where.
COUNTS = {"use count": "use", "weak count": "weak", "use": "use", "weak": "weak", "strong": "strong",
          "borrow": "borrowed", "borrowed": "borrowed"}

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\033"}

TEXT = r'(?:u8|[uULb])?"(?:[^"\\]|\\.)*"'
LEXEMES = re.compile(rf"""
    (?P<space>\s+)
  | (?P<text>{TEXT})
  | (?P<character>[uULb]?'(?:[^'\\]|\\.)+')
  | (?P<repeats><repeats\ (?P<times>\d+)(?:\ times)?>)
  | (?P<address>0x[0-9a-f]+)
  | (?P<complex>[-+\d.e]+\ [-+]\ [\d.]+i\b)
  | (?P<number>-?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|inf|nan)\b)
  | (?P<angle><)
  | (?P<word>[A-Za-z_&*$~][\w$:.&*!~]*)
  | (?P<more>\.\.\.)
  | (?P<mark>[\[\]{{}}(),=:|@+])
""", re.VERBOSE)

# A head says what follows, which the value itself shows. Templates' arguments are gone by then.
HEADS = [
    (r"(?:std::[\w:]*map with \d+ elements?|HashMap\(size=\d+\)) = ", "MAP "),
    (r"std::[\w:]+ of length 0, capacity \d+(?! =)|std::[\w:]+ with 0 elements|Vec\(size=0\)", "{}"),
    (r"(?:std::[\w:]+ (?:of length \d+, capacity \d+|with \d+ elements?|containing)|(?:Vec|&?\[\w+\])\(size=\d+\)) = ",
     ""),
    (r"std::\w+ \[no contained value\]", "none"),
    (r"std::variant \[index \d+\] = ", ""),
    (r"\bsize [1-9]\d* ?(?=[\[{])", ""),
    (r"\bsize 0\b", "{}"),
    (r"\blocked by thread \d+", "locked"),
    (r"(?<![\w.])(\d+(?:\.\d+)?)(ns|us|ms|s|min|h|d)\b", r"\1 \2"),
    (r"(std::shared_ptr \([^()]*\)) = ", r"\1 "),
    (r"((?:Rc|Arc|RefCell|Cell|Ref)\([^()]*\)) = ", r"\1 "),
    (r"std::[\w:]+ = ", ""),
    (r"\bmembers of [\w:]+:", ""),
    (r"\bstatic \w+ = [^,{}]*(?:, )?", ""),
]


def outside_texts(text, change):
    """@text with @change applied to what is no string literal; a string is one private character meanwhile."""
    texts = re.findall(TEXT, text)
    changed = change(re.sub(TEXT, "\0", text))
    return re.sub("\0", lambda _: texts.pop(0), changed)


def closing(text, at):
    """Where the angle bracket that opens at @at closes; "->" and operators do not count."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] == "<":
            depth += 1
        elif text[i] == ">" and text[i - 1] != "-":
            depth -= 1
            if not depth:
                return i
    return len(text) - 1


def without_templates(text):
    at = 0
    while match := re.compile(r"(?<=[\w:])<").search(text, at):
        at = match.start()
        text = text[:at] + text[closing(text, at) + 1:]
    return text


def plain(text):
    def change(part):
        part = without_templates(part)
        for pattern, replacement in HEADS:
            part = re.sub(pattern, replacement, part)
        return part
    return outside_texts(text, change)


def unescaped(literal):
    body = literal[re.search("[\"']", literal).start() + 1:-1]

    def one(match):
        code = match.group(1)
        if code[0] in "01234567":
            return chr(int(code, 8))
        if code[0] in "xu":
            return chr(int(code[1:].strip("{}"), 16))
        return ESCAPES.get(code, code)
    return re.sub(r"\\([0-7]{1,3}|x[0-9a-f]{1,2}|u\{?[0-9a-f]+\}?|.)", one, body, flags=re.DOTALL)


def quoted(string):
    string = string.rstrip("\0")
    for char, code in (("\\", "\\"), ('"', '"'), ("\n", "n"), ("\t", "t")):
        string = string.replace(char, "\\" + code)
    return f'"{string}"'


def number(text):
    return f"{float(text):.9g}" if re.search(r"[.e]|inf|nan", text) else text


def symbol(name):
    """A name without path, hash and parameters: "V_I32", "v_array+8"."""
    name = re.sub(r"::h[0-9a-f]{16}", "", name.split("!")[-1])
    name = without_templates(re.sub(r"\(.*\)", "", name))
    match = re.fullmatch(r"(?:.*::)?([^:+]+)(?:\+(0x[0-9a-f]+|\d+))?", name)
    offset = int(match[2], 0) if match and match[2] else 0
    return f"&{match[1] if match else name}" + (f"+{offset}" if offset else "")


def lexemes(text):
    """(kind, text) pairs; of a symbol behind an address "angle" and what is in the brackets."""
    at, found = 0, []
    while at < len(text):
        match = LEXEMES.match(text, at)
        if not match:
            found.append(("mark", text[at]))
            at += 1
            continue
        kind, at = match.lastgroup if match.lastgroup != "times" else "repeats", match.end()
        if match["repeats"]:
            found.append(("repeats", match["times"]))
        elif kind == "angle":
            end = closing(text, at - 1)
            found.append(("angle", text[at:end]))
            at = end + 1
        elif kind == "word" and match["word"].endswith(":"):
            # "name:" is a label, "a::b" was taken whole.
            found += [("word", match["word"][:-1]), ("mark", ":")]
        elif kind != "space":
            found.append((kind, match[kind]))
    return found


class Group(list):
    """Members as (label, words); a label may be None."""

    def words(self):
        members = [(label, words) for label, words in self if words]
        if len(members) == 1:
            return members[0][1]
        if {label for label, _ in members} == {"value", "strong", "weak"}:
            return dict(members)["value"]
        if [label for label, _ in members] == ["first", "second"]:  # a pair is a tuple
            members = [(None, words) for _, words in members]
        if any(label for label, _ in members):
            told = [([f"{label}:"] if label else []) + words for label, words in members]
            return ["{"] + [word for words in told for word in words] + ["}"]
        return ["["] + [word for _, words in members for word in words] + ["]"]


class Parser:
    def __init__(self, text):
        self.rest = lexemes(plain(text))
        self.at = 0

    def peek(self, ahead=0):
        return self.rest[self.at + ahead] if self.at + ahead < len(self.rest) else ("end", "")

    def next(self):
        lexeme = self.peek()
        self.at += 1
        return lexeme

    def skip(self, *marks):
        if self.peek()[1] in marks and self.peek()[0] == "mark":
            self.at += 1
            return True
        return False

    def after_bracket(self):
        """How far it is to what follows the bracket that is next."""
        depth, ahead = 0, 0
        while self.peek(ahead)[0] != "end":
            kind, text = self.peek(ahead)
            depth += (text in "([{") - (text in ")]}") if kind == "mark" else 0
            ahead += 1
            if not depth:
                break
        return ahead

    def group(self, is_map=False):
        """Members up to the closing bracket, which is taken, too."""
        members = Group()
        while self.peek()[0] != "end" and not self.skip("}", "]", ")"):
            self.member(members, is_map)
            self.skip(",")
        return members

    def label(self, is_map):
        """(is there one, its name or None, a key's words)."""
        kind, text = self.peek()
        if kind == "word" and self.peek(1) in (("mark", "="), ("mark", ":")):
            self.at += 2
            return True, text, []
        if kind == "word" and [self.peek(i)[1] for i in (1, 2, 3)] == ["(", ")", "="]:  # get() =
            self.at += 4
            return True, None, []
        if kind == "angle" and self.peek(1)[1] == "=":
            self.at += 2
            return True, "<base>", []
        if kind in ("text", "number", "character") and self.peek(1) in (("mark", "="), ("mark", ":")):
            words = self.piece()
            self.at += 1
            return True, None, words
        ahead = self.after_bracket() if text == "[" else 0
        if ahead and self.peek(ahead)[1] == "=":
            self.next()
            key = self.group().words()
            self.skip("=")
            return True, None, key if is_map else []
        return False, None, []

    def member(self, members, is_map):
        has_label, label, key = self.label(is_map)
        at = self.at
        if has_label and label == "<base>" and self.skip("{"):
            members.extend(self.group())
            return
        words = self.value()
        if self.at == at and not has_label:
            self.next()  # a mark that means nothing here
            return
        if label and label.startswith("_vptr"):
            return
        if key:
            members.append((None, key))
        times = int(self.next()[1]) if self.peek()[0] == "repeats" else 1
        is_told = label and not label.startswith("_") and not label.isdigit()
        members.extend([(label if is_told else None, words)] * times)

    def value(self):
        words, counts = [], []
        while self.peek()[0] not in ("end", "repeats") and not (self.peek()[0] == "mark" and self.peek()[1] in ",)]}"):
            words += self.piece(counts)
        # What is there says more than where it is.
        if len(words) > 1 and (words[0] == "pointer" or words[0].startswith("&")):
            words = words[1:]
        return words + counts

    def counts(self, counts):
        """Take "(use count 2, weak=0)" if that is what is next."""
        end = self.at + self.after_bracket()
        text = " ".join(text for _, text in self.rest[self.at + 1:end - 1])
        found = re.fullmatch(r"empty|size = \d+|((%s) =? ?\d+( , )?)+" % "|".join(COUNTS), text)
        if not found:
            return False
        for name, count in re.findall(r"([a-z ]+?) =? ?(\d+)", text):
            if COUNTS[name.strip()] != "borrowed" or count != "0":
                counts += [f"{COUNTS[name.strip()]}:", count]
        self.at = end
        return True

    def bracket(self, text, counts):
        if text == "(":
            self.at -= 1
            ahead = self.after_bracket()
            follower = self.peek(ahead)
            if follower[0] == "address" or follower[1] == "@":  # a cast
                self.at += ahead
                return []
            inside = self.rest[self.at + 1:self.at + ahead - 1]
            if ("mark", "|") in inside:
                self.at += ahead
                return ["".join(part for _, part in inside if part not in ("unknown", ":"))]
            if self.counts(counts):
                return []
            self.at += 1
            if ahead == 2:
                self.at += 1
                return []
        return self.group().words()

    def address(self, text):
        if self.skip(":"):  # of a reference
            return []
        kind, name = self.peek()
        if kind == "angle":
            self.at += 1
            if self.peek()[0] != "text":
                return [symbol(name)]
        if self.peek()[0] == "text":
            return []
        return ["null" if int(text, 16) == 0 else "pointer"]

    def word(self, text, counts):
        name = text.split("::")[-1].strip("&*")
        if name == "MAP" and self.skip("{"):
            return self.group(is_map=True).words()
        if self.skip("|"):
            rest = self.peek()[1] if self.peek()[0] == "address" else None
            return [f"{text}|" + (self.next()[1] if rest else "".join(self.piece()))]
        if text == "+" or name in NOTHING:
            return []
        if "!" in text or text.startswith("&"):
            if self.peek() == ("mark", "("):  # its parameters
                self.at += self.after_bracket()
            offset = f"+{self.next()[1]}" if self.skip("+") else ""
            return [symbol(text.lstrip("&") + offset)]
        if self.peek() in (("mark", "{"), ("mark", "(")):
            is_variant = name in VARIANTS
            if not is_variant and self.peek()[1] == "(" and self.counts(counts):
                return []
            return ([name] if is_variant else []) + self.bracket(self.next()[1], counts)
        return ["none" if name in NONE else name]

    def piece(self, counts=None):
        counts = [] if counts is None else counts
        kind, text = self.next()
        if kind == "text":
            return [quoted(unescaped(text))]
        if kind == "character":
            return [str(ord(unescaped(text)))]
        if kind == "number":
            if self.peek()[0] == "character":
                self.at += 1
            return [number(text)]
        if kind == "complex":
            real, sign, imaginary = text.split(" ")
            return [f"{number(real)}{sign}{imaginary}"]
        if kind == "address":
            return self.address(text)
        if kind == "angle":
            note = re.fullmatch(r"(borrowed) ?(\d+)", text)
            counts += [f"{note[1]}:", note[2]] if note else []
            return ["locked"] if text.startswith("locked") else []
        if kind == "word":
            return self.word(text, counts)
        if kind == "mark" and text in "([{":
            return self.bracket(text, counts)
        return ["..."] if kind == "more" else []


def normalise(text):
    """@text, of GDB or polyton, as one line of words."""
    parser = Parser(text.strip())
    members = Group()
    while parser.peek()[0] != "end":
        parser.member(members, False)
        parser.skip(",")
    if members and members[0][1][:1] and members[0][1][0] in STATES and len(members) > 1:
        return " ".join(members[0][1] + Group(members[1:]).words())
    return " ".join(members.words())


def canonical(text):
    """A program's own words, a group of one taken for what it holds, as everywhere."""
    return re.sub(r"\[ ((?:[^\[\]{}\s\"]|\"(?:[^\"\\]|\\.)*\")+) \]", r"\1", text.strip())
