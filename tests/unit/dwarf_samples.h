/** Small programs in C, C++ and Rust, and what their debug info says of them, whichever form it is in. */
#ifndef UNIT_DWARF_SAMPLES_H
#define UNIT_DWARF_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

static const char c_sample[] =
	"struct flags { unsigned a : 3; int b : 5; unsigned c : 20; char d; signed char e : 4; };\n"
	"union number { int i; float f; };\n"
	"enum color { RED, GREEN = 5, BLUE = -1 };\n"
	"enum __attribute__((packed)) small { FEW, MANY = 200 };\n"
	"typedef struct node { struct node *next; int value[3]; const char *name; } node_t;\n"
	"struct opaque;\n"
	"struct outer { struct { int x, y; }; union number n; enum color c; enum small s; node_t *head;\n"
	"	int (*call)(int, node_t *, ...); struct opaque *o; void *p; int flex[]; };\n"
	"struct flags flags_var = { 1 }; struct outer outer_var; enum color color_var = BLUE; enum small small_var = "
	"MANY;\n"
	"struct opaque *opaque_var; _Bool bool_var; double _Complex complex_var; void *const pointer_var = "
	"&flags_var;\n"
	"int matrix_var[2][3][4] = { { { 1 } } };\n"
	"_Thread_local node_t tls_var;\n"
	"int *use(void)\n"
	"{\n"
	"	__attribute__((used)) static int counter_var;\n"
	"	struct local { int q; };\n"
	"	__attribute__((used)) static struct local local_var;\n"
	"	tls_var.value[0]++;\n"
	"	return &matrix_var[1][counter_var++][local_var.q++];\n"
	"}\n";
static const char c_other[] = "struct opaque { int inside; };\nstruct opaque opaque_here = { 1 };\n";

static const char cxx_sample[] =
	"namespace ns {\n"
	"inline namespace v1 { template <class T, int N> struct box { T items[N]; T *p; }; }\n"
	"struct base { int a; virtual ~base() {} };\n"
	"struct far { int v; };\n"
	"struct derived : base, virtual far { int d; static int count; enum class kind : unsigned char { A, B = 255 "
	"} k;\n"
	"	int base::*data; int (derived::*code)(int); struct inner { char c; } in; };\n"
	"struct later; later *later_var;\n"
	"int derived::count = 3;\n"
	"thread_local box<int, 3> tls_var;\n"
	"derived derived_var;\n"
	"derived::inner inner_var;\n"
	"}\n"
	"namespace { struct hidden { int h; }; __attribute__((used)) hidden hidden_var; }\n"
	"int target; int &left_var = target; int &&right_var = static_cast<int &&>(target);\n"
	"ns::derived *pointer_var = &ns::derived_var;\n"
	"struct Reg { int x; static Reg &instance() { __attribute__((used)) static Reg static_var; return "
	"static_var; } };\n"
	"int use()\n"
	"{\n"
	"	struct L { int q; int m() { __attribute__((used)) static int deep_var; return deep_var++; } };\n"
	"	__attribute__((used)) static L local_var;\n"
	"	return Reg::instance().x + local_var.m() + ns::tls_var.items[0] + hidden_var.h++;\n"
	"}\n";
static const char cxx_other[] = "namespace ns { struct later { int inside; }; later later_here; }\n";

static const char rust_sample[] = "#![allow(dead_code)]\n"
				  "pub mod deep { pub struct Pair { pub first: u32, pub second: u8 } }\n"
				  "pub enum Shape { Circle(u8), Square { side: u32 }, Nothing }\n"
				  "#[repr(u8)] pub enum Plain { One = 1, Two = 200 }\n"
				  "#[repr(i8)] pub enum Signed { Minus(u8), Plus(u8) }\n"
				  "pub enum Single { Only(u32) }\n"
				  "#[no_mangle] pub static PAIR: deep::Pair = deep::Pair { first: 1, second: 2 };\n"
				  "#[no_mangle] pub static SHAPE: Shape = Shape::Square { side: 3 };\n"
				  "#[no_mangle] pub static PLAIN: Plain = Plain::Two;\n"
				  "#[no_mangle] pub static SIGNED: Signed = Signed::Minus(1);\n"
				  "#[no_mangle] pub static SINGLE: Single = Single::Only(1);\n"
				  "#[no_mangle] pub static NICHE: Option<&'static u32> = None;\n"
				  "#[no_mangle] pub static NUMBER: Option<u32> = Some(4);\n"
				  "#[no_mangle] pub static TEXT: &str = \"text\";\n"
				  "#[no_mangle] pub static SLICE: &[u16] = &[1, 2];\n"
				  "#[no_mangle] pub static TUPLE: (i32, bool) = (1, true);\n"
				  "#[no_mangle] pub static LETTER: char = 'x';\n"
				  "#[no_mangle] pub static ARRAY: [[u8; 2]; 3] = [[0; 2]; 3];\n";

struct expected {
	const char *variable;  ///< As the debug info names it: no linkage name.
	const char *qualified; ///< NULL: the same.
	const char *content;
	uint32_t line; ///< 0 if it differs from compiler to compiler.
};

static const struct expected c_expected[] = {
	{ "flags_var", NULL,
	  "struct flags{0.0:3 a: unsigned int, 0.3:5 b: int, 1.0:20 c: unsigned int, 4 d: char, 5.0:4 e: signed "
	  "char}8",
	  9 },
	{ "outer_var", NULL,
	  "struct outer{0 : struct{0 x: int, 4 y: int}8, 8 n: number, 12 c: color, 16 s: small, 24 head: node_t*, "
	  "32 call: int(int, node_t*, ...)*, 40 o: opaque*, 48 p: void*, 56 flex: int[]}56",
	  9 },
	{ "color_var", NULL, "enum color{RED=0, GREEN=5, BLUE=-1}4", 9 },
	{ "small_var", NULL, "enum small{FEW=0, MANY=200}1", 9 },
	{ "opaque_var", NULL, "opaque*", 10 },
	{ "opaque_here", NULL, "struct opaque{0 inside: int}4", 2 },
	{ "bool_var", NULL, "_Bool", 10 },
	{ "pointer_var", NULL, "void*", 10 },
	{ "matrix_var", NULL, "int[2][3][4]", 11 },
	{ "tls_var", NULL, "struct node{0 next: node*, 8 value: int[3], 24 name: const char*}32", 12 },
	{ "counter_var", NULL, "int", 15 },
	{ "local_var", NULL, "struct local{0 q: int}4", 17 },
	{ 0 },
};

static const struct expected cxx_expected[] = {
	{ "tls_var", "ns::tls_var", "struct ns::v1::box<int, 3>{<T=int, N=int 3> 0 items: int[3], 16 p: int*}24", 9 },
	{ "derived_var", "ns::derived_var",
	  "struct ns::derived{0 (base): ns::base, 12 d: int, 16 k: ns::derived::kind, 24 data: int::*8, "
	  "32 code: int(ns::derived*, int)::*16, 48 in: ns::derived::inner}56",
	  10 },
	{ "inner_var", "ns::inner_var", "struct ns::derived::inner{0 c: char}1", 11 },
	{ "count", "ns::derived::count", "int", 0 },
	{ "later_var", "ns::later_var", "ns::later*", 7 },
	{ "later_here", "ns::later_here", "struct ns::later{0 inside: int}4", 1 },
	{ "hidden_var", "(anonymous namespace)::hidden_var", "struct (anonymous namespace)::hidden{0 h: int}4", 13 },
	{ "left_var", NULL, "int&", 14 },
	{ "right_var", NULL, "int&", 14 },
	{ "pointer_var", NULL, "ns::derived*", 15 },
	{ "static_var", "Reg::instance()::static_var", "struct Reg{0 x: int}4", 16 },
	{ "deep_var", "use()::L::m()::deep_var", "int", 19 },
	{ "local_var", "use()::local_var", "struct use()::L{0 q: int}4", 20 },
	{ 0 },
};

static const struct expected rust_expected[] = {
	{ "PAIR", "sample::PAIR", "struct sample::deep::Pair{0 first: u32, 4 second: u8}8", 7 },
	{ "SHAPE", "sample::SHAPE",
	  "struct sample::Shape{ by 0 (made): u8 | 0 Circle = 0 Circle: sample::Shape::Circle | "
	  "1 Square = 0 Square: sample::Shape::Square | 2 Nothing = 0 Nothing: sample::Shape::Nothing}8",
	  8 },
	{ "PLAIN", "sample::PLAIN", "enum sample::Plain{One=1, Two=200}1", 9 },
	{ "SIGNED", "sample::SIGNED",
	  "struct sample::Signed{ by 0 (made): i8 | 0 Minus = 0 Minus: sample::Signed::Minus | "
	  "1 Plus = 0 Plus: sample::Signed::Plus}2",
	  10 },
	{ "SINGLE", "sample::SINGLE", "struct sample::Single{ | else Only = 0 Only: sample::Single::Only}4", 11 },
	{ "NICHE", "sample::NICHE",
	  "struct core::option::Option<&u32>{ by 0 (made): u64 | 0 None = 0 None: "
	  "core::option::Option<&u32>::None | else Some = 0 Some: core::option::Option<&u32>::Some}8",
	  12 },
	{ "NUMBER", "sample::NUMBER",
	  "struct core::option::Option<u32>{ by 0 (made): u32 | 0 None = 0 None: "
	  "core::option::Option<u32>::None | 1 Some = 0 Some: core::option::Option<u32>::Some}8",
	  13 },
	{ "TEXT", "sample::TEXT", "struct &str{0 data_ptr: u8*, 8 length: usize}16", 14 },
	{ "SLICE", "sample::SLICE", "struct &[u16]{0 data_ptr: u16*, 8 length: usize}16", 15 },
	{ "TUPLE", "sample::TUPLE", "struct (i32, bool){0 __0: i32, 4 __1: bool}8", 16 },
	{ "LETTER", "sample::LETTER", "char", 17 },
	{ "ARRAY", "sample::ARRAY", "u8[3][2]", 18 },
	{ 0 },
};

#endif
