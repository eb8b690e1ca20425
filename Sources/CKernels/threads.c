// A small pool: the caller works too, workers spin briefly before they sleep, because the next
// product of a decoding step follows within microseconds.
#define _GNU_SOURCE // sched_getaffinity
#include "CKernels.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

enum { maximum_threads = 256, spins_before_sleep = 20000, spins_for_the_last = 4000 };

typedef struct {
    void (*body)(void *, size_t, size_t);
    void *context;
    size_t count, chunk;
    ck_level level; // the caller's
} job;

static pthread_mutex_t call_lock = PTHREAD_MUTEX_INITIALIZER; // one parallel call at a time
static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_cond_t all_left = PTHREAD_COND_INITIALIZER;
static job current;             // written only while no worker is inside
static atomic_size_t next_index;
static atomic_uint generation;  // counts jobs, so that a worker notices a new one
static atomic_bool is_open;     // workers may enter the current job
static atomic_size_t inside;    // workers between entering and leaving a job
static atomic_size_t sleeping;
static atomic_bool is_caller_asleep;
static atomic_size_t thread_count; // including the caller; 0 until first use
static size_t started_workers;

static void run_chunks(const job *j) {
    for (;;) {
        size_t begin = atomic_fetch_add_explicit(&next_index, j->chunk, memory_order_relaxed);
        if (begin >= j->count) return;
        size_t end = begin + j->chunk < j->count ? begin + j->chunk : j->count;
        j->body(j->context, begin, end);
    }
}

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static unsigned wait_for_job(unsigned seen) {
    for (int i = 0; i < spins_before_sleep; i++) {
        unsigned now = atomic_load_explicit(&generation, memory_order_acquire);
        if (now != seen) return now;
        relax();
    }
    pthread_mutex_lock(&sleep_lock);
    atomic_fetch_add(&sleeping, 1);
    unsigned now;
    while ((now = atomic_load(&generation)) == seen) pthread_cond_wait(&wake, &sleep_lock);
    atomic_fetch_sub(&sleeping, 1);
    pthread_mutex_unlock(&sleep_lock);
    return now;
}

// A worker that comes late finds the job closed and leaves without touching it, so the caller
// waits only for those who took part.
static void *worker(void *argument) {
    size_t index = (size_t)(uintptr_t)argument;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_job(seen);
        atomic_fetch_add(&inside, 1);
        if (atomic_load(&is_open) && index + 1 < atomic_load(&thread_count)) {
            ck_use_level(current.level);
            run_chunks(&current);
        }
        if (atomic_fetch_sub(&inside, 1) == 1 && atomic_load(&is_caller_asleep)) {
            pthread_mutex_lock(&sleep_lock);
            pthread_cond_signal(&all_left);
            pthread_mutex_unlock(&sleep_lock);
        }
    }
    return NULL;
}

// On a busy machine a worker may have lost its processor in the middle of a piece. Whoever goes on
// spinning then keeps it from getting another one; asleep, the caller leaves it its own.
static void wait_for_the_last(void) {
    for (int i = 0; i < spins_for_the_last; i++) {
        if (atomic_load(&inside) == 0) return;
        relax();
    }
    pthread_mutex_lock(&sleep_lock);
    atomic_store(&is_caller_asleep, true);
    while (atomic_load(&inside) > 0) pthread_cond_wait(&all_left, &sleep_lock);
    atomic_store(&is_caller_asleep, false);
    pthread_mutex_unlock(&sleep_lock);
}

static void start_workers(size_t threads) {
    while (started_workers + 1 < threads) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        void *index = (void *)(uintptr_t)started_workers;
        int failed = pthread_create(&thread, &attributes, worker, index);
        pthread_attr_destroy(&attributes);
        if (failed) return;
        started_workers++;
    }
}

void ck_set_thread_count(size_t count) {
    if (count < 1) count = 1;
    if (count > maximum_threads) count = maximum_threads;
    atomic_store(&thread_count, count);
}

// The processors this process may run on, which `taskset` and containers make fewer.
static size_t default_thread_count(void) {
    cpu_set_t allowed;
    long online = sched_getaffinity(0, sizeof allowed, &allowed) == 0
        ? CPU_COUNT(&allowed) : sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > maximum_threads ? maximum_threads : (size_t)online;
}

size_t ck_thread_count(void) {
    size_t count = atomic_load_explicit(&thread_count, memory_order_relaxed);
    if (count) return count;
    // Asking the system reads a file: once, not at every call.
    atomic_compare_exchange_strong(&thread_count, &count, default_thread_count());
    return atomic_load(&thread_count);
}

void ck_parallel_for(
    size_t count, size_t grain, void (*body)(void *, size_t, size_t), void *context) {
    if (count == 0) return;
    if (grain < 1) grain = 1;
    if (count <= grain || pthread_mutex_trylock(&call_lock) != 0) {
        body(context, 0, count);
        return;
    }
    size_t threads = ck_thread_count();
    start_workers(threads);
    if (threads == 1 || started_workers == 0) {
        pthread_mutex_unlock(&call_lock);
        body(context, 0, count);
        return;
    }
    size_t shares = threads * 16; // small pieces, so that nobody waits long for the last one
    size_t chunk = (count + shares - 1) / shares;
    chunk = (chunk + grain - 1) / grain * grain;
    current = (job){body, context, count, chunk, ck_current_level()};
    atomic_store(&next_index, 0);
    atomic_store(&is_open, true);
    atomic_fetch_add(&generation, 1);
    if (atomic_load(&sleeping) > 0) {
        pthread_mutex_lock(&sleep_lock);
        pthread_cond_broadcast(&wake);
        pthread_mutex_unlock(&sleep_lock);
    }
    run_chunks(&current);
    atomic_store(&is_open, false);
    wait_for_the_last();
    pthread_mutex_unlock(&call_lock);
}

void ck_keep_freed_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 512 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}
