// HTTP requests through libcurl, one at a time on a handle, on the calling thread.
//
// Swift cannot call functions with variable arguments, so the options are set here.
#ifndef CTRANSFER_H
#define CTRANSFER_H

#include <stdbool.h>
#include <stddef.h>

/// A connection that may be used again for the next request to the same host.
typedef struct ctransfer ctransfer;

/// NULL without memory. The first call of all must not run beside another.
ctransfer *ctransfer_open(void);
void ctransfer_close(ctransfer *transfer);

typedef struct {
    const char *url;
    /// Lines "Name: value"; "Name:" leaves out a header that libcurl would send by itself.
    const char *const *headers;
    size_t header_count;
    /// Sent with POST; NULL asks with GET.
    const char *body;
    size_t body_count;
    /// Called for every line of the answer's head, the status line first.
    void (*head)(void *context, const char *line, size_t count);
    /// Called for the body piece by piece; false ends the request.
    bool (*received)(void *context, const char *bytes, size_t count);
    /// Asked at least four times a second; false ends the request.
    bool (*goes_on)(void *context);
    void *context;
} ctransfer_request;

typedef struct {
    bool is_whole;
    /// Of HTTP; 0 when no answer began.
    long status;
    /// What went wrong, in libcurl's words.
    char reason[256];
} ctransfer_outcome;

/// Redirects are not followed; only http and https go out. Proxies are those of the environment.
ctransfer_outcome ctransfer_perform(ctransfer *transfer, const ctransfer_request *request);

/// Makes a request that waits on another thread ask `goes_on` at once.
void ctransfer_wake(ctransfer *transfer);

#endif
