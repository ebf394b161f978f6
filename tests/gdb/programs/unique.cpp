// An inline variable of C++: STB_GNU_UNIQUE merges its copies over the objects of a namespace, and then only the first
// one's block is used. Each object has a thread-local of its own as well, so that its block exists.

inline thread_local int unique_counter = 3;
static thread_local int own = 1;

extern "C" __attribute__((visibility("default"))) int *unique_of(int value)
{
	own++;
	if (value)
		unique_counter = value;
	return &unique_counter;
}
