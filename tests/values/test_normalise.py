"""normalise.py turns every spelling of one value into the same words, and other values into others."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from normalise import canonical, normalise  # noqa: E402

SPELLINGS = [
    ("-5", ["-5", "-5 '\\373'"]),
    ("65", ["65 'A'", "'A'", "65"]),
    ("2.5", ["2.5", "2.500"]),
    ("1+2i", ["1 + 2i"]),
    ('"a \\"b\\"\\tc"', ['"a \\"b\\"\\tc"', '0x55d2aaf4607d "a \\"b\\"\\tc"']),
    ('"hello"', ['"hello\\000\\000"', 'u8"hello"']),
    ('"a {b = 1}, <c>"', ['"a {b = 1}, <c>"']),
    ("GREEN", ["GREEN", "Color::GREEN", "values::Color::GREEN"]),
    ("A|C|0x8", ["(A | C | unknown: 0x8)", "A|C|0x8"]),
    ("null", ["0x0", "(int *) 0x0", "null"]),
    ("pointer", ["0x55d2aaf4607d", "(struct node *) 0x55d2aaf4607d"]),
    ("&v_array+8", ["(int *) 0x5622ee113d30 <v_array+8>", "program!v_array+0x8", "program!values::v_array+0x8"]),
    ("&callee", ["(int (*)(int)) 0x5622ee113d30 <values::callee(int)>", "program!values::callee(int)"]),
    ("&V_I32", ["0x559b613b5c80 <values::V_I32::hf3e3eaaa241fedab>"]),
    ("[ 1 2 3 ]", ["{1, 2, 3}", "[1, 2, 3]", "std::vector of length 3, capacity 4 = {1, 2, 3}", "size 3 [1, 2, 3]",
                   "Vec(size=3) = {1, 2, 3}", "{\n  1,\n  2,\n  3\n}",
                   "std::set with 3 elements = {[0] = 1, [1] = 2, [2] = 3}"]),
    ("[ 0 0 0 7 ]", ["{0 <repeats 3 times>, 7}", "[0 <repeats 3>, 7]"]),
    ("[ ]", ["std::vector of length 0, capacity 0", "Vec(size=0)", "size 0", "[]", "std::map with 0 elements"]),
    ('[ "one" 1 "two" 2 ]', ['std::map with 2 elements = {["one"] = 1, ["two"] = 2}', 'size 2 {"one" = 1, "two" = 2}']),
    ("[ 3 30 ]", ["HashMap(size=1) = {[3] = 30}", "size 1 {3: 30}"]),
    ("{ x: 3 y: -4 }", ["{x = 3, y = -4}", "values::Point {x: 3, y: -4}", "{\n  x = 3,\n  y = -4\n}"]),
    ('{ name: "a" x: 1 }', ['{<Named> = {_vptr.Named = 0x55 <vtable for Square+16>, name = "a"}, x = 1}',
                            '{<Named> = {name = "a"},\n  members of Square:\n  x = 1}']),
    ("7", ["{held = {value = 7}}", "values::Wrapper (7)", "std::atomic<int> = { 7 }", "7",
           "(int &) @0x55d59b7362c0: 7"]),
    ("Some 11", ["core::option::Option<i32>::Some(11)", "Some(11)"]),
    ("Some None", ["core::option::Option<core::option::Option<bool>>::Some(core::option::Option<bool>::None)",
                   "Some(None)"]),
    ("Box { width: 8 height: 9 }", ["values::Shape::Box{width: 8, height: 9}", "Box {width: 8, height: 9}"]),
    ("none", ["std::optional<int> [no contained value]", "nullopt"]),
    ("23", ["std::optional<int> = {[contained value] = 23}", "std::variant<int, char> [index 0] = {23}"]),
    ("22 use: 2 weak: 1", ["shared_ptr(use=2, weak=1) 22"]),
    ("15 strong: 2 weak: 1", ["Rc(strong=2, weak=1) = {value = 15, strong = 2, weak = 1}", "Rc(strong=2, weak=1) 15"]),
    ("[ 1 2 ] borrowed: 1", ["[1, 2] <borrowed 1>"]),
    ("0 locked", ["0 <locked>"]),
    ("1500 ms", ["1500ms"]),
    ("alive { a: 1 b: 2 }", ["alive, a: 1, b: 2"]),
    ("uninitialised", ["uninitialised"]),
]


@pytest.mark.parametrize("words, spellings", SPELLINGS, ids=[words for words, _ in SPELLINGS])
def test_each_spelling_becomes_the_same_words(words, spellings):
    assert [normalise(spelling) for spelling in spellings] == [words] * len(spellings)


def test_other_values_are_other_words():
    assert len({words for words, _ in SPELLINGS}) == len(SPELLINGS)
    assert normalise("{x = 3, y = -4}") != normalise("{y = 3, x = -4}")
    assert normalise("{1, 2, 3}") != normalise("{1, {2, 3}}")
    assert normalise("{0 <repeats 3 times>}") != normalise("{0, 0}")


def test_a_group_of_one_is_what_it_holds():
    assert canonical("alive [ 21 ]") == "alive 21"
    assert canonical('[ "a ] b" ]') == '"a ] b"'
    assert canonical("[ 1 2 ]") == "[ 1 2 ]"
    assert canonical("[ ]") == "[ ]"
