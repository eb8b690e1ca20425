#define _GNU_SOURCE 1
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "CTerminal.h"

static _Atomic int wake_end = -1;
static int look_end = -1;
static _Atomic unsigned pending;
static atomic_bool asked_to_end;
static bool installed;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS};
static const int notices[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
enum {
    CRASHES = sizeof crashes / sizeof *crashes,
    NOTICES = sizeof notices / sizeof *notices
};
static struct sigaction before_crashes[CRASHES];
static struct sigaction before_notices[NOTICES];

int terminal_signals_descriptor(void) {
    if (look_end >= 0) return look_end;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    look_end = ends[0];
    atomic_store(&wake_end, ends[1]);
    return look_end;
}

void terminal_signals_set(unsigned bits) {
    // Only the first bit since the last look needs a byte.
    if (atomic_fetch_or(&pending, bits) != 0) return;
    int error = errno;
    int descriptor = atomic_load(&wake_end);
    ssize_t ignored = descriptor < 0 ? 0 : write(descriptor, "", 1);
    (void)ignored;
    errno = error;
}

unsigned terminal_signals_take(void) {
    char bytes[16];
    // Emptied before the bits are taken: a bit set in between is taken, not lost.
    while (read(look_end, bytes, sizeof bytes) > 0) {
    }
    return atomic_exchange(&pending, 0);
}

/// Ends the process by the signal that is being handled, with what handled it before; the signal
/// is blocked until the handler returns.
static void raise_again(int number, const struct sigaction *before) {
    struct sigaction action = *before;
    if (action.sa_handler == SIG_IGN && !(action.sa_flags & SA_SIGINFO)) action.sa_handler = SIG_DFL;
    sigaction(number, &action, NULL);
    raise(number);
}

static void on_crash(int number) {
    terminal_restore();
    for (int i = 0; i < CRASHES; i++) {
        if (crashes[i] == number) raise_again(number, &before_crashes[i]);
    }
}

/// The first one asks for an orderly end, the next one does not ask. Hang-ups do not count:
/// kernel, terminal and shell each send their own when a window is closed.
static void on_end(int number, unsigned bit) {
    // While another program has the terminal, its keys for these are meant for that program.
    if (!terminal_is_taken() && (number == SIGINT || number == SIGQUIT)) return;
    if (number != SIGHUP && atomic_exchange(&asked_to_end, true)) {
        terminal_restore();
        static const struct sigaction standard = {.sa_handler = SIG_DFL};
        raise_again(number, &standard);
        return;
    }
    terminal_signals_set(bit);
}

static void on_notice(int number) {
    switch (number) {
    case SIGWINCH: terminal_signals_set(TERMINAL_RESIZED); break;
    case SIGCONT: terminal_signals_set(TERMINAL_CONTINUED); break;
    case SIGTSTP: terminal_signals_set(TERMINAL_STOP); break;
    case SIGTERM: on_end(number, TERMINAL_TERMINATE); break;
    case SIGHUP: on_end(number, TERMINAL_HANGUP); break;
    case SIGINT: on_end(number, TERMINAL_INTERRUPT); break;
    case SIGQUIT: on_end(number, TERMINAL_QUIT); break;
    }
}

/// A handler that runs after a stack overflow needs another stack, at least in this thread.
static void use_alternate_stack(void) {
    stack_t now;
    if (sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE)) return;
    enum { SIZE = 64 * 1024 };
    static void *memory;
    if (!memory) memory = malloc(SIZE);
    if (!memory) return;
    stack_t wanted = {.ss_sp = memory, .ss_flags = 0, .ss_size = SIZE};
    sigaltstack(&wanted, NULL);
}

static void install(int number, void (*handler)(int), int flags, struct sigaction *before) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_RESTART};
    sigfillset(&action.sa_mask);
    // A crash inside a handler must still end the process.
    for (int i = 0; i < CRASHES; i++) sigdelset(&action.sa_mask, crashes[i]);
    sigaction(number, &action, before);
}

void terminal_handle_stop(bool ours) {
    if (!installed) return;
    if (ours) {
        install(SIGTSTP, on_notice, 0, NULL);
    } else {
        static const struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(SIGTSTP, &standard, NULL);
    }
}

void terminal_signals_install(void) {
    if (installed) return;
    installed = true;
    atomic_store(&asked_to_end, false);
    // What an earlier terminal was told does not concern this one.
    terminal_signals_take();
    use_alternate_stack();
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int i = 0; i < NOTICES; i++) {
        install(notices[i], on_notice, 0, &before_notices[i]);
        sigaddset(&wanted, notices[i]);
    }
    for (int i = 0; i < CRASHES; i++) install(crashes[i], on_crash, SA_ONSTACK, &before_crashes[i]);
    pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);
}

void terminal_signals_remove(void) {
    if (!installed) return;
    installed = false;
    for (int i = 0; i < NOTICES; i++) sigaction(notices[i], &before_notices[i], NULL);
    for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &before_crashes[i], NULL);
}

void terminal_stop_group(void) {
    atomic_fetch_and(&pending, ~(unsigned)(TERMINAL_CONTINUED | TERMINAL_STOP));
    kill(0, SIGTSTP);
    // The signal may reach another thread first; whoever cannot be stopped (no shell waits for
    // the group) goes on after a moment.
    for (int i = 0; i < 20 && !(atomic_load(&pending) & TERMINAL_CONTINUED); i++) {
        struct timespec moment = {0, 10 * 1000 * 1000};
        nanosleep(&moment, NULL);
    }
    atomic_fetch_and(&pending, ~(unsigned)(TERMINAL_CONTINUED | TERMINAL_STOP));
}
