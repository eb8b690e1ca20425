#define _GNU_SOURCE 1
#include "CTerminal.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "signals.h"

/// Ends a half-written picture or reply first, because it would swallow all that follows.
/// `23;0;0t` takes the window's title back that terminfo's `smcup` of xterm put aside.
static const char restoring[] =
    "\x1b\\"
    "\x1b[?2026l"
    "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
    "\x1b[?1004l"
    "\x1b[?2004l"
    "\x1b[?25h"
    "\x1b[0m"
    "\x1b[?1049l"
    "\x1b[23;0;0t";

static struct termios shell_modes;
static int terminal = -1;
/// The terminal while it is ours, else -1.
static _Atomic int taken = -1;
/// The process is ending, and the terminal belongs to the shell again.
static atomic_bool gone;

const char *terminal_restoring_text(void) { return restoring; }

bool terminal_is_taken(void) { return atomic_load(&taken) >= 0; }

/// Writes without asking whether the terminal is still ours; gives up when it stays full.
static int write_all(int descriptor, const char *bytes, size_t count, const atomic_bool *end) {
    while (count > 0) {
        if (end && atomic_load(end)) return EIO;
        ssize_t written = write(descriptor, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd wanted = {descriptor, POLLOUT, 0};
            if (poll(&wanted, 1, end ? -1 : 200) == 0) return EAGAIN;
        } else if (written < 0 && errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int terminal_write(int descriptor, const void *bytes, size_t count) {
    return write_all(descriptor, bytes, count, &gone);
}

void terminal_restore(void) {
    int descriptor = atomic_exchange(&taken, -1);
    if (descriptor < 0) return;
    int error = errno;
    // Whoever else is writing stops before its next piece.
    atomic_store(&gone, true);
    // The modes first: they matter most, and a stuck terminal could hold the text back.
    tcsetattr(descriptor, TCSANOW, &shell_modes);
    write_all(descriptor, restoring, sizeof restoring - 1, NULL);
    errno = error;
}

int terminal_remember(int descriptor) {
    if (tcgetattr(descriptor, &shell_modes) != 0) return errno;
    terminal = descriptor;
    return 0;
}

void terminal_take(void) {
    static atomic_bool registered;
    if (!atomic_exchange(&registered, true)) atexit(terminal_restore);
    atomic_store(&gone, false);
    atomic_store(&taken, terminal);
    terminal_handle_stop(true);
    struct termios raw = shell_modes;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(terminal, TCSADRAIN, &raw);
}

void terminal_give_back(void) {
    tcsetattr(terminal, TCSAFLUSH, &shell_modes);
    atomic_store(&taken, -1);
    terminal_handle_stop(false);
}
