// Variables in all places that C++ adds: namespaces, classes, templates, inline and vague linkage, lambdas.

#include <string>
#include <vector>

namespace outer::inner
{
int in_namespace = 3;
static int internal_in_namespace = 4;
thread_local std::string tls_object = "x";
} // namespace outer::inner

namespace
{
int anonymous = 5;
thread_local int anonymous_tls = 6;
} // namespace

struct holder {
	static int member;
	static thread_local int tls_member;
	static inline int inline_member = 8;
	static constexpr int constant = 9;
	static holder &instance()
	{
		static holder only;
		return only;
	}
	std::vector<int> list;
};
int holder::member = 7;
thread_local int holder::tls_member = 17;

template <class T> struct counted {
	static int count;
};
template <class T> int counted<T>::count = 2;
template <class T> T variable_template = T(3);
inline int inline_variable = 11;

template <class T> int once(T value)
{
	static T last;
	static thread_local T tls_last;
	last += value;
	tls_last -= value;
	return static_cast<int>(last + tls_last);
}

int main(int argc, char **)
{
	auto lambda = [](int by) {
		static int in_lambda = 1;
		return in_lambda += by;
	};
	holder::instance().list.push_back(argc);
	return once(argc) + once(1.5 * argc) + lambda(argc) + outer::inner::in_namespace++ +
	       outer::inner::internal_in_namespace++ + static_cast<int>(outer::inner::tls_object.size()) + anonymous++ +
	       anonymous_tls++ + holder::member++ + holder::tls_member++ + holder::inline_member++ + holder::constant +
	       counted<int>::count++ + counted<holder>::count++ + variable_template<int>++ +
	       static_cast<int>(variable_template<double>) + inline_variable++;
}
