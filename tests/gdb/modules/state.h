// What the host and each module have a copy of, from one source. Modules of another make have another layout of it.

struct state {
#ifdef WIDE
	long reserved;
#endif
	int count;
	const char *name;
};

extern struct state registry;
extern __thread struct state per_thread;

int next_serial(void);
