/* What is used of readline, which is loaded for the shell alone. */
#ifndef CLI_READLINE_H
#define CLI_READLINE_H

#include <stdbool.h>
#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>

struct readline {
	__typeof__(&rl_callback_handler_install) install;
	__typeof__(&rl_callback_handler_remove) remove;
	__typeof__(&rl_callback_read_char) read_char;
	__typeof__(&rl_bind_key_in_map) bind_key;
	__typeof__(&rl_get_keymap_by_name) keymap;
	__typeof__(&rl_insert) insert;
	__typeof__(&rl_variable_bind) set;
	__typeof__(&rl_completion_matches) matches;
	__typeof__(&rl_filename_completion_function) filenames;
	__typeof__(&rl_resize_terminal) resize;
	__typeof__(&rl_reset_screen_size) measure;
	__typeof__(&rl_redisplay) redisplay;
	__typeof__(&rl_forced_update_display) redraw;
	__typeof__(&rl_clear_pending_input) forget_keys;
	__typeof__(&rl_prep_terminal) prep;
	__typeof__(&rl_deprep_terminal) deprep;
	__typeof__(&rl_free_line_state) free_line;
	__typeof__(&rl_crlf) crlf;
	__typeof__(&rl_on_new_line) on_new_line;
	__typeof__(&rl_callback_sigcleanup) sigcleanup;
	__typeof__(&using_history) using_history;
	__typeof__(&stifle_history) stifle;
	__typeof__(&add_history) add;
	__typeof__(&read_history) read_file;
	__typeof__(&append_history) append_file;
	__typeof__(&history_truncate_file) truncate_file;
	__typeof__(&history_get) history_get;
	__typeof__(history_base) *history_base;
	__typeof__(history_length) *history_length;
	__typeof__(rl_readline_name) *name;
	__typeof__(rl_line_buffer) *buffer;
	__typeof__(rl_point) *point;
	__typeof__(rl_end) *end;
	__typeof__(rl_getc_function) *getc_function;
	__typeof__(rl_catch_signals) *catch_signals;
	__typeof__(rl_catch_sigwinch) *catch_sigwinch;
	__typeof__(rl_attempted_completion_function) *attempt;
	__typeof__(rl_attempted_completion_over) *attempt_over;
	__typeof__(rl_completion_display_matches_hook) *list;
	__typeof__(rl_completer_word_break_characters) *breaks;
	__typeof__(rl_completer_quote_characters) *quotes;
	__typeof__(rl_filename_quote_characters) *file_quotes;
	__typeof__(rl_completion_suppress_append) *no_blank;
	__typeof__(rl_filename_completion_desired) *is_filename;
	__typeof__(rl_sort_completion_matches) *sort;
	__typeof__(rl_ignore_completion_duplicates) *unique;
};

/* False when it is not installed. It stays loaded. */
bool readline_load(struct readline *r);

#endif
