#define _GNU_SOURCE 1
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
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
/// How many threads are giving the terminal back.
static atomic_int busy;

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

/// Gives back what `taken` said, once.
static void restore(int descriptor) {
    if (descriptor < 0) return;
    int error = errno;
    // Whoever else is writing stops before its next piece.
    atomic_store(&gone, true);
    // The modes first: they matter most, and a stuck terminal could hold the text back.
    tcsetattr(descriptor, TCSANOW, &shell_modes);
    // A terminal that takes nothing any more must not keep the process from ending.
    int flags = fcntl(descriptor, F_GETFL);
    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
    write_all(descriptor, restoring, sizeof restoring - 1, NULL);
    // The shell shares these flags.
    fcntl(descriptor, F_SETFL, flags);
    errno = error;
}

void terminal_restore(void) {
    atomic_fetch_add(&busy, 1);
    restore(atomic_exchange(&taken, -1));
    atomic_fetch_sub(&busy, 1);
}

/// Another thread may be in the middle of it, and would be cut off by the end of the process.
static void restore_at_exit(void) {
    terminal_restore();
    for (int i = 0; i < 500 && atomic_load(&busy) > 0; i++) {
        struct timespec moment = {0, 1000 * 1000};
        nanosleep(&moment, NULL);
    }
}

int terminal_remember(int descriptor) {
    if (tcgetattr(descriptor, &shell_modes) != 0) return errno;
    terminal = descriptor;
    return 0;
}

void terminal_take(void) {
    static atomic_bool registered;
    if (!atomic_exchange(&registered, true)) atexit(restore_at_exit);
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
