#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#define _GNU_SOURCE 1
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include "CNCurses.h"

#include <ncursesw/curses.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

static SCREEN *screen;
static FILE *stream;
static int has_default_colours;

/// ncurses installs handlers for these; the app has its own.
static const int touched_signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { TOUCHED = sizeof touched_signals / sizeof *touched_signals };

static void stop(void) {
    if (screen) delscreen(screen);
    if (stream) fclose(stream);
    screen = NULL;
    stream = NULL;
}

int screen_start(const char *type, int descriptor, int rows, int columns) {
    stop();
    int copy = dup(descriptor);
    stream = copy < 0 ? NULL : fdopen(copy, "r+");
    if (!stream) return -1;
    struct sigaction before[TOUCHED];
    for (int i = 0; i < TOUCHED; i++) sigaction(touched_signals[i], NULL, &before[i]);
    screen = newterm(type, stream, stream);
    for (int i = 0; i < TOUCHED; i++) sigaction(touched_signals[i], &before[i], NULL);
    if (!screen) {
        stop();
        return -1;
    }
    const char *place = tigetstr("cup");
    if (!place || place == (const char *)-1) {
        stop();
        return -2;
    }
    has_default_colours = 0;
    if (has_colors() && start_color() == OK) has_default_colours = use_default_colors() == OK;
    set_escdelay(25);
    typeahead(-1);
    screen_resize(rows, columns);
    return 0;
}

void screen_end(void) { stop(); }

int screen_colours(void) { return screen && has_colors() ? COLORS : 0; }

int screen_pairs(void) { return screen && has_colors() ? COLOR_PAIRS : 0; }

int screen_pair(int foreground, int background) {
    if (!has_default_colours) {
        if (foreground < 0) foreground = COLOR_WHITE;
        if (background < 0) background = COLOR_BLACK;
    } else if (foreground < 0 && background < 0) {
        return 0;
    }
    int pair = alloc_pair(foreground, background);
    return pair < 0 ? 0 : pair;
}

void screen_resize(int rows, int columns) {
    if (rows < 1) rows = 1;
    if (columns < 1) columns = 1;
    resizeterm(rows, columns);
    // Shifted characters or lines would move the cells below a picture, but not the picture.
    idcok(stdscr, FALSE);
    idlok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    clearok(stdscr, FALSE);
}

void screen_clear(void) {
    werase(stdscr);
    clearok(curscr, TRUE);
}

void screen_put(int row, int column, const uint32_t *scalars, int count, unsigned attributes,
                int pair) {
    wchar_t text[CCHARW_MAX + 1] = {0};
    if (count > CCHARW_MAX) count = CCHARW_MAX;
    for (int i = 0; i < count; i++) text[i] = (wchar_t)scalars[i];
    attr_t look = A_NORMAL;
    if (attributes & SCREEN_BOLD) look |= A_BOLD;
    if (attributes & SCREEN_FAINT) look |= A_DIM;
    if (attributes & SCREEN_UNDERLINE) look |= A_UNDERLINE;
    if (attributes & SCREEN_REVERSE) look |= A_REVERSE;
    if (attributes & SCREEN_ITALIC) look |= A_ITALIC;
    cchar_t cell;
    // The pair goes through the last argument, where it may be larger than a short.
    if (setcchar(&cell, text, look, 0, &pair) == OK) mvwadd_wch(stdscr, row, column, &cell);
}

void screen_update(int row, int column) {
    if (row >= 0) wmove(stdscr, row, column);
    wnoutrefresh(stdscr);
    doupdate();
    // Also writes out what ncurses still holds.
    curs_set(row >= 0 ? 1 : 0);
}

void screen_update_row(void) {
    wnoutrefresh(stdscr);
    doupdate();
}

void screen_leave(void) {
    curs_set(1);
    endwin();
}

int screen_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }
