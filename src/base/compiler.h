// Compiler-only attributes, kept in one place so that the rest of the code names intentions.
#pragma once

#if defined(__clang__) && __has_attribute(musttail)
#define HANSE_MUSTTAIL [[clang::musttail]]
#else
#error "Hanse needs clang 19: the engine chains its instructions by guaranteed tail calls"
#endif

#if __has_attribute(preserve_none)
#define HANSE_PRESERVE_NONE __attribute__((preserve_none))
#else
#define HANSE_PRESERVE_NONE
#endif

#define HANSE_NOINLINE __attribute__((noinline))
#define HANSE_INLINE __attribute__((always_inline)) inline
#define HANSE_COLD __attribute__((cold, noinline))

// clang's -Wthread-safety.
#define CAPABILITY(x) __attribute__((capability(x)))
#define SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define GUARDED_BY(x) __attribute__((guarded_by(x)))
#define REQUIRES_LOCK(...) __attribute__((requires_capability(__VA_ARGS__)))
#define ACQUIRE_LOCK(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define TRY_ACQUIRE_LOCK(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define RELEASE_LOCK(...) __attribute__((release_capability(__VA_ARGS__)))
#define NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))
