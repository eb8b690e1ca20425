#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <stddef.h>

/// Gives the terminal back from signal handlers, where only async-signal-safe calls are allowed,
/// and turns signals into bits that a loop can wait for. One terminal per process.

/// What happened since the last look.
enum {
    TERMINAL_WOKEN = 1,
    TERMINAL_RESIZED = 2,
    TERMINAL_CONTINUED = 4,
    TERMINAL_STOP = 8,
    TERMINAL_INTERRUPT = 16,
    TERMINAL_TERMINATE = 32,
    TERMINAL_HANGUP = 64,
    TERMINAL_QUIT = 128
};

/// The descriptor to poll: readable when something happened. Made once, never closed; -1 on error.
int terminal_signals_descriptor(void);

/// The bits since the last call; also empties the descriptor.
unsigned terminal_signals_take(void);

/// Sets a bit; from any thread, also from a signal handler. Many calls cost one byte.
void terminal_signals_set(unsigned bits);

/// Handles signals from now on: SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT and SIGQUIT as
/// bits; crashes give the terminal back and then end the process as they would have.
void terminal_signals_install(void);

/// What handled those signals before handles them again.
void terminal_signals_remove(void);

/// Remembers the modes of the terminal, for giving it back. 0, or the error.
int terminal_remember(int descriptor);

/// Raw mode: every byte arrives as it is, keys for signals too, and none is echoed or changed. From
/// now on the terminal is given back when the process ends in any way.
void terminal_take(void);

/// The modes as they were. What was typed or answered and not read is dropped, because the shell
/// would take it for commands. SIGINT, SIGQUIT and SIGTSTP mean whoever has the terminal now.
void terminal_give_back(void);

/// Gives the terminal back, modes and screen, if it is taken. Async-signal-safe.
void terminal_restore(void);

/// Ends what the app switched on, apart from the modes of the line.
const char *terminal_restoring_text(void);

/// Writes everything. 0, or the error. After a restore nothing is written any more.
int terminal_write(int descriptor, const void *bytes, size_t count);

/// A file without a name, for what ncurses writes; -1 on error.
int terminal_memory_file(void);

/// Stops the process group as ctrl-z would, and returns when it goes on.
void terminal_stop_group(void);

#endif
