/**
 * Real manglings of one crate's variables: rustc 1.63 legacy and v0, rustc 1.95 legacy and v0. In its crate root:
 *
 *     pub trait Tr<X> { fn f(&self) -> usize; fn g() { static DEF } }     struct P; struct S<A, B>(A, B); struct L<'a>;
 *     thread_local! { LAZY: RefCell<Vec<u8>>, CDROP: the same in const {}, CNODROP: Cell<u32> in const {} }
 *     mod inner { mod deep { static mut MUTABLE } }      static CTOR: fn() = { static IN_STATIC; || ... }
 *     impl S<A, B> { fn t() { thread_local!(FOO) } }     fn closure() { closure { closure { static CL } } }
 *
 * In its module "away" are types Z and CN, impls for P, S and types of std, and statics that are called as std's
 * own parts of thread-locals are.
 */
#ifndef UNIT_RUST_NAMES_H
#define UNIT_RUST_NAMES_H

/** A role and a path, then the symbols that stand for it. */
static const char *const rust_names[] = {
	"VALUE sample_crate::inner::deep::MUTABLE",
	"_ZN12sample_crate5inner4deep7MUTABLE17hd6e1fbbeba8bb1fbE",
	"_RNvNtNtCsPlj6SP6PO4_12sample_crate5inner4deep7MUTABLE",
	"VALUE sample_crate::CTOR::IN_STATIC",
	"_ZN12sample_crate4CTOR9IN_STATIC17h5e83deb7bf3fe717E",
	"_RNvNvCsPlj6SP6PO4_12sample_crate4CTOR9IN_STATIC",
	"VALUE sample_crate::generic::GEN",
	"_ZN12sample_crate7generic3GEN17h4db70f480bb8eec0E",
	"_RNvNvCsPlj6SP6PO4_12sample_crate7generic3GEN",
	"VALUE sample_crate::LAZY",
	"_ZN12sample_crate4LAZY7__getit5__KEY17hfd610bb80eb7ab3bE",
	"_RNvNvNvCscpSZx0Qggoa_12sample_crate4LAZY7___getit5___KEY",
	"_ZN12sample_crate4LAZY29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$23__RUST_STD_"
	"INTERNAL_VAL17h6b0badc8262cafa6E",
	"_RNvNCNKNvCsPlj6SP6PO4_12sample_crate4LAZY0s_023___RUST_STD_INTERNAL_VAL",
	"VALUE sample_crate::CDROP",
	"_ZN12sample_crate5CDROP7__getit3VAL17h62a12c8369a725f1E",
	"_RNvNvNvCscpSZx0Qggoa_12sample_crate5CDROP7___getit3VAL",
	"_ZN12sample_crate5CDROP29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$23__RUST_STD"
	"_INTERNAL_VAL17h7cb741c259c56e6eE",
	"_RNvNCNKNvCsPlj6SP6PO4_12sample_crate5CDROP0s_023___RUST_STD_INTERNAL_VAL",
	"STATE sample_crate::CDROP",
	"_ZN12sample_crate5CDROP7__getit5STATE17h55f839451131dbdaE",
	"_RNvNvNvCscpSZx0Qggoa_12sample_crate5CDROP7___getit5STATE",
	"VALUE sample_crate::CNODROP",
	"_ZN12sample_crate7CNODROP7__getit3VAL17hcee03395036bd289E",
	"_RNvNvNvCscpSZx0Qggoa_12sample_crate7CNODROP7___getit3VAL",
	"_ZN12sample_crate7CNODROP29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$23__RUST_S"
	"TD_INTERNAL_VAL17hc25f5f2abf245d3aE",
	"_RNvNCNKNvCsPlj6SP6PO4_12sample_crate7CNODROP0s_023___RUST_STD_INTERNAL_VAL",
	"VALUE sample_crate::tls_in_fn::FOO",
	"_ZN12sample_crate9tls_in_fn3FOO7__getit5__KEY17hf9e7e7157a2b93bbE",
	"_RNvNvNvNvCscpSZx0Qggoa_12sample_crate9tls_in_fn3FOO7___getit5___KEY",
	"_RNvNCNKNvNvCsPlj6SP6PO4_12sample_crate9tls_in_fn3FOO0s_023___RUST_STD_INTERNAL_VAL",
	"VALUE sample_crate::S<_, _>::t::FOO",
	"_ZN12sample_crate14S$LT$A$C$B$GT$1t3FOO7__getit5__KEY17h970d8faca948c44cE",
	"_RNvNvNvNvMs3_CscpSZx0Qggoa_12sample_crateINtBb_1SppE1t3FOO7___getit5___KEY",
	"_RNvNCNKNvNvMs3_CsPlj6SP6PO4_12sample_crateINtBd_1SppE1t3FOO0s_023___RUST_STD_INTERNAL_VAL",
	"VALUE sample_crate::away::vals::{{closure}}::IN_CL",
	"_ZN12sample_crate4away4vals28_$u7b$$u7b$closure$u7d$$u7d$5IN_CL7__getit5__KEY17h50a5d0198fd5677c"
	"E",
	"_RNvNvNvNCNvNtCscpSZx0Qggoa_12sample_crate4away4vals05IN_CL7___getit5___KEY",
	"_ZN12sample_crate4away4vals28_$u7b$$u7b$closure$u7d$$u7d$5IN_CL29_$u7b$$u7b$constant$u7d$$u7d$28"
	"_$u7b$$u7b$closure$u7d$$u7d$23__RUST_STD_INTERNAL_VAL17h848d5d9f6c34805eE",
	"_RNvNCNKNvNCNvNtCsPlj6SP6PO4_12sample_crate4away4vals05IN_CL0s_023___RUST_STD_INTERNAL_VAL",
	"VALUE sample_crate::away::vals::{{closure}}::VAL",
	"_ZN12sample_crate4away4vals28_$u7b$$u7b$closure$u7d$$u7d$3VAL17h19c2d97db2624485E",
	"_RNvNCNvNtCscpSZx0Qggoa_12sample_crate4away4vals03VAL",
	"_RNvNCNvNtCsPlj6SP6PO4_12sample_crate4away4vals03VAL",
	"VALUE sample_crate::away::vals::{{closure}}::STATE",
	"_ZN12sample_crate4away4vals28_$u7b$$u7b$closure$u7d$$u7d$5STATE17h43f8519fdc9f387fE",
	"_RNvNCNvNtCsPlj6SP6PO4_12sample_crate4away4vals05STATE",
	"VALUE sample_crate::away::vals::{{closure}}::__KEY",
	"_ZN12sample_crate4away4vals28_$u7b$$u7b$closure$u7d$$u7d$5__KEY17h4dc60c2843c94d1dE",
	"_RNvNCNvNtCsPlj6SP6PO4_12sample_crate4away4vals05___KEY",
	"VALUE sample_crate::away::VAL",
	"_ZN12sample_crate4away3VAL17h8e74911c24c34e0aE",
	"_RNvNtCscpSZx0Qggoa_12sample_crate4away3VAL",
	"_RNvNtCsPlj6SP6PO4_12sample_crate4away3VAL",
	"VALUE sample_crate::away::STATE",
	"_ZN12sample_crate4away5STATE17h1d40fd80e618ee91E",
	"_RNvNtCsPlj6SP6PO4_12sample_crate4away5STATE",
	"VALUE sample_crate::closure::{{closure}}::{{closure}}::CL",
	"_ZN12sample_crate7closure28_$u7b$$u7b$closure$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$2CL17haa404"
	"ee2247a0876E",
	"_RNvNCNCNvCsPlj6SP6PO4_12sample_crate7closures_002CL",
	"VALUE sample_crate::asy::{{closure}}::ASY",
	"_ZN12sample_crate3asy28_$u7b$$u7b$closure$u7d$$u7d$3ASY17hb05dab686365b208E",
	"_RNvNCNvCsPlj6SP6PO4_12sample_crate3asy03ASY",
	"VALUE sample_crate::_::UNDER",
	"_ZN12sample_crate1_5UNDER17h8ba3b9fbb561747cE",
	"_RNvNvCsPlj6SP6PO4_12sample_crate1__5UNDER",
	"VALUE sample_crate::Tr::g::DEF",
	"_ZN12sample_crate2Tr1g3DEF17hd8df56552d40a853E",
	"_RNvNvNtCsPlj6SP6PO4_12sample_crate2Tr1g3DEF",
	"VALUE sample_crate::P::m::IN_METHOD",
	"_ZN12sample_crate1P1m9IN_METHOD17h2f27dfe0b16fcd98E",
	"_RNvNvMCsPlj6SP6PO4_12sample_crateNtB4_1P1m9IN_METHOD",
	"VALUE sample_crate::P::am::AWAY_INH",
	"_ZN12sample_crate4away33_$LT$impl$u20$sample_crate..P$GT$2am8AWAY_INH17hf277f5b1ce7952d8E",
	"_RNvNvMs_NtCsPlj6SP6PO4_12sample_crate4awayNtB8_1P2am8AWAY_INH",
	"VALUE sample_crate::S<&_, alloc::vec::Vec<_>>::am2::AWAY_INHG2",
	"_ZN12sample_crate4away73_$LT$impl$u20$sample_crate..S$LT$$RF$T$C$alloc..vec..Vec$LT$T$GT$$GT$$GT"
	"$3am210AWAY_INHG217hfb9522148d2033dbE",
	"_RNvNvMs1_NtCsPlj6SP6PO4_12sample_crate4awayINtB9_1SRpINtNtCslNYArtu3iFV_5alloc3vec3VecpEE3am210"
	"AWAY_INHG2",
	"VALUE sample_crate::L::m::IN_LT",
	"_ZN12sample_crate1L1m5IN_LT17he32e0a1ca3d79801E",
	"_RNvNvMs0_CsPlj6SP6PO4_12sample_crateNtB7_1L1m5IN_LT",
	"VALUE <sample_crate::P as sample_crate::Tr<u16>>::f::AWAY_TRAIT",
	"_ZN12sample_crate4away73_$LT$impl$u20$sample_crate..Tr$LT$u16$GT$$u20$for$u20$sample_crate..P$GT"
	"$1f10AWAY_TRAIT17hb0b47090ee4e9b67E",
	"_RNvNvXNtCsPlj6SP6PO4_12sample_crate4awayNtB6_1PINtB6_2TrtE1f10AWAY_TRAIT",
	"VALUE <alloc::vec::Vec<sample_crate::away::Z> as sample_crate::Tr<u16>>::f::AWAY_VEC",
	"_ZN12sample_crate4away102_$LT$impl$u20$sample_crate..Tr$LT$u16$GT$$u20$for$u20$alloc..vec..Vec$L"
	"T$sample_crate..away..Z$GT$$GT$1f8AWAY_VEC17h8ca05bfc9c47a2a8E",
	"_RNvNvXs2_NtCsPlj6SP6PO4_12sample_crate4awayINtNtCslNYArtu3iFV_5alloc3vec3VecNtB7_1ZEINtB9_2TrtE"
	"1f8AWAY_VEC",
	"VALUE <alloc::string::String as core::convert::From<sample_crate::away::Z>>::from::AWAY_FROM",
	"_ZN12sample_crate4away100_$LT$impl$u20$core..convert..From$LT$sample_crate..away..Z$GT$$u20$for$"
	"u20$alloc..string..String$GT$4from9AWAY_FROM17h659504d2d40bdb40E",
	"_RNvNvXsa_NtCsPlj6SP6PO4_12sample_crate4awayNtNtCslNYArtu3iFV_5alloc6string6StringINtNtCsgEmfK2I"
	"1SDS_4core7convert4FromNtB7_1ZE4from9AWAY_FROM",
	"VALUE <sample_crate::away::Z as core::ops::deref::Deref>::deref::AWAY_DEREF",
	"_ZN65_$LT$sample_crate..away..Z$u20$as$u20$core..ops..deref..Deref$GT$5deref10AWAY_DEREF17he70e5"
	"d0409201e84E",
	"_RNvNvXs9_NtCsPlj6SP6PO4_12sample_crate4awayNtB7_1ZNtNtNtCsgEmfK2I1SDS_4core3ops5deref5Deref5der"
	"ef10AWAY_DEREF",
	"VALUE <sample_crate::S<_, sample_crate::P> as sample_crate::Tr<_>>::f::IN_GT",
	"_ZN88_$LT$sample_crate..S$LT$A$C$sample_crate..P$GT$$u20$as$u20$sample_crate..Tr$LT$A$GT$$GT$1f5"
	"IN_GT17h9eb57b6029840c38E",
	"_RNvNvXs1_CsPlj6SP6PO4_12sample_crateINtB7_1SpNtB7_1PEINtB7_2TrpE1f5IN_GT",
	"VALUE <[sample_crate::P; _] as sample_crate::Tr<[u8; _]>>::f::IN_CG",
	"_ZN104_$LT$$u5b$sample_crate..P$u3b$$u20$N$u5d$$u20$as$u20$sample_crate..Tr$LT$$u5b$u8$u3b$$u20$"
	"N$u5d$$GT$$GT$1f5IN_CG17hea6478daba392e5dE",
	"_RNvNvXs5_CsPlj6SP6PO4_12sample_crateANtB7_1PpINtB7_2TrAhpE1f5IN_CG",
	"VALUE <sample_crate::away::CN<-5, _> as sample_crate::Tr<u32>>::f::AWAY_CN",
	"_ZN88_$LT$sample_crate..away..CN$LT$.5_i32$C$_$GT$$u20$as$u20$sample_crate..Tr$LT$u32$GT$$GT$1f7"
	"AWAY_CN17hd8d46149bf48debcE",
	"_RNvNvXs6_NtCsPlj6SP6PO4_12sample_crate4awayINtB7_2CNKln5_Kc78_EINtB9_2TrmE1f7AWAY_CN",
	"VALUE <(_, _, &[_; 3]) as sample_crate::Tr<*const _>>::f::AWAY_TUP",
	"_ZN12sample_crate4away112_$LT$impl$u20$sample_crate..Tr$LT$$BP$const$u20$T$GT$$u20$for$u20$$LP$T"
	"$C$T$C$$RF$$u5b$T$u3b$$u20$3$u5d$$RP$$GT$1f8AWAY_TUP17h213c1d0c3d50bc65E",
	"_RNvNvXsb_NtCsPlj6SP6PO4_12sample_crate4awayTppRApj3_EINtB9_2TrPpE1f8AWAY_TUP",
	"VALUE <core::option::Option<(_, sample_crate::away::Z)> as sample_crate::Tr<<_ as core::iter::tr"
	"aits::iterator::Iterator>::Item>>::f::AWAY_PROJ2",
	"_ZN12sample_crate4away181_$LT$impl$u20$sample_crate..Tr$LT$$LT$I$u20$as$u20$core..iter..traits.."
	"iterator..Iterator$GT$..Item$GT$$u20$for$u20$core..option..Option$LT$$LP$I$C$sample_crate..away."
	".Z$RP$$GT$$GT$1f10AWAY_PROJ217h5c00db11118f4852E",
	"_RNvNvXs8_NtCsPlj6SP6PO4_12sample_crate4awayINtNtCsgEmfK2I1SDS_4core6option6OptionTpNtB7_1ZEEINt"
	"B9_2TrNtYpNtNtNtNtBK_4iter6traits8iterator8Iterator4ItemE1f10AWAY_PROJ2",
	"VALUE <dyn core::ops::function::Fn<(u8,)> + Output = u16 + core::marker::Send as sample_crate::T"
	"r<u8>>::f::IN_TRAIT",
	"_ZN151_$LT$dyn$u20$core..ops..function..Fn$LT$$LP$u8$C$$RP$$GT$$u2b$Output$u20$$u3d$$u20$u16$u2b"
	"$core..marker..Send$u20$as$u20$sample_crate..Tr$LT$u8$GT$$GT$1f8IN_TRAIT17hbfe89db91e78d789E",
	"_RNvNvXsi_CsPlj6SP6PO4_12sample_crateDINtNtNtCsgEmfK2I1SDS_4core3ops8function2FnThEEp6OutputtNtN"
	"tBG_6marker4SendEL_INtB7_2TrhE1f8IN_TRAIT",
	"VALUE <fn(&u8) -> &u8 as sample_crate::Tr<u32>>::f::AWAY_FORFN",
	"_ZN12sample_crate4away95_$LT$impl$u20$sample_crate..Tr$LT$u32$GT$$u20$for$u20$fn$LP$$RF$u8$RP$$u"
	"20$.$GT$$u20$$RF$u8$GT$1f10AWAY_FORFN17h869266caaeed36e7E",
	"_RNvNvXs4_NtCsPlj6SP6PO4_12sample_crate4awayFG_RL0_hERL0_hINtB9_2TrmE1f10AWAY_FORFN",
	"VALUE <unsafe extern \"C\" fn(u8) as sample_crate::Tr<u8>>::f::IN_TRAIT",
	"_ZN97_$LT$unsafe$u20$extern$u20$$u22$C$u22$$u20$fn$LP$u8$RP$$u20$as$u20$sample_crate..Tr$LT$u8$G"
	"T$$GT$1f8IN_TRAIT17h60d0b0832c8df9f1E",
	"_RNvNvXsr_CsPlj6SP6PO4_12sample_crateFUKChEuINtB7_2TrhE1f8IN_TRAIT",
	"VALUE <&mut sample_crate::P as sample_crate::Tr<u8>>::f::IN_TRAIT",
	"_ZN74_$LT$$RF$mut$u20$sample_crate..P$u20$as$u20$sample_crate..Tr$LT$u8$GT$$GT$1f8IN_TRAIT17hacb"
	"add437a29c68fE",
	"_RNvNvXsq_CsPlj6SP6PO4_12sample_crateQNtB7_1PINtB7_2TrhE1f8IN_TRAIT",
	"VALUE <u32 as sample_crate::Tr<u8>>::f::IN_TRAIT",
	"_ZN50_$LT$u32$u20$as$u20$sample_crate..Tr$LT$u8$GT$$GT$1f8IN_TRAIT17h4ccdd1d014e02a3cE",
	"_RNvNvXs8_CsPlj6SP6PO4_12sample_cratemINtB7_2TrhE1f8IN_TRAIT",
	"VALUE <str as sample_crate::Tr<u8>>::f::IN_TRAIT",
	"_ZN50_$LT$str$u20$as$u20$sample_crate..Tr$LT$u8$GT$$GT$1f8IN_TRAIT17h4d95e3fc44da9099E",
	"_RNvNvXsa_CsPlj6SP6PO4_12sample_crateeINtB7_2TrhE1f8IN_TRAIT",
	"VALUE sample_crate::größe::ÄÖ",
	"_ZN12sample_crate13gr$uf6$$udf$e11_$uc4$$ud6$17h6090e6df1d640e7fE",
	"_RNvNtCsPlj6SP6PO4_12sample_crateu9gre_6ka8iu5_7ba0b",
};

#endif
