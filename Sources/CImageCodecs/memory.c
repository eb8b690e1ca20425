#include "CImageCodecs.h"

#ifdef __GLIBC__
#include <malloc.h>

void ic_return_large_blocks(void) {
    // Setting either one also ends the learning.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}
#else
void ic_return_large_blocks(void) {}
#endif
