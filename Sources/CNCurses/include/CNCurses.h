#ifndef CNCURSES_H
#define CNCURSES_H

#include <stdint.h>

/// The part of ncurses that the app uses, as plain functions: most of ncurses' own names are macros
/// or mutable globals, which Swift cannot import.
///
/// ncurses draws into a file in memory (`descriptor`) instead of the terminal, so that it neither
/// touches the terminal's modes nor writes when others write. All calls come from one thread.

/// Attributes of a cell, with the values of `Attributes` in Swift.
enum {
    SCREEN_BOLD = 1,
    SCREEN_FAINT = 2,
    SCREEN_UNDERLINE = 4,
    SCREEN_REVERSE = 8,
    SCREEN_ITALIC = 16
};

/// Starts ncurses for a type of terminal. 0, or -1 when terminfo does not know the type, or -2 when
/// the terminal cannot place its cursor. Signal handlers stay as they were.
int screen_start(const char *type, int descriptor, int rows, int columns);

/// Ends it for good and frees it.
void screen_end(void);

/// How many colours and pairs of colours there are; 0 without colours.
int screen_colours(void);
int screen_pairs(void);

/// The pair of these colours, -1 being the terminal's own.
int screen_pair(int foreground, int background);

/// Fits ncurses' idea of the screen to its new size.
void screen_resize(int rows, int columns);

/// Everything on the screen is unknown: the next update clears it first. What was put is forgotten.
void screen_clear(void);

/// Puts a character (with marks that combine with it) into a cell.
void screen_put(int row, int column, const uint32_t *scalars, int count, unsigned attributes,
                int pair);

/// Writes the difference between what was put and what is shown to the descriptor, with the cursor
/// in this cell, or hidden when `row` is negative.
void screen_update(int row, int column);

/// The same for what was put so far, with the cursor where that ended.
void screen_update_row(void);

/// Writes what leaves the screen to the descriptor; the next update enters it again.
void screen_leave(void);

/// How many cells the C library takes this character for: -1 when it cannot be shown.
int screen_width(uint32_t scalar);

#endif
