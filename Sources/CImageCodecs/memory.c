#include "CImageCodecs.h"

#ifdef __GLIBC__
#include <malloc.h>

void ic_return_large_blocks(void) {
    // Setting either one also ends the learning.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    // By itself every thread that decodes gets an arena, and each keeps what it once needed.
    mallopt(M_ARENA_MAX, 2);
}

void ic_return_free_memory(void) { malloc_trim(0); }
#else
void ic_return_large_blocks(void) {}
void ic_return_free_memory(void) {}
#endif
