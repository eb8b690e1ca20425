// Shared by the three codecs; not part of the interface.
#ifndef IC_INTERNAL_H
#define IC_INTERNAL_H

#include <stdio.h>
#include <stdlib.h>

#include "CImageCodecs.h"

static inline ic_status ic_fail(ic_message *message, ic_status status, const char *text) {
    snprintf(message->text, sizeof message->text, "%s", text);
    return status;
}

/// Grows `bytes` to at least `capacity` bytes of storage; 0 when there is no memory.
static inline int ic_reserve(ic_bytes *bytes, size_t capacity) {
    uint8_t *grown = realloc(bytes->data, capacity);
    if (grown != NULL) bytes->data = grown;
    return grown != NULL;
}

#endif
