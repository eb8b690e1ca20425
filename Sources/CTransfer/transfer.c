#include "CTransfer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct ctransfer {
    CURLM *multi; // keeps the connection
    CURL *easy;
};

ctransfer *ctransfer_open(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
    ctransfer *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->multi = curl_multi_init();
    t->easy = curl_easy_init();
    if (t->multi && t->easy) return t;
    ctransfer_close(t);
    return NULL;
}

void ctransfer_close(ctransfer *t) {
    if (!t) return;
    if (t->easy) curl_easy_cleanup(t->easy);
    if (t->multi) curl_multi_cleanup(t->multi);
    free(t);
}

void ctransfer_wake(ctransfer *t) { curl_multi_wakeup(t->multi); }

static size_t head(char *line, size_t size, size_t count, void *context) {
    const ctransfer_request *r = context;
    r->head(r->context, line, size * count);
    return size * count;
}

static size_t received(char *bytes, size_t size, size_t count, void *context) {
    const ctransfer_request *r = context;
    // Another number than was given stops libcurl.
    return r->received(r->context, bytes, size * count) ? size * count : size * count + 1;
}

static bool set_up(CURL *easy, const ctransfer_request *r, struct curl_slist *lines, char *reason) {
    curl_easy_reset(easy);
    bool is_set = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason) == CURLE_OK;
#define SET(OPTION, VALUE) is_set = is_set && curl_easy_setopt(easy, OPTION, VALUE) == CURLE_OK
    SET(CURLOPT_URL, r->url);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_CONNECTTIMEOUT, 30L);
    SET(CURLOPT_HTTPHEADER, lines);
    SET(CURLOPT_HEADERFUNCTION, head);
    SET(CURLOPT_HEADERDATA, (void *)r);
    SET(CURLOPT_WRITEFUNCTION, received);
    SET(CURLOPT_WRITEDATA, (void *)r);
    if (r->body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, r->body);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_count);
    }
#undef SET
    return is_set;
}

/// Whether the request ended by itself; its result then is in `result`.
static bool run(const ctransfer *t, const ctransfer_request *r, CURLcode *result) {
    for (;;) {
        int running = 0, left = 0;
        if (curl_multi_perform(t->multi, &running) != CURLM_OK) return false;
        for (CURLMsg *message; (message = curl_multi_info_read(t->multi, &left));) {
            if (message->msg != CURLMSG_DONE) continue;
            *result = message->data.result;
            return true;
        }
        if (running == 0 || !r->goes_on(r->context)) return false;
        if (curl_multi_poll(t->multi, NULL, 0, 250, NULL) != CURLM_OK) return false;
    }
}

ctransfer_outcome ctransfer_perform(ctransfer *t, const ctransfer_request *r) {
    ctransfer_outcome outcome = {false, 0, ""};
    char reason[CURL_ERROR_SIZE] = "";
    struct curl_slist *lines = NULL;
    bool is_ready = true;
    for (size_t i = 0; i < r->header_count && is_ready; i++) {
        struct curl_slist *longer = curl_slist_append(lines, r->headers[i]);
        is_ready = longer != NULL;
        if (longer) lines = longer;
    }
    is_ready = is_ready && set_up(t->easy, r, lines, reason);
    if (is_ready && curl_multi_add_handle(t->multi, t->easy) == CURLM_OK) {
        CURLcode result = CURLE_OK;
        bool has_ended = run(t, r, &result);
        outcome.is_whole = has_ended && result == CURLE_OK;
        if (has_ended && result != CURLE_OK && !reason[0]) {
            strncpy(reason, curl_easy_strerror(result), sizeof reason - 1);
        }
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &outcome.status);
        curl_multi_remove_handle(t->multi, t->easy);
    }
    // Nothing of the request outlives this call.
    curl_easy_reset(t->easy);
    curl_slist_free_all(lines);
    strncpy(outcome.reason, reason, sizeof outcome.reason - 1);
    return outcome;
}
