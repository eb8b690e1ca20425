#ifndef CNCURSES_H
#define CNCURSES_H

/// The part of ncurses that the app uses, without the macros that Swift cannot import.
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <ncursesw/curses.h>

#endif
