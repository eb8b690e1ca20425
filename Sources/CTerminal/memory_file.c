#define _GNU_SOURCE 1
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CTerminal.h"

int terminal_memory_file(void) {
    int descriptor = memfd_create("screen", MFD_CLOEXEC);
    if (descriptor >= 0) return descriptor;
    char path[] = "/tmp/studio-screen-XXXXXX";
    descriptor = mkostemp(path, 0);
    if (descriptor >= 0) unlink(path);
    return descriptor;
}
