/** What the actions of the keys' table do, where they have a room of their own. */
#ifndef INSPECTOR_TERM_ACT_H
#define INSPECTOR_TERM_ACT_H

#include "app.h"

/* move.c */
void act_scroll_details(struct app *app, long lines);
/** Up or down by that many rows. */
void act_move(struct app *app, long rows);
void act_up(struct app *app, uint32_t key);
void act_down(struct app *app, uint32_t key);
void act_page_up(struct app *app, uint32_t key);
void act_page_down(struct app *app, uint32_t key);
void act_first(struct app *app, uint32_t key);
void act_last(struct app *app, uint32_t key);
void act_left(struct app *app, uint32_t key);
void act_right(struct app *app, uint32_t key);

/* open.c */
void act_open(struct app *app, uint32_t key);
void act_view(struct app *app, uint32_t key);
void act_layout(struct app *app, uint32_t key);
void act_object(struct app *app, uint32_t key);
void act_thread(struct app *app, uint32_t key);

#endif
