#ifndef CTERMINAL_H
#define CTERMINAL_H

/// Gives the terminal back from signal handlers, where only async-signal-safe calls are allowed.

#endif
