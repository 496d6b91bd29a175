#include "cli/readline.h"

#include <dlfcn.h>

bool readline_load(struct readline *r)
{
	void *library = dlopen("libreadline.so.8", RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		return false;
#define SYMBOL(member, symbol) (*(void **)(void *)&r->member = dlsym(library, #symbol))
	return SYMBOL(install, rl_callback_handler_install) &&
	       SYMBOL(remove, rl_callback_handler_remove) &&
	       SYMBOL(read_char, rl_callback_read_char) && SYMBOL(bind_key, rl_bind_key_in_map) &&
	       SYMBOL(keymap, rl_get_keymap_by_name) && SYMBOL(insert, rl_insert) &&
	       SYMBOL(set, rl_variable_bind) && SYMBOL(matches, rl_completion_matches) &&
	       SYMBOL(filenames, rl_filename_completion_function) &&
	       SYMBOL(resize, rl_resize_terminal) && SYMBOL(measure, rl_reset_screen_size) &&
	       SYMBOL(redisplay, rl_redisplay) && SYMBOL(redraw, rl_forced_update_display) &&
	       SYMBOL(forget_keys, rl_clear_pending_input) && SYMBOL(prep, rl_prep_terminal) &&
	       SYMBOL(deprep, rl_deprep_terminal) && SYMBOL(free_line, rl_free_line_state) &&
	       SYMBOL(crlf, rl_crlf) && SYMBOL(on_new_line, rl_on_new_line) &&
	       SYMBOL(sigcleanup, rl_callback_sigcleanup) && SYMBOL(using_history, using_history) &&
	       SYMBOL(stifle, stifle_history) && SYMBOL(add, add_history) &&
	       SYMBOL(read_file, read_history) && SYMBOL(append_file, append_history) &&
	       SYMBOL(truncate_file, history_truncate_file) && SYMBOL(history_get, history_get) &&
	       SYMBOL(history_base, history_base) && SYMBOL(history_length, history_length) &&
	       SYMBOL(name, rl_readline_name) && SYMBOL(buffer, rl_line_buffer) &&
	       SYMBOL(point, rl_point) && SYMBOL(end, rl_end) &&
	       SYMBOL(getc_function, rl_getc_function) && SYMBOL(catch_signals, rl_catch_signals) &&
	       SYMBOL(catch_sigwinch, rl_catch_sigwinch) &&
	       SYMBOL(attempt, rl_attempted_completion_function) &&
	       SYMBOL(attempt_over, rl_attempted_completion_over) &&
	       SYMBOL(list, rl_completion_display_matches_hook) &&
	       SYMBOL(breaks, rl_completer_word_break_characters) &&
	       SYMBOL(quotes, rl_completer_quote_characters) &&
	       SYMBOL(file_quotes, rl_filename_quote_characters) &&
	       SYMBOL(no_blank, rl_completion_suppress_append) &&
	       SYMBOL(is_filename, rl_filename_completion_desired) &&
	       SYMBOL(sort, rl_sort_completion_matches) &&
	       SYMBOL(unique, rl_ignore_completion_duplicates);
#undef SYMBOL
}
