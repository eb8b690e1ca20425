#ifndef CTERMINAL_SIGNALS_H
#define CTERMINAL_SIGNALS_H

#include <stdbool.h>

/// Whether the app has the terminal now.
bool terminal_is_taken(void);

/// Whether ctrl-z of another process is told to the app, which then gives the terminal back first,
/// or stops this process at once.
void terminal_handle_stop(bool ours);

#endif
