#pragma once

/// Clang's thread-safety annotations (https://clang.llvm.org/docs/ThreadSafetyAnalysis.html); nothing to other
/// compilers. Clang builds fail where an annotation is broken. They need `heare::Mutex`: libstdc++'s std::mutex bears
/// none.
#if defined(__clang__)
#define HEARE_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define HEARE_THREAD_ANNOTATION(x)
#endif

/// On a member: only to be touched while `mutex` is held.
#define HEARE_GUARDED_BY(mutex) HEARE_THREAD_ANNOTATION(guarded_by(mutex))
/// On a function: call it with the mutex held; it is still held afterwards.
#define HEARE_REQUIRES(...) HEARE_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
/// On a function: call it with the mutex not held, as it takes it.
#define HEARE_EXCLUDES(...) HEARE_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

/// For base/mutex.h itself.
#define HEARE_CAPABILITY(name) HEARE_THREAD_ANNOTATION(capability(name))
#define HEARE_SCOPED_CAPABILITY HEARE_THREAD_ANNOTATION(scoped_lockable)
#define HEARE_ACQUIRE(...) HEARE_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define HEARE_RELEASE(...) HEARE_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
